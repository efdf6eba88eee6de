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
	// The threads and fds that a capture file describes.
	struct platform_counts system;
};

// Opens the source that `options` names. On a failure it prints the reason and returns false, and there is nothing to close.
// `capture` must not move while it is open: its platform has a pointer to it.
bool open_capture(struct capture *capture, const struct options *options);

void close_capture(struct capture *capture);
