// SPDX-License-Identifier: Apache-2.0
// Thread groups: the threads that make up a process.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/sinsp_exception.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <utility>
#include <vector>

class sinsp_threadinfo;

namespace libsinsp {
namespace detail {
class group_member;
}  // namespace detail
}  // namespace libsinsp

// The list of a group's threads is cleaned once it has this many dead threads.
#define DEFAULT_DEAD_THREADS_THRESHOLD 11

// The threads of a process. threadinfo.h defines the functions that access threads. The threads of an inspector are looked up when a function needs
// them, so that objects are made for accessed threads only.
struct thread_group_info {
public:
	// A group of one thread that belongs to no inspector. Throws if the thread has been destroyed.
	thread_group_info(int64_t group_pid, bool reaper, std::weak_ptr<sinsp_threadinfo> current_thread):
	        m_known{group_pid, 1, reaper} {
		if(current_thread.expired()) {
			throw sinsp_exception("a thread group cannot be made of a thread that is gone");
		}
		m_threads.push_front(std::move(current_thread));
	}

	// The group `number` of an inspector.
	thread_group_info(std::shared_ptr<libsinsp::detail::core_link> link, uint64_t number):
	        m_link(std::move(link)),
	        m_number(number) {}

	// The number of threads that have not exited.
	uint64_t get_thread_count() const { return known().alive; }
	void increment_thread_count() { set_known(known().alive + 1, known().reaper); }
	void decrement_thread_count();

	// Whether this process becomes the parent of its orphaned descendants.
	bool is_reaper() const { return known().reaper; }
	void set_reaper(bool reaper) { set_known(known().alive, reaper); }

	int64_t get_tgroup_pid() const { return known().pid; }

	// The threads, the main thread first if it is known. A pointer may have expired. Valid until the next call.
	const std::list<std::weak_ptr<sinsp_threadinfo>>& get_thread_list() const;
	void add_thread_to_group(const std::shared_ptr<sinsp_threadinfo>& thread, bool main);
	void clean_expired_threads();
	// Returns null if the first thread no longer exists.
	sinsp_threadinfo* get_first_thread() const;

private:
	friend class sinsp_thread_manager;
	friend class libsinsp::detail::group_member;

	// The inspector; null if the group belongs to none, or no longer does. m_known then has the last values, and m_left the threads that were shared.
	sinsp_inspector* inspector() const {
		auto* of = m_link == nullptr ? nullptr : m_link->inspector;
		return of != nullptr && sinsp_thread_group_get(of, m_number, &m_known, sizeof(m_known)) ? of : nullptr;
	}

	const sinsp_thread_group_info& known() const {
		inspector();
		return m_known;
	}

	void left_by(const sinsp_thread_group_info& known, const std::shared_ptr<sinsp_threadinfo>& thread, bool main) {
		m_known = known;
		if(main) {
			m_left.emplace_front(thread);
		} else {
			m_left.emplace_back(thread);
		}
	}

	void set_known(uint64_t alive, bool reaper) {
		m_known.alive = alive;
		m_known.reaper = reaper;
		if(auto* of = inspector()) {
			libsinsp::detail::error error;
			error.check(sinsp_thread_group_set(of, m_number, alive, reaper, error.out()));
		}
	}

	// The ids of its threads in the inspector; threads without an inspector are added to it first.
	std::vector<uint64_t> placed_members(libsinsp::detail::core_link& link) const;

	// Makes this object the group `number` of an inspector.
	void bind(const std::shared_ptr<libsinsp::detail::core_link>& link, uint64_t number) {
		m_link = link;
		m_number = number;
	}

	std::shared_ptr<libsinsp::detail::core_link> m_link;
	uint64_t m_number = SINSP_NO_THREAD_GROUP;
	mutable sinsp_thread_group_info m_known = {-1, 0, false};
	// For a group of an inspector: the result of the last get_thread_list().
	mutable std::list<std::weak_ptr<sinsp_threadinfo>> m_threads;
	std::list<std::weak_ptr<sinsp_threadinfo>> m_left;
};
