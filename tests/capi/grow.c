/* SPDX-License-Identifier: Apache-2.0 */
/* A larger buffer for a CPU whose events are dropped, with both C APIs: grow CAPTURE. The live part needs the rights of a live capture. */
#define _GNU_SOURCE
#include "check.h"

#include <libscap/scap.h>
#include <libscap/scap_engines.h>

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 20000 };

/* What CPU dropped so far. */
static uint64_t drops_of(scap_t *handle, unsigned cpu) {
	uint32_t count = 0;
	int32_t rc = SCAP_FAILURE;
	const metrics_v2 *metrics = scap_get_stats_v2(handle, METRICS_V2_KERNEL_COUNTERS_PER_CPU, &count, &rc);
	CHECK(metrics && rc == SCAP_SUCCESS);
	char name[METRIC_NAME_MAX];
	snprintf(name, sizeof name, N_DROPS_PER_CPU_PREFIX "%u", cpu);
	for(uint32_t i = 0; metrics && i < count; i++) {
		if(strcmp(metrics[i].name, name) == 0) {
			return metrics[i].value.u64;
		}
	}
	CHECK(!"the CPU has a counter of drops");
	return 0;
}

/* Makes calls on a CPU, then reads all that came; returns the number of their events. */
static int late_reader(scap_t *handle, int cpu) {
	pid_t child = fork();
	if(child == 0) {
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof one, &one);
		for(int i = 0; i < CALLS; i++) {
			close(1000000 + i);
		}
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, NULL, 0) == child);
	scap_evt *event;
	uint16_t device;
	uint32_t flags;
	uint64_t last = 0;
	int came = 0, idle = 0, in_order = 1;
	while(idle < 2) {
		if(scap_next(handle, &event, &device, &flags) != SCAP_SUCCESS) {
			idle++;
			continue;
		}
		idle = 0;
		if(scap_event_get_tid(event) == (uint64_t)child) {
			in_order = in_order && scap_event_get_ts(event) >= last;
			last = scap_event_get_ts(event);
			came++;
		}
	}
	CHECK(in_order);
	return came;
}

static void live(void) {
	static scap_open_args args;
	scap_modern_bpf_engine_params params = {.cpus_for_each_buffer = 1, .allocate_online_only = true, .buffer_bytes_dim = (unsigned long)sysconf(_SC_PAGESIZE)};
	args.engine_params = &params;
	args.ppm_sc_of_interest.ppm_sc[PPM_SC_CLOSE] = true;
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_FAILURE;
	scap_t *handle = scap_open(&args, &scap_modern_bpf_engine, error, &rc);
	if(!handle) {
		printf("SKIPPED: a buffer that grows: %s\n", error);
		return;
	}
	int cpu = sched_getcpu();
	cpu_set_t allowed;
	CHECK(cpu >= 0 && sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_ISSET(cpu, &allowed));
	CHECK(scap_start_capture(handle) == SCAP_SUCCESS);
	uint32_t devices = scap_get_ndevs(handle);

	int came = late_reader(handle, cpu);
	uint64_t drops = drops_of(handle, (unsigned)cpu);
	CHECK(drops > CALLS / 2 && came < CALLS && (uint64_t)(CALLS - came) <= drops);
	CHECK(scap_grow_buffer(handle, (uint32_t)cpu, 8 << 20) == SCAP_SUCCESS);
	uint64_t before = drops_of(handle, (unsigned)cpu);
	CHECK(late_reader(handle, cpu) == CALLS && drops_of(handle, (unsigned)cpu) == before);
	/* It has as much already. */
	CHECK(scap_grow_buffer(handle, (uint32_t)cpu, 4 << 20) == SCAP_SUCCESS);
	/* After an error it goes on with the ring that it has. */
	struct rlimit files, none = {0};
	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	none.rlim_max = files.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	rc = scap_grow_buffer(handle, (uint32_t)cpu, 16 << 20);
	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	CHECK(rc == SCAP_FAILURE && strcmp(scap_getlasterr(handle), "making a ring buffer of 16777216 bytes: Too many open files") == 0);
	CHECK(late_reader(handle, cpu) == CALLS);
	/* CPUs that are offline share a ring with one that is not. */
	CHECK(scap_get_ndevs(handle) >= devices && scap_get_ndevs(handle) <= devices + 1);

	CHECK(scap_grow_buffer(handle, 0, 12345) == SCAP_FAILURE && strstr(scap_getlasterr(handle), "must be a power of two"));
	CHECK(scap_grow_buffer(handle, 0, UINT64_MAX) == SCAP_FAILURE && strstr(scap_getlasterr(handle), "the size must"));
	CHECK(scap_grow_buffer(handle, 100000, 8 << 20) == SCAP_FAILURE && strstr(scap_getlasterr(handle), "CPU 100000, which this machine does not have"));
	scap_close(handle);
}

int main(int argc, char **argv) {
	if(argc != 2) {
		return 2;
	}
	/* Engines without such rings. */
	scap_savefile_engine_params params = {.fname = argv[1]};
	static scap_open_args args;
	args.engine_params = &params;
	char text[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_FAILURE;
	scap_t *handle = scap_open(&args, &scap_savefile_engine, text, &rc);
	CHECK(handle && scap_grow_buffer(handle, 0, 8 << 20) == SCAP_NOT_SUPPORTED);
	CHECK(handle && strcmp(scap_getlasterr(handle), "a larger buffer for one CPU is not supported by the engine savefile") == 0);
	if(handle) {
		scap_close(handle);
	}
	CHECK(scap_grow_buffer(NULL, 0, 8 << 20) == SCAP_FAILURE);

	sinsp_error *error = NULL;
	sinsp_inspector *inspector = opened(argv[1]);
	CHECK(sinsp_inspector_grow_buffer(inspector, 0, 8 << 20, &error) != SINSP_SUCCESS && says(&error, "the engine savefile is not supported"));
	sinsp_inspector_free(inspector);
	CHECK(sinsp_inspector_grow_buffer(NULL, 0, 8 << 20, &error) != SINSP_SUCCESS && says(&error, "null inspector"));
	live();
	return finish();
}
