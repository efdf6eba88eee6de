// SPDX-License-Identifier: Apache-2.0
// What a capture brought.
#pragma once

#include <time.h>

#include "source.h"

struct stats {
	struct timespec start;
	uint64_t events;
	uint64_t bytes;
	uint64_t nexts;    // calls of scap_next
	uint64_t timeouts; // those of them that brought nothing

	// By call, for its enter and its exit. The first counts what no call made.
	uint64_t calls[PPM_SC_MAX][2];
	// By type; filled for what no call made.
	uint64_t others[PPM_EVENT_MAX];
};

void count_event(struct stats *stats, const scap_evt *event);

// Prints `stats`, and, of a live capture, what the driver counted.
void print_stats(const struct stats *stats, const struct capture *capture, const struct options *options);
