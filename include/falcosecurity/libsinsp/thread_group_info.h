// SPDX-License-Identifier: Apache-2.0
// Thread groups: the threads that make up a process.
#pragma once

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

// From so many threads that are gone on, the list of a group's threads is cleaned.
#define DEFAULT_DEAD_THREADS_THRESHOLD 11

// The threads of a process; threadinfo.h has its functions that look at threads. Those of an inspector are asked for when they are needed: only then they get objects.
struct thread_group_info {
public:
	// A group of one thread, which belongs to no inspector yet. Throws if the thread is gone.
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

	// How many threads have not exited.
	uint64_t get_thread_count() const { return known().alive; }
	void increment_thread_count() { set_known(known().alive + 1, known().reaper); }
	inline void decrement_thread_count();

	// Whether children that lose their parent come to this process.
	bool is_reaper() const { return known().reaper; }
	void set_reaper(bool reaper) { set_known(known().alive, reaper); }

	int64_t get_tgroup_pid() const { return known().pid; }

	// The threads, the main thread first, if it is known; some may be gone. Valid until the next call.
	inline const std::list<std::weak_ptr<sinsp_threadinfo>>& get_thread_list() const;
	inline void add_thread_to_group(const std::shared_ptr<sinsp_threadinfo>& thread, bool main);
	inline void clean_expired_threads();
	// Null if it is gone.
	inline sinsp_threadinfo* get_first_thread() const;

private:
	friend class sinsp_thread_manager;
	friend class libsinsp::detail::group_member;

	// Null if it belongs to no inspector, or to none any more: then it knows what was known last, and the threads that were held when they left.
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

	// The numbers of its threads, which become threads of the inspector if they are of none.
	inline std::vector<uint64_t> placed_members(libsinsp::detail::core_link& link) const;

	// Becomes the group `number` of an inspector.
	void bind(const std::shared_ptr<libsinsp::detail::core_link>& link, uint64_t number) {
		m_link = link;
		m_number = number;
	}

	std::shared_ptr<libsinsp::detail::core_link> m_link;
	uint64_t m_number = SINSP_NO_THREAD_GROUP;
	mutable sinsp_thread_group_info m_known = {-1, 0, false};
	// Of a group of an inspector, those that were asked for last.
	mutable std::list<std::weak_ptr<sinsp_threadinfo>> m_threads;
	std::list<std::weak_ptr<sinsp_threadinfo>> m_left;
};
