// SPDX-License-Identifier: Apache-2.0
// Measures the scan of threads and files. Uses libscap only, so that it can be built against any library that has its API:
//
//   scan [-i] [PROCESSES THREADS]
//
// Scans /proc, or with -i the kernel by BPF iterators as far as it supports them. With numbers, it first starts so many processes with so many
// threads each. Prints the CPU time of the best of several scans, in nanoseconds per thread, and the memory per thread that the library keeps.
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <libscap/scap.h>
#include <libscap/scap-int.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_platform_api.h>
#include <libscap/linux/scap_linux_platform.h>
#include <libscap/engine/modern_bpf/modern_bpf_public.h>

enum { SCANS = 5 };

// The measurements of a scan.
struct scan {
	uint64_t begin, took;
	uint64_t threads, files;
};

static uint64_t cpu_time(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void begin(void *context) {
	struct scan *scan = context;
	memset(scan, 0, sizeof(*scan));
	scan->begin = cpu_time();
}

static void end(void *context) {
	struct scan *scan = context;
	scan->took = cpu_time() - scan->begin;
}

static int32_t entry(void *context, char *error, int64_t tid, scap_threadinfo *tinfo, scap_fdinfo *fdinfo, scap_threadinfo **new_tinfo) {
	struct scan *scan = context;
	(void)error;
	(void)tid;
	if(fdinfo != NULL) {
		scan->files++;
	} else {
		scan->threads++;
	}
	if(new_tinfo != NULL) {
		*new_tinfo = tinfo;
	}
	return SCAP_SUCCESS;
}

static void no_log(const char *component, const char *msg, enum falcosecurity_log_severity sev) {
	(void)component;
	(void)msg;
	(void)sev;
}

static uint64_t resident(void) {
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if(f == NULL || fscanf(f, "%*u %lu", &pages) != 1) {
		abort();
	}
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

// Opens the engine and scans once.
static struct scap_platform *opened(bool iterators, scap_proc_callbacks callbacks, scap_t **h) {
	struct scap_modern_bpf_engine_params params;
	memset(&params, 0, sizeof(params));
	params.buffer_bytes_dim = 1024 * 1024;
	params.cpus_for_each_buffer = 1;
	params.allocate_online_only = true;
	scap_open_args args;
	memset(&args, 0, sizeof(args));
	args.log_fn = no_log;
	args.engine_params = iterators ? &params : NULL;
	// Static: a platform may write to it as long as it exists.
	static char error[SCAP_LASTERR_SIZE];
	int32_t rc = SCAP_FAILURE;
	*h = scap_open(&args, iterators ? &scap_modern_bpf_engine : &scap_nodriver_engine, error, &rc);
	struct scap_platform *platform = *h != NULL ? scap_linux_alloc_platform(callbacks) : NULL;
	if(platform != NULL && iterators) {
		((struct scap_linux_platform *)platform)->m_linux_vtable = &scap_modern_bpf_linux_vtable;
	}
	if(platform == NULL || scap_platform_init(platform, error, (*h)->m_engine, &args) != SCAP_SUCCESS) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return platform;
}

static void closed(struct scap_platform *platform, scap_t *h) {
	scap_platform_close(platform);
	scap_platform_free(platform);
	scap_close(h);
}

static void *sleep_on(void *unused) {
	(void)unused;
	for(;;) {
		pause();
	}
	return NULL;
}

// Starts processes that end with this one.
static void crowd(int processes, int threads) {
	int ready[2];
	if(pipe(ready) != 0) {
		abort();
	}
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for(int p = 0; p < processes; p++) {
		if(fork() != 0) {
			continue;
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pthread_t thread;
		for(int t = 1; t < threads && pthread_create(&thread, &small, sleep_on, NULL) == 0; t++) {
		}
		if(write(ready[1], "", 1) != 1) {
			abort();
		}
		sleep_on(NULL);
	}
	char byte;
	for(int p = 0; p < processes; p++) {
		if(read(ready[0], &byte, 1) != 1) {
			abort();
		}
	}
}

int main(int argc, char **argv) {
	const bool iterators = argc > 1 && strcmp(argv[1], "-i") == 0;
	if(argc - iterators == 3) {
		crowd(atoi(argv[1 + iterators]), atoi(argv[2 + iterators]));
	} else if(argc - iterators != 1) {
		fprintf(stderr, "usage: %s [-i] [PROCESSES THREADS]\n", argv[0]);
		return 2;
	}
	scap_t *h;
	struct scan scan;
	const scap_proc_callbacks counted = {begin, end, entry, &scan};
	struct scap_platform *platform = opened(iterators, counted, &h);
	uint64_t best = scan.took;
	for(int i = 1; i < SCANS; i++) {
		if(scap_refresh_proc_table(platform) != SCAP_SUCCESS) {
			abort();
		}
		best = scan.took < best ? scan.took : best;
	}
	closed(platform, h);

	// A scan whose result is kept. It reuses memory that the other scans freed.
	const scap_proc_callbacks kept = {default_refresh_start_end_callback, default_refresh_start_end_callback, NULL, NULL};
	const uint64_t before = resident();
	platform = opened(iterators, kept, &h);
	const uint64_t after = resident();
	fprintf(stderr,
	        "threads=%" PRIu64 " files=%" PRIu64 " ns=%" PRIu64 " bytes=%" PRIu64 "\n",
	        scan.threads,
	        scan.files,
	        best / scan.threads,
	        (after - before) / scan.threads);
	closed(platform, h);
	return 0;
}
