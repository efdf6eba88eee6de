// SPDX-License-Identifier: Apache-2.0
// The fd table of a process.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

// The fds of a process, by number. For a thread of an inspector these are the inspector's fds; for a thread without an inspector, those that
// were added to the object or were open when it left the inspector. A returned fd is valid until it is closed, or as long as a shared
// pointer to it exists.
class sinsp_fdtable : public libsinsp::state::extensible_table<int64_t> {
public:
	typedef std::function<bool(int64_t, sinsp_fdinfo&)> fdtable_visitor_t;
	typedef std::function<bool(int64_t, const sinsp_fdinfo&)> fdtable_const_visitor_t;

	explicit sinsp_fdtable(const std::shared_ptr<libsinsp::state::dynamic_field_infos>& fields = nullptr):
	        extensible_table("", &sinsp_fdinfo::static_fields(), fields) {}

	// Returns null if the table has no such fd.
	sinsp_fdinfo* find(int64_t fd) {
		if(m_place.inspector() != nullptr) {
			return m_place.link->file(m_place.id, fd);
		}
		const auto it = m_files.find(fd);
		return it == m_files.end() ? nullptr : it->second.get();
	}

	// Returns null if the table has no such fd.
	std::shared_ptr<sinsp_fdinfo> find_ref(int64_t fd) {
		if(m_place.inspector() != nullptr) {
			auto* file = find(fd);
			return file == nullptr ? nullptr : file->m_core_share.get();
		}
		const auto it = m_files.find(fd);
		return it == m_files.end() ? nullptr : it->second;
	}

	// Adds an fd, or replaces the one of the same number. Returns null if the table is full.
	sinsp_fdinfo* add(int64_t fd, std::shared_ptr<sinsp_fdinfo>&& fdinfo) {
		if(fdinfo == nullptr) {
			throw sinsp_exception("no file to add to a table of files");
		}
		auto* file = fdinfo.get();
		file->m_fd = fd;
		auto* inspector = m_place.inspector();
		if(inspector == nullptr) {
			m_files[fd] = std::move(fdinfo);
			return file;
		}
		file->m_core_share.set(std::move(fdinfo));
		libsinsp::detail::error error;
		const bool added = sinsp_thread_add_fd(inspector, m_place.id, fd, file, error.out());
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		return added ? file : nullptr;
	}

	// Calls `callback` for each fd, in no order, until it returns false. Returns whether all calls returned true. `callback` may change the table.
	bool const_loop(const fdtable_const_visitor_t& callback) const {
		return const_cast<sinsp_fdtable*>(this)->each(callback);
	}
	bool loop(const fdtable_visitor_t& callback) { return each(callback); }

	// Removes the fds for which `callback` returns false.
	void retain(const fdtable_const_visitor_t& callback) {
		each([&](int64_t fd, const sinsp_fdinfo& file) {
			if(!callback(fd, file)) {
				erase(fd);
			}
			return true;
		});
	}

	// Returns whether the fd was in the table.
	bool erase(int64_t fd) {
		auto* inspector = m_place.inspector();
		if(inspector == nullptr) {
			return m_files.erase(fd) != 0;
		}
		libsinsp::detail::error error;
		const bool erased = sinsp_thread_remove_fd(inspector, m_place.id, fd, error.out());
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		return erased;
	}

	void clear() {
		retain([](int64_t, const sinsp_fdinfo&) { return false; });
	}

	size_t size() const {
		if(auto* inspector = m_place.inspector()) {
			return sinsp_thread_fd_count(inspector, m_place.id);
		}
		return m_files.size();
	}

	uint64_t get_tid() const { return m_tid; }
	void set_tid(uint64_t tid) { m_tid = tid; }
	// Does nothing: lookups are not cached.
	void reset_cache() {}

	// The interface of a table of state.

	using extensible_table::add_entry;
	using extensible_table::clear_entries;
	using extensible_table::erase_entry;
	using extensible_table::get_entry;

	const char* name() const override { return "file_descriptors"; }
	size_t entries_count() const override { return size(); }
	void clear_entries() override { clear(); }
	bool erase_entry(const int64_t& key) override { return erase(key); }
	std::shared_ptr<libsinsp::state::table_entry> get_entry(const int64_t& key) override { return find_ref(key); }
	bool foreach_entry(std::function<bool(libsinsp::state::table_entry& e)> pred) override {
		return loop([&pred](int64_t, sinsp_fdinfo& file) { return pred(file); });
	}
	std::unique_ptr<libsinsp::state::table_entry> new_entry() const override {
		return m_place.inspector() != nullptr ? m_place.link->make_file() : std::make_unique<sinsp_fdinfo>(dynamic_fields());
	}
	// Returns null if the table is full.
	std::shared_ptr<libsinsp::state::table_entry> add_entry(const int64_t& key,
	                                                        std::unique_ptr<libsinsp::state::table_entry> entry) override {
		auto file = std::dynamic_pointer_cast<sinsp_fdinfo>(std::shared_ptr<libsinsp::state::table_entry>(std::move(entry)));
		if(file == nullptr) {
			throw sinsp_exception("only a file can be added to a table of files");
		}
		return add(key, std::shared_ptr<sinsp_fdinfo>(file)) == nullptr ? nullptr : file;
	}

private:
	friend class sinsp_threadinfo;
	friend struct libsinsp::detail::stores;

	template<typename Callback>
	bool each(const Callback& callback) {
		if(auto* inspector = m_place.inspector()) {
			const auto visit = [&](sinsp_fd_visitor visitor, void* context) {
				return sinsp_thread_each_fd(inspector, m_place.id, visitor, context);
			};
			return libsinsp::detail::visit_numbers<int64_t>(visit, [&](int64_t fd) {
				auto* file = find(fd);
				return file == nullptr || callback(fd, *file);
			});
		}
		const auto files = m_files;
		for(const auto& [fd, file] : files) {
			if(!callback(fd, *file)) {
				return false;
			}
		}
		return true;
	}

	// Becomes the table of a thread of an inspector and moves its fds to the inspector.
	void attach(const libsinsp::detail::thread_place& place) {
		m_place = place;
		auto files = std::move(m_files);
		m_files.clear();
		for(auto& [fd, file] : files) {
			add(fd, std::move(file));
		}
	}

	libsinsp::detail::thread_place m_place;
	std::unordered_map<int64_t, std::shared_ptr<sinsp_fdinfo>> m_files;
	uint64_t m_tid = static_cast<uint64_t>(-1);
};
