// SPDX-License-Identifier: Apache-2.0
// The command line.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libscap/scap.h>
#include <libscap/scap_log.h>

#include "print.h"

// How many values --tid and --comm take.
#define MAX_SELECTED 64

enum source {
	SOURCE_NONE,
	SOURCE_KMOD,
	SOURCE_MODERN_BPF,
	SOURCE_FILE,
};

// What the program does.
enum action {
	ACTION_CAPTURE,
	ACTION_HELP,
	ACTION_LIST_CALLS,
	ACTION_LIST_EVENTS,
	// The command line is invalid; the reason was printed.
	ACTION_NONE,
};

struct options {
	enum source source;
	const char *file; // of SOURCE_FILE

	const char *output; // the capture file to write; null for none
	bool compressed;

	bool calls_chosen; // else all calls are captured
	bool calls[PPM_SC_MAX];
	bool drop_failed;

	unsigned long buffer_bytes; // of each ring
	uint16_t cpus_per_buffer;   // 0: one ring for all
	bool online_cpus_only;

	uint64_t max_events;

	// Which events are selected: those of which all that was asked for is true. Without a demand, all.
	bool types_chosen;
	bool types[PPM_EVENT_MAX];
	int64_t tids[MAX_SELECTED];
	size_t tid_count;
	const char *comms[MAX_SELECTED];
	size_t comm_count;

	bool print_all; // selected events are printed although they are written, or although there is no demand
	enum time_format time;
	bool quiet;

	enum falcosecurity_log_severity log_level;
};

// Whether an event, of a thread with this name (null if not known), is selected.
bool is_selected(const struct options *options, const scap_evt *event, const char *name);

// Whether selected events are printed.
bool prints(const struct options *options);

enum action parse_options(int argc, char **argv, struct options *options);

void print_help(void);
