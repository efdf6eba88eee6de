// SPDX-License-Identifier: Apache-2.0
// scap-open: reads events with libscap and prints statistics. It checks a driver, a capture file or the library, and is an example
// of the library's use. See print_help in options.c.
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "options.h"
#include "print.h"
#include "source.h"
#include "stats.h"

enum { EXIT_USAGE = 2 };

static volatile sig_atomic_t interrupted;

static void interrupt(int signal) {
	(void)signal;
	interrupted = 1;
}

// The first signal ends the capture and restores the default action, so that a second one ends the program.
static void catch_signals(void) {
	struct sigaction action;
	memset(&action, 0, sizeof(action));
	action.sa_handler = interrupt;
	action.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void describe(const struct options *options) {
	if(options->source == SOURCE_FILE) {
		printf("Source: %s\n", options->file);
	} else if(options->source == SOURCE_MODERN_BPF) {
		printf("Source: the BPF probe, rings of %lu bytes, ", options->buffer_bytes);
		if(options->cpus_per_buffer) {
			printf("one for %u %sCPU%s\n",
			       options->cpus_per_buffer,
			       options->online_cpus_only ? "online " : "",
			       options->cpus_per_buffer == 1 ? "" : "s");
		} else {
			puts("one for all CPUs");
		}
	} else {
		printf("Source: the kernel module, rings of %lu bytes\n", options->buffer_bytes);
	}
	if(options->source != SOURCE_FILE) {
		fputs("Captured:", stdout);
		int count = 0;
		for(int code = 0; code < PPM_SC_MAX && options->calls_chosen; code++) {
			if(options->calls[code]) {
				printf(" %s", scap_get_ppm_sc_name((ppm_sc_code)code));
				count++;
			}
		}
		puts(count ? "" : options->calls_chosen ? " nothing" : " all system calls and tracepoints");
	}
	fflush(stdout);
}

// Reads events to the end of the input, to --num_events or to a signal. Returns false on an error.
static bool read_events(struct capture *capture, const struct options *options, struct stats *stats) {
	while(!interrupted && stats->events < options->max_events) {
		scap_evt *event = NULL;
		uint16_t cpu = 0;
		uint32_t flags = 0;
		int32_t rc = scap_next(capture->handle, &event, &cpu, &flags);
		stats->nexts++;
		if(rc == SCAP_UNEXPECTED_BLOCK) {
			// The file has several captures.
			rc = (int32_t)scap_restart_capture(capture->handle);
			if(rc == SCAP_SUCCESS) {
				continue;
			}
		}
		switch(rc) {
		case SCAP_SUCCESS:
			if(event->type < PPM_EVENT_MAX && options->printed[event->type]) {
				print_event(event, cpu);
			}
			count_event(stats, event);
			break;
		case SCAP_TIMEOUT:
		case SCAP_FILTERED_EVENT:
			stats->timeouts++;
			// No event now: show what was printed.
			fflush(stdout);
			break;
		case SCAP_EOF:
			return true;
		default:
			return false;
		}
	}
	return true;
}

// Starts a live capture.
static bool start(struct capture *capture, const struct options *options) {
	if(options->source == SOURCE_FILE) {
		return true;
	}
	if((options->drop_failed && scap_set_dropfailed(capture->handle, true) != SCAP_SUCCESS) ||
	   scap_start_capture(capture->handle) != SCAP_SUCCESS) {
		return false;
	}
	puts("Capturing; Ctrl-C ends it");
	fflush(stdout);
	return true;
}

static int run(const struct options *options) {
	static struct capture capture;
	static struct stats stats;
	char error[SCAP_LASTERR_SIZE] = "";

	catch_signals();
	describe(options);
	if(!open_capture(&capture, options)) {
		return EXIT_FAILURE;
	}
	clock_gettime(CLOCK_MONOTONIC, &stats.start);
	if(!start(&capture, options) || !read_events(&capture, options, &stats)) {
		snprintf(error, sizeof(error), "%s", scap_getlasterr(capture.handle));
	}
	if(options->source != SOURCE_FILE) {
		scap_stop_capture(capture.handle);
	}
	print_stats(&stats, &capture, options);
	close_capture(&capture);
	// The error is printed below the events.
	fflush(stdout);
	if(error[0]) {
		fprintf(stderr, "scap-open: after %llu events: %s\n", (unsigned long long)stats.events, error);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
	struct options options;
	int status = EXIT_SUCCESS;
	switch(parse_options(argc, argv, &options)) {
	case ACTION_CAPTURE:
		status = run(&options);
		break;
	case ACTION_HELP:
		print_help();
		break;
	case ACTION_LIST_CALLS:
		list_calls();
		break;
	case ACTION_NONE:
		return EXIT_USAGE;
	}
	if(fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "scap-open: cannot write: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	return status;
}
