// SPDX-License-Identifier: Apache-2.0
// Measures the C API. Uses libscap only, so that it can be built against any library that has its API:
//
//   scap -r CAPTURE      reads a capture and prints the number of events per second
//   scap -l CALL         prints the cost of a system call while all system calls are captured, in nanoseconds of CPU time;
//                        CALL is getppid (an event without data), read (of one byte, with data) or open
//   scap -n CALL         prints the cost without a capture
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>
#include <libscap/engine/modern_bpf/modern_bpf_public.h>
#include <libscap/engine/savefile/savefile_public.h>

enum { CALLS = 1000000, ROUNDS = 5 };

static uint64_t now(clockid_t clock) {
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void no_log(const char *component, const char *msg, enum falcosecurity_log_severity sev) {
	(void)component;
	(void)msg;
	(void)sev;
}

static void no_scan(void *context) {
	(void)context;
}

static int32_t no_entry(void *context, char *error, int64_t tid, scap_threadinfo *tinfo, scap_fdinfo *fdinfo, scap_threadinfo **new_tinfo) {
	(void)context;
	(void)error;
	(void)tid;
	(void)fdinfo;
	if(new_tinfo != NULL) {
		*new_tinfo = tinfo;
	}
	return SCAP_SUCCESS;
}

static scap_t *opened(scap_open_args *args, const struct scap_vtable *engine) {
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc;
	args->log_fn = no_log;
	scap_t *h = scap_open(args, engine, error, &rc);
	if(h == NULL) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return h;
}

static void replay(const char *file) {
	struct scap_savefile_engine_params params;
	memset(&params, 0, sizeof(params));
	params.fname = file;
	const scap_proc_callbacks callbacks = {no_scan, no_scan, no_entry, NULL};
	params.platform = scap_savefile_alloc_platform(callbacks);
	scap_open_args args;
	memset(&args, 0, sizeof(args));
	args.engine_params = &params;
	scap_t *h = opened(&args, &scap_savefile_engine);
	uint64_t events = 0, bytes = 0;
	const uint64_t begin = now(CLOCK_MONOTONIC);
	scap_evt *e;
	uint16_t cpu;
	uint32_t flags;
	for(int32_t rc; (rc = scap_next(h, &e, &cpu, &flags)) != SCAP_EOF;) {
		if(rc == SCAP_SUCCESS) {
			events++;
			bytes += e->len;
		} else if(rc == SCAP_FAILURE) {
			fprintf(stderr, "%s\n", scap_getlasterr(h));
			exit(1);
		}
	}
	const double seconds = (double)(now(CLOCK_MONOTONIC) - begin) / 1e9;
	fprintf(stderr, "events=%" PRIu64 " bytes=%" PRIu64 " rate=%.0f\n", events, bytes, (double)events / seconds);
	scap_close(h);
	scap_platform_close(params.platform);
	scap_platform_free(params.platform);
}

static void call(const char *name, int fd) {
	char byte;
	if(name[0] == 'g') {
		syscall(SYS_getppid);
	} else if(name[0] == 'r') {
		if(read(fd, &byte, 1) != 1) {
			abort();
		}
	} else {
		close(open("/dev/null", O_RDONLY));
	}
}

// Prints the minimum of several rounds.
static void measure(const char *name) {
	const int fd = open("/dev/zero", O_RDONLY);
	double best = 1e9;
	for(int round = 0; round < ROUNDS; round++) {
		const uint64_t begin = now(CLOCK_PROCESS_CPUTIME_ID);
		for(int i = 0; i < CALLS; i++) {
			call(name, fd);
		}
		const double each = (double)(now(CLOCK_PROCESS_CPUTIME_ID) - begin) / CALLS;
		best = each < best ? each : best;
	}
	fprintf(stderr, "ns=%.1f\n", best);
}

// A child makes the calls while this process reads the events.
static void live(const char *name) {
	struct scap_modern_bpf_engine_params params;
	memset(&params, 0, sizeof(params));
	params.buffer_bytes_dim = 8 * 1024 * 1024;
	params.cpus_for_each_buffer = 1;
	params.allocate_online_only = true;
	scap_open_args args;
	memset(&args, 0, sizeof(args));
	memset(args.ppm_sc_of_interest.ppm_sc, 1, sizeof(args.ppm_sc_of_interest.ppm_sc));
	args.engine_params = &params;
	const uint64_t begin = now(CLOCK_MONOTONIC);
	scap_t *h = opened(&args, &scap_modern_bpf_engine);
	scap_start_capture(h);
	const uint64_t opening = now(CLOCK_MONOTONIC) - begin;
	const pid_t child = fork();
	if(child == 0) {
		measure(name);
		_exit(0);
	}
	uint64_t events = 0;
	scap_evt *e;
	uint16_t cpu;
	uint32_t flags;
	const uint64_t started = now(CLOCK_PROCESS_CPUTIME_ID);
	for(uint64_t turns = 0; turns % 1024 != 0 || waitpid(child, NULL, WNOHANG) == 0; turns++) {
		if(scap_next(h, &e, &cpu, &flags) == SCAP_SUCCESS) {
			events++;
		}
	}
	const uint64_t used = now(CLOCK_PROCESS_CPUTIME_ID) - started;
	scap_stop_capture(h);
	scap_stats stats;
	memset(&stats, 0, sizeof(stats));
	scap_get_stats(h, &stats);
	fprintf(stderr,
	        "events=%" PRIu64 " drops=%" PRIu64 " taking=%.1f open_ms=%.0f\n",
	        events,
	        stats.n_drops,
	        (double)used / (double)(events + 1),
	        (double)opening / 1e6);
	scap_close(h);
}

int main(int argc, char **argv) {
	if(argc == 3 && strcmp(argv[1], "-r") == 0) {
		replay(argv[2]);
	} else if(argc == 3 && strcmp(argv[1], "-l") == 0) {
		live(argv[2]);
	} else if(argc == 3 && strcmp(argv[1], "-n") == 0) {
		measure(argv[2]);
	} else {
		fprintf(stderr, "usage: %s -r CAPTURE | -l getppid|read|open | -n getppid|read|open\n", argv[0]);
		return 2;
	}
	return 0;
}
