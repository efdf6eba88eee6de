// SPDX-License-Identifier: Apache-2.0
// What an observer gets of an fd that is closed.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cstdint>

class sinsp_fdinfo;
class sinsp_threadinfo;

// An fd that is closed.
struct erase_fd_params {
	bool m_remove_from_table;     // the fd leaves the table at the next event
	int64_t m_fd;                 // the fd number
	sinsp_threadinfo* m_tinfo;    // the thread in whose table it is
	sinsp_fdinfo* m_fdinfo;       // null if the table no longer has it
};
