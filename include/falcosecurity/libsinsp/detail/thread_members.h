// SPDX-License-Identifier: Apache-2.0
// Members of thread groups and of lists of children that need the complete class of threads. Included by threadinfo.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/relatives.h>
#include <libsinsp/detail/thread_class.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/thread_group_info.h>

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

inline std::vector<uint64_t> thread_group_info::placed_members(libsinsp::detail::core_link& link) const {
	std::vector<uint64_t> members;
	for(const auto& member : m_threads) {
		const auto thread = member.lock();
		if(thread != nullptr && thread->m_place.inspector() == nullptr) {
			libsinsp::detail::error error;
			const auto place = [&](sinsp_threadinfo* object, sinsp_error** out) {
				return sinsp_inspector_place_thread(link.inspector, object, out);
			};
			if(sinsp_threadinfo::give(thread, error, place) == SINSP_NO_THREAD) {
				error.raise();
			}
		}
		members.push_back(thread == nullptr ? SINSP_NO_THREAD : thread->m_place.id);
	}
	return members;
}

inline void libsinsp::detail::group_member::enter(const pointer& group) const {
	auto* inspector = m_place->inspector();
	error error;
	// A thread that is a member of the group itself is added to the inspector by this.
	const auto members = group != nullptr && group->inspector() == nullptr ? group->placed_members(*m_place->link) : std::vector<uint64_t>();
	if(group == nullptr || group->inspector() == inspector) {
		const uint64_t number = group == nullptr ? SINSP_NO_THREAD_GROUP : group->m_number;
		error.check(sinsp_thread_set_group(inspector, m_place->id, number, error.out()));
		return;
	}
	if(group->inspector() != nullptr) {
		throw sinsp_exception("a thread cannot be in a thread group of another inspector");
	}
	const auto known = group->known();
	const uint64_t number =
	        sinsp_thread_give_group(inspector, m_place->id, &known, members.data(), members.size(), error.out());
	if(number == SINSP_NO_THREAD_GROUP) {
		error.raise();
	}
	group->bind(m_place->link, number);
	m_place->link->groups[number] = group;
}

inline void thread_group_info::decrement_thread_count() {
	set_known(known().alive - 1, known().reaper);
	if(m_threads.size() >= m_known.alive + DEFAULT_DEAD_THREADS_THRESHOLD) {
		clean_expired_threads();
	}
}

inline const std::list<std::weak_ptr<sinsp_threadinfo>>& thread_group_info::get_thread_list() const {
	if(auto* of = inspector()) {
		m_threads.clear();
		const auto visit = [&](sinsp_thread_visitor visitor, void* context) {
			return sinsp_thread_group_each_thread(of, m_number, visitor, context);
		};
		libsinsp::detail::visit_numbers<uint64_t>(visit, [&](uint64_t id) {
			const auto* thread = m_link->thread(id);
			m_threads.emplace_back(thread == nullptr ? nullptr : thread->m_core_share.get());
			return true;
		});
	} else if(!m_left.empty()) {
		m_threads = m_left;
	}
	return m_threads;
}

inline void thread_group_info::add_thread_to_group(const std::shared_ptr<sinsp_threadinfo>& thread, bool main) {
	if(inspector() != nullptr) {
		throw sinsp_exception("a thread is added to a group of an inspector by adding it to the inspector");
	}
	main ? m_threads.push_front(thread) : m_threads.push_back(thread);
	increment_thread_count();
}

inline void thread_group_info::clean_expired_threads() {
	m_threads.remove_if([](const std::weak_ptr<sinsp_threadinfo>& thread) { return thread.expired(); });
}

inline sinsp_threadinfo* thread_group_info::get_first_thread() const {
	if(auto* of = inspector()) {
		uint64_t first = SINSP_NO_THREAD;
		const auto visit = [&](sinsp_thread_visitor visitor, void* context) {
			return sinsp_thread_group_each_thread(of, m_number, visitor, context);
		};
		libsinsp::detail::visit_numbers<uint64_t>(visit, [&](uint64_t id) {
			first = id;
			return false;
		});
		return m_link->thread(first);
	}
	const auto& threads = get_thread_list();
	return threads.empty() ? nullptr : threads.front().lock().get();
}

inline libsinsp::detail::children_member::list& libsinsp::detail::children_member::all() const {
	if(asks()) {
		m_list.clear();
		each([&](uint64_t id) {
			const auto* thread = m_place->link->thread(id);
			m_list.emplace_back(thread == nullptr ? nullptr : thread->m_core_share.get());
			return true;
		});
	}
	return m_list;
}
