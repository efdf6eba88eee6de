// SPDX-License-Identifier: Apache-2.0
// A program's pool of threads for the C ABI. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_thread_pool_bs.h>

#include <memory>

namespace libsinsp {
namespace detail {

// The functions of a pool that a program derived.
class program_pool {
public:
	// A reference of its own to the pool; null for null.
	static sinsp_pool* handle(const std::shared_ptr<sinsp_thread_pool>& pool) {
		if(pool == nullptr) {
			return nullptr;
		}
		if(const auto* own = dynamic_cast<const sinsp_thread_pool_bs*>(pool.get())) {
			return sinsp_pool_retain(own->c_handle());
		}
		static constexpr sinsp_pool_calls calls = {sizeof(sinsp_pool_calls), subscribe, unsubscribe, purge, routines, end};
		auto context = std::make_unique<std::shared_ptr<sinsp_thread_pool>>(pool);
		error error;
		auto* made = sinsp_pool_of_program(&calls, context.get(), error.out());
		if(made == nullptr) {
			error.raise();
		}
		static_cast<void>(context.release());
		return made;
	}

private:
	// Calls `act` with the program's pool; returns `failed` if it throws.
	template<typename Result, typename Act>
	static Result guarded(void* context, Result failed, Act act) noexcept {
		try {
			return act(**static_cast<std::shared_ptr<sinsp_thread_pool>*>(context));
		} catch(...) {
			return failed;
		}
	}

	static size_t subscribe(void* context, sinsp_task* task) noexcept {
		return guarded(context, size_t{0}, [&](sinsp_thread_pool& pool) -> size_t {
			const std::shared_ptr<sinsp_task> shared(task, sinsp_task_free);
			return pool.subscribe([shared] { return sinsp_task_run(shared.get()); });
		});
	}
	static bool unsubscribe(void* context, size_t id) noexcept {
		return guarded(context, false, [&](sinsp_thread_pool& pool) { return pool.unsubscribe(id); });
	}
	static void purge(void* context) noexcept {
		guarded(context, 0, [](sinsp_thread_pool& pool) { return pool.purge(), 0; });
	}
	static size_t routines(void* context) noexcept {
		return guarded(context, size_t{0}, [](sinsp_thread_pool& pool) { return pool.routines_num(); });
	}
	static void end(void* context) noexcept { delete static_cast<std::shared_ptr<sinsp_thread_pool>*>(context); }
};

}  // namespace detail
}  // namespace libsinsp
