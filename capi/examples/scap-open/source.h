// SPDX-License-Identifier: Apache-2.0
// Where the events come from.
#pragma once

#include "options.h"

struct platform_counts {
	uint64_t threads;
	uint64_t fds;
};

// An open capture with what belongs to it.
struct capture {
	scap_t *handle;
	struct scap_platform *platform;
	// What a capture file says of the system on which it was recorded.
	struct platform_counts system;
};

// Opens the source that `options` names. On a failure the reason was printed, and there is nothing to close. `capture` does
// not move while it is open.
bool open_capture(struct capture *capture, const struct options *options);

void close_capture(struct capture *capture);
