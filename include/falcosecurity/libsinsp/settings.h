// SPDX-License-Identifier: Apache-2.0
// Limits and defaults that consumers refer to.
#pragma once

#define SP_EVT_BUF_SIZE 4096
// The most files that a process is known to have open.
#define MAX_FD_TABLE_SIZE 4096
// How many bytes of a data buffer are captured.
#define DEFAULT_SNAPLEN 80
#define DEFAULT_INCREASE_SNAPLEN_PORT_RANGE {0, 0}
// After so many nanoseconds a clone is no longer taken for the one of which an event tells: its thread id was given to another.
#define CLONE_STALE_TIME_NS 2000000000ULL
