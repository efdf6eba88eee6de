// SPDX-License-Identifier: Apache-2.0
// Threads and processes.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/detail/thread_class.h>
#include <libsinsp/detail/thread_members.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

// The thread table of an inspector, by tid.
class threadinfo_map_t {
public:
	typedef std::shared_ptr<sinsp_threadinfo> ptr_t;
	typedef std::function<bool(const ptr_t&)> const_shared_ptr_visitor_t;
	typedef std::function<bool(const sinsp_threadinfo&)> const_visitor_t;
	typedef std::function<bool(sinsp_threadinfo&)> visitor_t;

	explicit threadinfo_map_t(std::shared_ptr<libsinsp::detail::core_link> link): m_link(std::move(link)) {}

	// Returns null if there is no such thread.
	sinsp_threadinfo* get(uint64_t tid) {
		return m_link->thread(sinsp_inspector_thread(m_link->inspector, static_cast<int64_t>(tid)));
	}

	// Returns null if there is no such thread.
	const ptr_t& get_ref(uint64_t tid) { return share(get(tid)); }

	// These call `callback` for each thread, in no order, until it returns false, and return whether all calls returned true. `callback` may change the table.
	bool const_loop_shared_pointer(const const_shared_ptr_visitor_t& callback) {
		return each([&](sinsp_threadinfo& thread) { return callback(share(&thread)); });
	}
	bool const_loop(const const_visitor_t& callback) const { return each(callback); }
	bool loop(const visitor_t& callback) { return each(callback); }

	// Removes a thread as its exit does.
	void erase(uint64_t tid) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_remove_thread(m_link->inspector, static_cast<int64_t>(tid), error.out()));
	}
	void clear() {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_clear_threads(m_link->inspector, error.out()));
	}

	size_t size() const { return sinsp_inspector_thread_count(m_link->inspector); }

private:
	friend class sinsp_thread_manager;

	static const ptr_t& share(const sinsp_threadinfo* thread) {
		static const ptr_t none;
		return thread == nullptr ? none : thread->m_core_share.get();
	}

	template<typename Callback>
	bool each(const Callback& callback) const {
		libsinsp::detail::error error;
		const auto visit = [&](sinsp_thread_visitor visitor, void* context) {
			return sinsp_inspector_each_thread(m_link->inspector, visitor, context, error.out());
		};
		const bool whole = libsinsp::detail::visit_numbers<uint64_t>(visit, [&](uint64_t id) {
			auto* thread = m_link->thread(id);
			return thread == nullptr || callback(*thread);
		});
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		return whole;
	}

	std::shared_ptr<libsinsp::detail::core_link> m_link;
};
