// SPDX-License-Identifier: Apache-2.0
// The table of threads of an inspector.
#pragma once

#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/threadinfo.h>

#include <cstdint>
#include <memory>
#include <utility>

class SINSP_PUBLIC sinsp_thread_manager {
public:
	// It is a reference to its inspector.
	explicit sinsp_thread_manager(std::shared_ptr<sinsp_inspector> inspector):
	        m_inspector(std::move(inspector)),
	        m_threads(m_inspector.get()) {}

	threadinfo_map_t* get_threads() { return &m_threads; }
	uint32_t get_thread_count() { return static_cast<uint32_t>(m_threads.size()); }

	// The main thread of the parent of a thread's process (1), of its grandparent (2) and so on; null if it is not known.
	sinsp_threadinfo* get_ancestor_process(sinsp_threadinfo& tinfo, uint32_t n = 1) {
		return reinterpret_cast<sinsp_threadinfo*>(
		        sinsp_thread_ancestor(reinterpret_cast<const sinsp_thread*>(&tinfo), n));
	}

private:
	std::shared_ptr<sinsp_inspector> m_inspector;
	threadinfo_map_t m_threads;
};
