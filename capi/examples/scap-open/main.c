// SPDX-License-Identifier: Apache-2.0
// scap-open: reads events with libscap, prints or writes those that are asked for, and ends with a summary. It checks a driver, a
// capture file or the library, and is an example of the library's use. See help.c.
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "names.h"
#include "options.h"
#include "print.h"
#include "source.h"
#include "stats.h"
#include "writer.h"

enum { EXIT_USAGE = 2 };

struct run {
	struct capture capture;
	struct writer writer;
	struct stats stats;
};

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

static bool failed(scap_t *handle, uint64_t events) {
	fprintf(stderr, "scap-open: after %llu events: %s\n", (unsigned long long)events, scap_getlasterr(handle));
	return false;
}

static void describe(const struct options *options) {
	if(options->source == SOURCE_FILE) {
		fprintf(stderr, "Source: %s\n", options->file);
		return;
	}
	if(options->source == SOURCE_KMOD) {
		fprintf(stderr, "Source: the kernel module, rings of %lu bytes\n", options->buffer_bytes);
	} else if(options->cpus_per_buffer) {
		fprintf(stderr,
		        "Source: the BPF probe, rings of %lu bytes, one for %u %sCPU%s\n",
		        options->buffer_bytes,
		        options->cpus_per_buffer,
		        options->online_cpus_only ? "online " : "",
		        options->cpus_per_buffer == 1 ? "" : "s");
	} else {
		fprintf(stderr, "Source: the BPF probe, rings of %lu bytes, one for all CPUs\n", options->buffer_bytes);
	}
	fputs("Captured:", stderr);
	int count = 0;
	for(int code = 0; code < PPM_SC_MAX && options->calls_chosen; code++) {
		if(options->calls[code]) {
			fprintf(stderr, " %s", scap_get_ppm_sc_name((ppm_sc_code)code));
			count++;
		}
	}
	fputs(count ? "\n" : options->calls_chosen ? " nothing\n" : " all system calls and tracepoints\n", stderr);
}

static bool take_event(scap_evt *event, uint16_t cpu, uint32_t flags, const struct options *options, struct run *run) {
	if(!learn_names(event)) {
		fputs("scap-open: no memory for the names of threads\n", stderr);
		return false;
	}
	struct name *name = name_of((int64_t)event->tid);
	count_event(&run->stats, event, name);
	if(is_selected(options, event, name ? name->text : NULL)) {
		if(prints(options)) {
			print_event(event, cpu, name ? name->text : NULL, options->time);
		}
		if(options->output && !write_event(&run->writer, event, cpu, flags)) {
			return false;
		}
	}
	forget_ended(event);
	return true;
}

// Reads events to the end of the input, to --num_events or to a signal. Returns false after an error, which it prints.
static bool read_events(const struct options *options, struct run *run) {
	scap_t *handle = run->capture.handle;
	while(!interrupted && run->stats.events < options->max_events) {
		scap_evt *event = NULL;
		uint16_t cpu = 0;
		uint32_t flags = 0;
		int32_t rc = scap_next(handle, &event, &cpu, &flags);
		run->stats.nexts++;
		if(rc == SCAP_UNEXPECTED_BLOCK) {
			// The file has several captures.
			rc = (int32_t)scap_restart_capture(handle);
			if(rc == SCAP_SUCCESS) {
				continue;
			}
		}
		switch(rc) {
		case SCAP_SUCCESS:
			if(!take_event(event, cpu, flags, options, run)) {
				return false;
			}
			break;
		case SCAP_TIMEOUT:
		case SCAP_FILTERED_EVENT:
			run->stats.timeouts++;
			// No event now: show what was printed.
			fflush(stdout);
			break;
		case SCAP_EOF:
			return true;
		default:
			return failed(handle, run->stats.events);
		}
	}
	return true;
}

// Starts a live capture. Returns false after an error, which it prints.
static bool start(const struct options *options, struct run *run) {
	scap_t *handle = run->capture.handle;
	if(options->source == SOURCE_FILE) {
		return true;
	}
	if((options->drop_failed && scap_set_dropfailed(handle, true) != SCAP_SUCCESS) ||
	   scap_start_capture(handle) != SCAP_SUCCESS) {
		return failed(handle, 0);
	}
	if(!options->quiet) {
		fputs("Capturing; Ctrl-C ends it\n", stderr);
	}
	return true;
}

static int capture_events(const struct options *options) {
	static struct run run;

	catch_signals();
	if(!options->quiet) {
		describe(options);
	}
	if(!open_capture(&run.capture, options)) {
		return EXIT_FAILURE;
	}
	bool done = !options->output || open_writer(&run.writer, &run.capture, options);
	if(done) {
		clock_gettime(CLOCK_MONOTONIC, &run.stats.start);
		done = start(options, &run) && read_events(options, &run);
		if(options->source != SOURCE_FILE) {
			scap_stop_capture(run.capture.handle);
		}
		done = close_writer(&run.writer) && done;
		// The summary is printed below the events.
		fflush(stdout);
		if(!options->quiet) {
			print_stats(&run.stats, &run.capture, options);
			if(options->output) {
				fprintf(stderr, "Written: %llu events to %s\n", (unsigned long long)run.writer.events, options->output);
			}
		}
	}
	close_capture(&run.capture);
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
	struct options options;
	int status = EXIT_SUCCESS;
	switch(parse_options(argc, argv, &options)) {
	case ACTION_CAPTURE:
		status = capture_events(&options);
		break;
	case ACTION_HELP:
		print_help();
		break;
	case ACTION_LIST_CALLS:
		list_calls();
		break;
	case ACTION_LIST_EVENTS:
		list_events();
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
