// SPDX-License-Identifier: Apache-2.0
// Measures the C API. Uses libscap only, so that it can be built against any library that has its API:
//
//   scap -r CAPTURE      reads a capture and prints the number of events per second
//   scap -l CALL         prints the cost of a system call while all system calls are captured, in nanoseconds of CPU time, and what the reader
//                        needs for an event; CALL is getppid (an event without data), read (of 512 bytes), open (and close), connect (of a datagram
//                        socket) or build (a compiler's run, in milliseconds)
//   scap -n CALL         prints the cost without a capture
//   scap -d CALL         prints the share of the events that are dropped while as many processes as there are CPUs make such calls without a pause
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
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
	char bytes[512];
	if(strcmp(name, "getppid") == 0) {
		syscall(SYS_getppid);
	} else if(strcmp(name, "read") == 0) {
		if(read(fd, bytes, sizeof(bytes)) != sizeof(bytes)) {
			abort();
		}
	} else if(strcmp(name, "open") == 0) {
		close(open("/dev/null", O_RDONLY));
	} else {
		const struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		if(connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
			abort();
		}
	}
}

// What the calls of that name are made with.
static int file_of(const char *name) {
	return strcmp(name, "connect") == 0 ? socket(AF_INET, SOCK_DGRAM, 0) : open("/dev/zero", O_RDONLY);
}

static const char program[] =
        "cc -O1 -x c -c -o /dev/null - <<'END'\n#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
        "int main(void) { puts(\"x\"); return getpid() == 1; }\nEND\n";

// The CPU time of this process and of the children that it has waited for, in nanoseconds.
static double used_by_all(void) {
	double sum = 0;
	for(int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
		struct rusage u;
		getrusage(who, &u);
		sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
	}
	return sum;
}

// Prints the minimum of several rounds.
static void measure(const char *name) {
	const bool build = strcmp(name, "build") == 0;
	const int fd = file_of(name), calls = build ? 1 : CALLS;
	double best = 1e18;
	for(int round = 0; round < ROUNDS; round++) {
		const double begin = used_by_all();
		for(int i = 0; i < calls; i++) {
			if(build) {
				if(system(program) != 0) {
					exit(1);
				}
			} else {
				call(name, fd);
			}
		}
		const double each = (used_by_all() - begin) / calls;
		best = each < best ? each : best;
	}
	fprintf(stderr, "%s=%.1f\n", build ? "ms" : "ns", build ? best / 1e6 : best);
}

// Makes calls until it is killed.
static void load(const char *name) {
	const int fd = file_of(name);
	for(;;) {
		if(strcmp(name, "build") != 0) {
			call(name, fd);
		} else if(system(program) != 0) {
			exit(1);
		}
	}
}

static scap_t *captured(uint64_t *opening) {
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
	*opening = now(CLOCK_MONOTONIC) - begin;
	return h;
}

static bool next(scap_t *h) {
	scap_evt *e;
	uint16_t cpu;
	uint32_t flags;
	return scap_next(h, &e, &cpu, &flags) == SCAP_SUCCESS;
}

static scap_stats stats_of(scap_t *h) {
	scap_stats stats;
	memset(&stats, 0, sizeof(stats));
	scap_get_stats(h, &stats);
	return stats;
}

// A child makes the calls while this process reads the events.
static void live(const char *name) {
	uint64_t opening = 0;
	scap_t *h = captured(&opening);
	const pid_t child = fork();
	if(child == 0) {
		measure(name);
		_exit(0);
	}
	uint64_t events = 0;
	const uint64_t started = now(CLOCK_PROCESS_CPUTIME_ID);
	for(uint64_t turns = 0; turns % 1024 != 0 || waitpid(child, NULL, WNOHANG) == 0; turns++) {
		events += next(h);
	}
	const uint64_t used = now(CLOCK_PROCESS_CPUTIME_ID) - started;
	scap_stop_capture(h);
	fprintf(stderr,
	        "events=%" PRIu64 " drops=%" PRIu64 " taking=%.1f open_ms=%.0f\n",
	        events,
	        stats_of(h).n_drops,
	        (double)used / (double)(events + 1),
	        (double)opening / 1e6);
	scap_close(h);
}

// Children make calls for some seconds, one per CPU, while this process reads the events.
static void dropped(const char *name) {
	uint64_t opening = 0;
	scap_t *h = captured(&opening);
	pid_t children[64];
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN), count = cpus < 64 ? cpus : 64;
	for(long i = 0; i < count; i++) {
		children[i] = fork();
		if(children[i] == 0) {
			setpgid(0, 0);
			load(name);
		}
	}
	const uint64_t end = now(CLOCK_MONOTONIC) + 4000000000u;
	while(now(CLOCK_MONOTONIC) < end) {
		for(int i = 0; i < 1024; i++) {
			next(h);
		}
	}
	for(long i = 0; i < count; i++) {
		kill(-children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	scap_stop_capture(h);
	const scap_stats stats = stats_of(h);
	fprintf(stderr, "made=%" PRIu64 " dropped=%.3f\n", stats.n_evts, 100.0 * (double)stats.n_drops / (double)(stats.n_evts + 1));
	scap_close(h);
}

int main(int argc, char **argv) {
	if(argc == 3 && strcmp(argv[1], "-r") == 0) {
		replay(argv[2]);
	} else if(argc == 3 && strcmp(argv[1], "-l") == 0) {
		live(argv[2]);
	} else if(argc == 3 && strcmp(argv[1], "-n") == 0) {
		measure(argv[2]);
	} else if(argc == 3 && strcmp(argv[1], "-d") == 0) {
		dropped(argv[2]);
	} else {
		fprintf(stderr, "usage: %s -r CAPTURE | -l CALL | -n CALL | -d CALL, CALL being getppid, read, open, connect or build\n", argv[0]);
		return 2;
	}
	return 0;
}
