// SPDX-License-Identifier: Apache-2.0
// The options of the command line.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libscap/scap.h>
#include <libscap/scap_log.h>

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
	// The command line is invalid; the reason was printed.
	ACTION_NONE,
};

struct options {
	enum source source;
	const char *file; // of SOURCE_FILE

	bool calls_chosen; // else all calls are captured
	bool calls[PPM_SC_MAX];
	bool drop_failed;

	unsigned long buffer_bytes; // of each ring
	uint16_t cpus_per_buffer;   // 0: one ring for all
	bool online_cpus_only;

	uint64_t max_events;
	bool printed[PPM_EVENT_MAX]; // the events that are printed

	enum falcosecurity_log_severity log_level;
};

enum action parse_options(int argc, char **argv, struct options *options);

void print_help(void);
