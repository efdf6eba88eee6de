// SPDX-License-Identifier: Apache-2.0
// The link from thread, fd and thread-group objects to their inspector. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

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

// Shared by all objects of an inspector. The objects may outlive the inspector: `inspector` is then null, and they have only the data in their
// members.
struct core_link {
	sinsp_inspector* inspector = nullptr;
	// The thread-group objects by number, while they are shared. Expired ones are erased when the map has doubled in size.
	std::unordered_map<uint64_t, std::weak_ptr<thread_group_info>> groups;
	size_t groups_before_dropping = 64;
	// Makes an fd object; null after the inspector was freed.
	std::function<std::unique_ptr<sinsp_fdinfo>()> make_file;
	// The exception of the program's code that made the last object.
	std::exception_ptr thrown;

	// The object of a thread, made at the first access. Returns null if the thread does not exist. Rethrows `thrown`.
	sinsp_threadinfo* thread(uint64_t id) {
		if(id == SINSP_NO_THREAD || inspector == nullptr) {
			return nullptr;
		}
		thrown = nullptr;
		return static_cast<sinsp_threadinfo*>(checked(sinsp_thread_object(inspector, id)));
	}

	// The object of the fd `fd` of a thread, as above.
	sinsp_fdinfo* file(uint64_t id, int64_t fd) {
		if(id == SINSP_NO_THREAD || inspector == nullptr) {
			return nullptr;
		}
		thrown = nullptr;
		return static_cast<sinsp_fdinfo*>(checked(sinsp_thread_fd_object(inspector, id, fd)));
	}

	// Erases expired groups when the map has doubled since the last time.
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

	void* checked(void* object) {
		if(object == nullptr && thrown) {
			std::rethrow_exception(std::exchange(thrown, nullptr));
		}
		return object;
	}
};

// The inspector of a thread object and its id there; no inspector once either no longer exists.
struct thread_place {
	std::shared_ptr<core_link> link;
	uint64_t id = SINSP_NO_THREAD;

	// Returns null if the object belongs to no inspector.
	sinsp_inspector* inspector() const { return id == SINSP_NO_THREAD || link == nullptr ? nullptr : link->inspector; }
};

// The inspector's shared pointer to an object. It is a member of the object, so that the other shared pointers can be made from a raw pointer. A copy
// of the object has none: it belongs to no inspector.
template<typename T>
class own_share {
public:
	own_share() = default;
	own_share(const own_share&) noexcept {}
	own_share& operator=(const own_share&) noexcept { return *this; }

	const std::shared_ptr<T>& get() const { return m_share; }
	void set(std::shared_ptr<T> share) { m_share = std::move(share); }
	// Drops the pointer, which may destroy the object.
	void drop() { auto last = std::move(m_share); }

private:
	std::shared_ptr<T> m_share;
};

// Calls a function of the C ABI that visits numbers; `each` returns whether to continue. Rethrows an exception of `each`.
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
