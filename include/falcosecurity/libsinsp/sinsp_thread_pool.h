// SPDX-License-Identifier: Apache-2.0
// The interface of pools of threads.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cstddef>
#include <cstdint>
#include <functional>

// Calls routines again and again, until they return false or are unsubscribed. Any thread may call it. A program may derive from it.
class sinsp_thread_pool {
public:
	using routine_id_t = uintptr_t;

	sinsp_thread_pool() = default;
	virtual ~sinsp_thread_pool() = default;

	// Starts a routine; returns its id, or 0 on failure.
	virtual routine_id_t subscribe(const std::function<bool()>& func) = 0;
	// Ends a routine; whether there was one.
	virtual bool unsubscribe(routine_id_t id) = 0;
	// Ends all routines, and waits for those that run.
	virtual void purge() = 0;
	// How many routines there are.
	virtual size_t routines_num() = 0;
};
