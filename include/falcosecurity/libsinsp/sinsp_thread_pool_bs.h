// SPDX-License-Identifier: Apache-2.0
// The library's pool of threads.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_thread_pool.h>

#include <memory>

// A pool of the library. An exception of a routine ends the routine.
class sinsp_thread_pool_bs : public sinsp_thread_pool {
public:
	// At most so many threads; 0: as many as there are processors, but at least 4. More routines take turns.
	explicit sinsp_thread_pool_bs(size_t num_workers = 0): m_handle(sinsp_pool_new(num_workers)) {}
	// Takes over a reference to a pool.
	explicit sinsp_thread_pool_bs(sinsp_pool* pool): m_handle(pool) {}
	sinsp_thread_pool_bs(const sinsp_thread_pool_bs&) = delete;
	sinsp_thread_pool_bs& operator=(const sinsp_thread_pool_bs&) = delete;

	routine_id_t subscribe(const std::function<bool()>& func) override {
		auto routine = std::make_unique<std::function<bool()>>(func);
		return sinsp_pool_subscribe(m_handle.get(), run, end, routine.release());
	}
	// The routine is not called any more, but a call in progress goes on; purge() waits for it.
	bool unsubscribe(routine_id_t id) override { return sinsp_pool_unsubscribe(m_handle.get(), id); }
	void purge() override { sinsp_pool_purge(m_handle.get()); }
	size_t routines_num() override { return sinsp_pool_routines(m_handle.get()); }

	// The C ABI's handle; it stays this object's.
	const sinsp_pool* c_handle() const { return m_handle.get(); }

private:
	static bool run(void* routine) noexcept {
		try {
			const auto& function = *static_cast<std::function<bool()>*>(routine);
			return function && function();
		} catch(...) {
			return false;
		}
	}
	static void end(void* routine) noexcept { delete static_cast<std::function<bool()>*>(routine); }

	libsinsp::detail::handle<sinsp_pool, sinsp_pool_free> m_handle;
};
