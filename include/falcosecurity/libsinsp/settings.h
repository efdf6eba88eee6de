// SPDX-License-Identifier: Apache-2.0
// Limits and defaults that consumers refer to.
#pragma once

#define SP_EVT_BUF_SIZE 4096
// The largest number of fds that the inspector keeps for one process.
#define MAX_FD_TABLE_SIZE 4096
// The default snaplen, in bytes.
#define DEFAULT_SNAPLEN 80
#define DEFAULT_INCREASE_SNAPLEN_PORT_RANGE {0, 0}
// In nanoseconds. If a thread with the tid of a clone event was created at least this long before the event, the tid was reused.
#define CLONE_STALE_TIME_NS 2000000000ULL
