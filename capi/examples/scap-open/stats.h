// SPDX-License-Identifier: Apache-2.0
// Statistics of a capture.
#pragma once

#include <time.h>

#include "names.h"
#include "source.h"

struct stats {
	struct timespec start;
	uint64_t events;
	uint64_t bytes;
	uint64_t nexts;    // calls of scap_next
	uint64_t timeouts; // those that returned no event

	// Enter and exit events by call; those of no call are in the first entry.
	uint64_t calls[PPM_SC_MAX][2];
	// The events of no call, by type.
	uint64_t others[PPM_EVENT_MAX];
	// The events of threads whose name is not known.
	uint64_t nameless;
};

// Counts an event, also for the name of its thread, which is null if not known.
void count_event(struct stats *stats, const scap_evt *event, struct name *name);

// Prints `stats` on the standard error, and the driver's counters for a live capture.
void print_stats(const struct stats *stats, const struct capture *capture, const struct options *options);
