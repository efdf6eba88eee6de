// SPDX-License-Identifier: Apache-2.0
// The thread table of an inspector.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/state/table.h>
#include <libsinsp/thread_group_info.h>
#include <libsinsp/threadinfo.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// The list of a thread's children is cleaned once it has this many dead children.
#define DEFAULT_EXPIRED_CHILDREN_THRESHOLD 10

// The threads of an inspector. The state lives as long as this object or the inspector. Used on the operating-system thread that uses the
// inspector.
class SINSP_PUBLIC sinsp_thread_manager : public libsinsp::state::extensible_table<int64_t>, public libsinsp::state::sinsp_table_owner {
public:
	typedef std::function<bool(sinsp_threadinfo*)> visitor_func_t;

	explicit sinsp_thread_manager(std::shared_ptr<libsinsp::detail::core> core):
	        extensible_table("threads", &sinsp_threadinfo::static_fields(), core->params->thread_fields),
	        m_core(std::move(core)),
	        m_threads(m_core->link) {}
	sinsp_thread_manager(const sinsp_thread_manager&) = delete;
	sinsp_thread_manager& operator=(const sinsp_thread_manager&) = delete;
	~sinsp_thread_manager() override = default;

	threadinfo_map_t* get_threads() { return &m_threads; }
	uint32_t get_thread_count() { return static_cast<uint32_t>(m_threads.size()); }
	void clear() { m_threads.clear(); }
	// Counts the threads, and the fds that each of them uses. Any thread may call this, also while another one reads events.
	void census(uint64_t& threads, uint64_t& fds) const {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_census(handle(), &threads, &fds, error.out()));
	}

	// The thread `tid`; the same object each time. Null if it is not in the table.
	const threadinfo_map_t::ptr_t& find_thread(int64_t tid, bool) {
		return threadinfo_map_t::share(m_core->link->thread(sinsp_inspector_thread(handle(), tid)));
	}
	// As find_thread(), but an unknown thread is read from /proc, or added with unknown data. Null if the table is full.
	const threadinfo_map_t::ptr_t& get_thread(int64_t tid, bool = true, bool = false) {
		return threadinfo_map_t::share(m_core->link->thread(sinsp_inspector_find_thread(handle(), tid)));
	}

	// Adds a thread that the program made, or replaces the one with its tid. Returns null if the table is full.
	const threadinfo_map_t::ptr_t& add_thread(std::unique_ptr<sinsp_threadinfo> threadinfo,
	                                          bool must_create_thread_dependencies) {
		const std::shared_ptr<sinsp_threadinfo> share = std::move(threadinfo);
		// A thread that the program put into a group is not moved to another.
		const bool tie = must_create_thread_dependencies && share->m_tginfo == nullptr;
		libsinsp::detail::error error;
		const auto add = [&](sinsp_threadinfo* object, sinsp_error** out) {
			return sinsp_inspector_add_thread(handle(), object, tie, out);
		};
		if(sinsp_threadinfo::give(share, error, add) == SINSP_NO_THREAD) {
			if(error.status() == SINSP_FAILURE) {
				return threadinfo_map_t::share(nullptr);
			}
			error.raise();
		}
		return share->m_core_share.get();
	}

	// Removes a thread as its exit does: its children go to a reaper, and a main thread stays until its process has no other thread.
	void remove_thread(int64_t tid) { m_threads.erase(static_cast<uint64_t>(tid)); }

	// Adds a thread to the group of its process and to its parent's children, unless its ids are invalid, it has a group, or it is in an inspector.
	void create_thread_dependencies(const std::shared_ptr<sinsp_threadinfo>& tinfo) {
		if(tinfo == nullptr) {
			throw sinsp_exception("no thread to create dependencies for");
		}
		if(tinfo->is_invalid() || tinfo->m_tginfo || tinfo->m_place.inspector() != nullptr) {
			return;
		}
		libsinsp::detail::error error;
		const auto tie = [&](sinsp_threadinfo* object, sinsp_error** out) {
			return sinsp_inspector_tie_thread(handle(), object, out);
		};
		if(sinsp_threadinfo::give(tinfo, error, tie) == SINSP_NO_THREAD) {
			error.raise();
		}
	}

	// The thread that would become the parent of the children of `tinfo` if it exited; null if there is none.
	sinsp_threadinfo* find_new_reaper(sinsp_threadinfo* tinfo) {
		if(tinfo == nullptr) {
			throw sinsp_exception("no thread to find a reaper for");
		}
		return m_core->link->thread(sinsp_thread_find_reaper(handle(), tinfo->m_place.id));
	}

	// The main thread of the parent of the thread's process (1), of its grandparent (2) and so on; null if it is not in the table.
	sinsp_threadinfo* get_ancestor_process(sinsp_threadinfo& tinfo, uint32_t n = 1) {
		return m_core->link->thread(sinsp_thread_ancestor(handle(), tinfo.m_place.id, n));
	}

	// Calls `visitor` for the thread's ancestors by parent tid, the parent first, until it returns false. Stops if the parents form a loop;
	// parent_loop_detected() of the thread then returns true.
	void traverse_parent_state(sinsp_threadinfo& tinfo, visitor_func_t& visitor) {
		bool in_circle = false;
		const auto visit = [&](sinsp_thread_visitor each, void* context) {
			return sinsp_thread_each_parent(handle(), tinfo.m_place.id, &in_circle, each, context);
		};
		const bool reached_end = libsinsp::detail::visit_numbers<uint64_t>(visit, [&](uint64_t id) {
			auto* thread = m_core->link->thread(id);
			return thread != nullptr && visitor(thread);
		});
		tinfo.set_parent_loop_detected(reached_end && in_circle);
	}

	// The thread whose tid is get_thread_id(tinfo), or if there is none (or the id is one of an inner pid namespace: `is_virtual_id`) the last of the
	// consecutive ancestors for which get_thread_id() returns the same id.
	inline sinsp_threadinfo* get_oldest_matching_ancestor(sinsp_threadinfo* tinfo,
	                                                      const std::function<int64_t(sinsp_threadinfo*)>& get_thread_id,
	                                                      bool is_virtual_id = false);
	// Returns get_field_str() of that thread; an empty string if there is none.
	std::string get_ancestor_field_as_string(sinsp_threadinfo* tinfo,
	                                         const std::function<int64_t(sinsp_threadinfo*)>& get_thread_id,
	                                         const std::function<std::string(sinsp_threadinfo*)>& get_field_str,
	                                         bool is_virtual_id = false) {
		auto* ancestor = get_oldest_matching_ancestor(tinfo, get_thread_id, is_virtual_id);
		return ancestor == nullptr ? "" : get_field_str(ancestor);
	}

	// Returns null if the process is not known.
	const std::shared_ptr<thread_group_info>& get_thread_group_info(int64_t pid) const {
		m_group = libsinsp::detail::group_member::group(m_core->link, sinsp_inspector_thread_group(handle(), pid));
		return m_group;
	}

	// Sets the group of the process `pid`. Its threads need not be in the table.
	void set_thread_group_info(int64_t pid, const std::shared_ptr<thread_group_info>& tginfo) {
		if(tginfo == nullptr) {
			throw sinsp_exception("no thread group to set");
		}
		libsinsp::detail::error error;
		const auto members = tginfo->inspector() == nullptr ? tginfo->placed_members(*m_core->link) : std::vector<uint64_t>();
		if(tginfo->inspector() != nullptr) {
			if(tginfo->inspector() != handle()) {
				throw sinsp_exception("a thread group of another inspector cannot be set");
			}
			error.check(sinsp_inspector_name_thread_group(handle(), pid, tginfo->m_number, error.out()));
		} else {
			auto known = tginfo->known();
			known.pid = pid;
			const uint64_t number =
			        sinsp_inspector_set_thread_group(handle(), &known, members.data(), members.size(), error.out());
			if(number == SINSP_NO_THREAD_GROUP) {
				error.raise();
			}
			tginfo->bind(m_core->link, number);
			m_core->link->groups[number] = tginfo;
		}
		m_groups[pid] = tginfo;
	}

	uint32_t get_max_thread_table_size() const { return static_cast<uint32_t>(sinsp_inspector_thread_limit(handle())); }
	// Threads already in the table stay even if there are more.
	void set_max_thread_table_size(uint32_t value) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_thread_limit(handle(), value, error.out()));
	}

	// The time of the last search for threads that no longer exist, in nanoseconds since the epoch; 0: none yet.
	void set_last_flush_time_ns(uint64_t v) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_option(handle(), SINSP_OPTION_LAST_PURGE, v, error.out()));
	}

	// The interface of a table of state.

	using extensible_table::add_entry;
	using extensible_table::clear_entries;
	using extensible_table::erase_entry;
	using extensible_table::get_entry;

	size_t entries_count() const override { return m_threads.size(); }
	void clear_entries() override { clear(); }
	std::unique_ptr<libsinsp::state::table_entry> new_entry() const override { return m_core->threads.create(); }
	bool foreach_entry(std::function<bool(libsinsp::state::table_entry& e)> pred) override {
		return m_threads.loop([&pred](sinsp_threadinfo& thread) { return pred(thread); });
	}
	std::shared_ptr<libsinsp::state::table_entry> get_entry(const int64_t& key) override { return find_thread(key, true); }
	// Returns null if the table is full.
	std::shared_ptr<libsinsp::state::table_entry> add_entry(const int64_t& key,
	                                                        std::unique_ptr<libsinsp::state::table_entry> entry) override {
		auto* thread = dynamic_cast<sinsp_threadinfo*>(entry.get());
		if(thread == nullptr) {
			throw sinsp_exception("only a thread can be added to the table of threads");
		}
		entry.release();
		thread->m_tid = key;
		return add_thread(std::unique_ptr<sinsp_threadinfo>(thread), true);
	}
	bool erase_entry(const int64_t& key) override {
		const bool known = find_thread(key, true) != nullptr;
		if(known) {
			remove_thread(key);
		}
		return known;
	}

private:
	sinsp_inspector* handle() const { return m_core->handle(); }

	std::shared_ptr<libsinsp::detail::core> m_core;
	threadinfo_map_t m_threads;
	mutable std::shared_ptr<thread_group_info> m_group;
	// The groups that the program set, by their pids.
	std::unordered_map<int64_t, std::shared_ptr<thread_group_info>> m_groups;
};

inline sinsp_threadinfo* sinsp_thread_manager::get_oldest_matching_ancestor(
        sinsp_threadinfo* tinfo,
        const std::function<int64_t(sinsp_threadinfo*)>& get_thread_id,
        bool is_virtual_id) {
	const int64_t id = tinfo == nullptr ? -1 : get_thread_id(tinfo);
	if(id == -1) {
		return nullptr;
	}
	// A tid of an inner pid namespace is not a key of the table: search the ancestors.
	if(!is_virtual_id || !tinfo->is_in_pid_namespace()) {
		if(auto* leader = find_thread(id, true).get()) {
			return leader;
		}
	}
	sinsp_threadinfo* leader = nullptr;
	visitor_func_t visitor = [&](sinsp_threadinfo* parent) {
		const bool matches = get_thread_id(parent) == id;
		leader = matches ? parent : leader;
		return matches;
	};
	traverse_parent_state(*tinfo, visitor);
	return leader;
}
