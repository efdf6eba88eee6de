// SPDX-License-Identifier: Apache-2.0
// The members of sinsp_threadinfo for the thread group and the children. They query the inspector when accessed, so that accessing one thread does not
// make objects for its whole process tree. Internal, except for the members' functions.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/thread_group_info.h>

#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <utility>

namespace libsinsp {
namespace detail {

// Behaves like a std::shared_ptr<thread_group_info>. Without an inspector it holds the group that was assigned.
class group_member {
public:
	using pointer = std::shared_ptr<thread_group_info>;

	// `place`: the thread_place of the thread that has this member.
	explicit group_member(const thread_place& place): m_place(&place) {}
	group_member(const group_member& other): m_group(other.share()) {}
	group_member& operator=(const group_member& other) { return *this = other.share(); }
	// Moves the thread to a group; the groups' lists of threads do not change.
	group_member& operator=(pointer group) {
		if(asks()) {
			enter(group);
		}
		m_group = std::move(group);
		return *this;
	}

	operator const pointer&() const { return share(); }
	thread_group_info* get() const { return share().get(); }
	thread_group_info* operator->() const { return get(); }
	thread_group_info& operator*() const { return *get(); }
	explicit operator bool() const { return get() != nullptr; }
	operator std::weak_ptr<thread_group_info>() const { return share(); }
	long use_count() const { return share().use_count(); }
	void reset() { *this = pointer(); }

	// Called when the thread leaves its inspector: it keeps its group, with the last data `known`.
	void leave(pointer group, const sinsp_thread_group_info& known, const std::shared_ptr<sinsp_threadinfo>& thread, bool main) {
		group->left_by(known, thread, main);
		m_group = std::move(group);
	}

	friend bool operator==(const group_member& a, std::nullptr_t) { return a.get() == nullptr; }
	friend bool operator!=(const group_member& a, std::nullptr_t) { return a.get() != nullptr; }
	friend bool operator==(std::nullptr_t, const group_member& a) { return a.get() == nullptr; }
	friend bool operator!=(std::nullptr_t, const group_member& a) { return a.get() != nullptr; }
	friend bool operator==(const group_member& a, const pointer& b) { return a.get() == b.get(); }
	friend bool operator!=(const group_member& a, const pointer& b) { return a.get() != b.get(); }
	friend bool operator==(const pointer& a, const group_member& b) { return a.get() == b.get(); }
	friend bool operator!=(const pointer& a, const group_member& b) { return a.get() != b.get(); }
	friend bool operator==(const group_member& a, const group_member& b) { return a.get() == b.get(); }
	friend bool operator!=(const group_member& a, const group_member& b) { return a.get() != b.get(); }

	const pointer& share() const {
		if(asks()) {
			m_group = group(m_place->link, sinsp_thread_group(m_place->inspector(), m_place->id));
		}
		return m_group;
	}
	// The group assigned to a thread without an inspector.
	pointer own() const { return asks() ? nullptr : m_group; }

	// The object of a group of an inspector; the same object as long as it is shared.
	static pointer group(const std::shared_ptr<core_link>& link, uint64_t number) {
		if(number == SINSP_NO_THREAD_GROUP) {
			return nullptr;
		}
		auto& groups = link->groups;
		if(groups.size() >= link->groups_before_dropping) {
			for(auto it = groups.begin(); it != groups.end();) {
				it = it->second.expired() ? groups.erase(it) : std::next(it);
			}
			link->groups_before_dropping = 2 * groups.size() + 64;
		}
		auto& known = groups[number];
		auto shared = known.lock();
		if(shared == nullptr) {
			shared = std::make_shared<thread_group_info>(link, number);
			known = shared;
			link->forget_groups();
		}
		return shared;
	}

private:
	bool asks() const { return m_place != nullptr && m_place->inspector() != nullptr; }

	// Defined where the class of threads is.
	void enter(const pointer& group) const;

	// Null in a copy: it belongs to no inspector.
	const thread_place* m_place = nullptr;
	mutable pointer m_group;
};

// Behaves like a const std::list<std::weak_ptr<sinsp_threadinfo>>, the youngest child first. A pointer may have expired.
class children_member {
public:
	using list = std::list<std::weak_ptr<sinsp_threadinfo>>;
	using value_type = list::value_type;
	using const_iterator = list::const_iterator;
	using iterator = list::iterator;

	explicit children_member(const thread_place& place): m_place(&place) {}
	children_member(const children_member& other): m_list(other.all()) {}
	children_member& operator=(const children_member& other) {
		m_list = other.all();
		return *this;
	}

	operator const list&() const { return all(); }

	size_t size() const {
		if(!asks()) {
			return m_list.size();
		}
		size_t count = 0;
		each([&](uint64_t) { return ++count != 0; });
		return count;
	}
	bool empty() const { return size() == 0; }

	// begin(), front(), rbegin() and kin read the children again, which invalidates iterators.
	list::const_reverse_iterator rbegin() const { return all().rbegin(); }
	list::const_reverse_iterator rend() const { return m_list.rend(); }
	iterator begin() { return all().begin(); }
	const_iterator begin() const { return all().begin(); }
	const_iterator cbegin() const { return all().begin(); }
	iterator end() { return m_list.end(); }
	const_iterator end() const { return m_list.end(); }
	const_iterator cend() const { return m_list.end(); }
	const value_type& front() const { return all().front(); }
	const value_type& back() const { return all().back(); }

	// For threads without an inspector only.
	void push_front(value_type child) { m_list.push_front(std::move(child)); }
	void clear() { m_list.clear(); }

private:
	bool asks() const { return m_place != nullptr && m_place->inspector() != nullptr; }

	template<typename Each>
	void each(const Each& each) const {
		const auto visit = [&](sinsp_thread_visitor visitor, void* context) {
			return sinsp_thread_each_child(m_place->inspector(), m_place->id, visitor, context);
		};
		visit_numbers<uint64_t>(visit, each);
	}

	// Defined where the class of threads is.
	list& all() const;

	const thread_place* m_place = nullptr;
	mutable list m_list;
};

}  // namespace detail
}  // namespace libsinsp
