// SPDX-License-Identifier: Apache-2.0
// The source of the events.
#pragma once

#include "options.h"

struct platform_counts {
	uint64_t threads;
	uint64_t fds;
};

// An open capture and its platform.
struct capture {
	scap_t *handle;
	struct scap_platform *platform;
	// The threads and fds that exist at the start.
	struct platform_counts system;
};

// Opens the source that `options` names. On a failure it prints the reason and returns false, and there is nothing to close.
// `capture` must not move while it is open: its platform has a pointer to it.
//
// The names of the threads are taken (names.h), unless a capture is written: its start needs a platform that keeps its threads.
bool open_capture(struct capture *capture, const struct options *options);

// Takes the names of threads, and their count, from the start of the file that is written. Returns false after an error, which it prints.
bool read_names(struct capture *capture, const char *path);

void close_capture(struct capture *capture);
