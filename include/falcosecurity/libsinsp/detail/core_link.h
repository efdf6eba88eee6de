// SPDX-License-Identifier: Apache-2.0
// How objects of threads, files and thread groups find the inspector that they belong to. Nothing here is for consumers.
#pragma once

#include <libsinsp/capi.h>
#include <libsinsp/detail/ffi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <utility>

class sinsp_fdinfo;
class sinsp_threadinfo;
struct thread_group_info;

namespace libsinsp {
namespace detail {

// What all objects of an inspector share. The inspector may end before them: then `inspector` is null, and they know only what they
// hold themselves.
struct core_link {
	sinsp_inspector* inspector = nullptr;
	// The objects of thread groups, by their number, as far as somebody holds them; those that nobody holds are dropped now and then.
	std::unordered_map<uint64_t, std::weak_ptr<thread_group_info>> groups;
	size_t groups_before_dropping = 64;
	// Makes a file for a table of files, while the inspector is there.
	std::function<std::unique_ptr<sinsp_fdinfo>()> make_file;
	// What the program threw when it was last to make an object.
	std::exception_ptr thrown;

	// The object of a thread, which is made if there is none; null if the thread is gone. Throws what the program threw meanwhile.
	sinsp_threadinfo* thread(uint64_t id) {
		if(id == SINSP_NO_THREAD || inspector == nullptr) {
			return nullptr;
		}
		thrown = nullptr;
		return static_cast<sinsp_threadinfo*>(made(sinsp_thread_object(inspector, id)));
	}

	// The object of the file that a thread has open as number `fd`, as above.
	sinsp_fdinfo* file(uint64_t id, int64_t fd) {
		if(id == SINSP_NO_THREAD || inspector == nullptr) {
			return nullptr;
		}
		thrown = nullptr;
		return static_cast<sinsp_fdinfo*>(made(sinsp_thread_fd_object(inspector, id, fd)));
	}

	// Forgets the groups that nobody holds, once there are twice as many as the last time.
	void forget_groups() {
		if(groups.size() < m_forget_at) {
			return;
		}
		for(auto it = groups.begin(); it != groups.end();) {
			it = it->second.expired() ? groups.erase(it) : std::next(it);
		}
		m_forget_at = std::max(m_forget_at, 2 * groups.size());
	}

private:
	size_t m_forget_at = 64;

	void* made(void* object) {
		if(object == nullptr && thrown) {
			std::rethrow_exception(std::exchange(thrown, nullptr));
		}
		return object;
	}
};

// A thread of an inspector: nothing once either is gone.
struct thread_place {
	std::shared_ptr<core_link> link;
	uint64_t id = SINSP_NO_THREAD;

	// Null if the object is on its own.
	sinsp_inspector* inspector() const { return id == SINSP_NO_THREAD || link == nullptr ? nullptr : link->inspector; }
};

// The share of an object that its inspector has. It is the object's own member, so that whoever has the object finds all other shares; a copy
// of the object belongs to no inspector.
template<typename T>
class own_share {
public:
	own_share() = default;
	own_share(const own_share&) noexcept {}
	own_share& operator=(const own_share&) noexcept { return *this; }

	const std::shared_ptr<T>& get() const { return m_share; }
	void set(std::shared_ptr<T> share) { m_share = std::move(share); }
	// Gives it up, which may end the object.
	void drop() { auto last = std::move(m_share); }

private:
	std::shared_ptr<T> m_share;
};

// Calls a function of the C ABI that visits numbers with `each`, which answers whether to go on. What `each` throws comes out of here.
template<typename Number, typename Visit, typename Each>
bool visit_numbers(const Visit& visit, const Each& each) {
	struct state {
		const Each& each;
		std::exception_ptr thrown;
	} state{each, nullptr};
	const bool whole = visit(
	        [](void* context, Number number) {
		        auto& self = *static_cast<struct state*>(context);
		        try {
			        return static_cast<bool>(self.each(number));
		        } catch(...) {
			        self.thrown = std::current_exception();
			        return false;
		        }
	        },
	        &state);
	if(state.thrown) {
		std::rethrow_exception(state.thrown);
	}
	return whole;
}

}  // namespace detail
}  // namespace libsinsp
