/* SPDX-License-Identifier: Apache-2.0 */
/* Dropped events by system call, with libscap: drops CAPTURE. Without the rights to capture, only what needs none is tested. */
#include "../capi/check.h"

#include <libscap/scap.h>
#include <libscap/scap_drops.h>
#include <libscap/scap_engines.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOUD 20000
#define QUIET 1000

static void a_file_has_no_such_counters(const char *path) {
	scap_savefile_engine_params params = {.fname = path};
	scap_open_args args = {.engine_params = &params};
	char error[SCAP_LASTERR_SIZE];
	int32_t rc;
	scap_t *capture = scap_open(&args, &scap_savefile_engine, error, &rc);
	CHECK(capture);
	struct scap_sc_drops drops[1];
	uint32_t count = 7;
	CHECK(scap_get_sc_drops(capture, drops, 1, &count) == SCAP_NOT_SUPPORTED && count == 0);
	CHECK(!strcmp(scap_getlasterr(capture), "counting drops by system call is not supported by the engine savefile"));
	CHECK(scap_get_sc_drops(capture, NULL, 1, &count) == SCAP_FAILURE);
	CHECK(scap_get_sc_drops(capture, drops, 1, NULL) == SCAP_FAILURE);
	CHECK(!strcmp(scap_getlasterr(capture), "scap_get_sc_drops: null output"));
	CHECK(scap_get_sc_drops(NULL, drops, 1, &count) == SCAP_FAILURE);
	scap_close(capture);
}

/* A capture with the smallest rings, of which nothing is read. */
static void a_loud_call_leads(void) {
	struct scap_modern_bpf_engine_params params = {
	        .cpus_for_each_buffer = 1,
	        .allocate_online_only = true,
	        .buffer_bytes_dim = (unsigned long)sysconf(_SC_PAGESIZE),
	};
	scap_open_args args = {.engine_params = &params};
	args.ppm_sc_of_interest.ppm_sc[PPM_SC_GETPPID] = 1;
	args.ppm_sc_of_interest.ppm_sc[PPM_SC_OPENAT] = 1;
	char error[SCAP_LASTERR_SIZE];
	int32_t rc;
	scap_t *capture = scap_open(&args, &scap_modern_bpf_engine, error, &rc);
	if(!capture) {
		printf("SKIPPED: live: %s\n", error);
		return;
	}
	static struct scap_sc_drops drops[PPM_SC_MAX];
	uint32_t count = 7;
	CHECK(scap_get_sc_drops(capture, drops, PPM_SC_MAX, &count) == SCAP_SUCCESS && count == 0);
	CHECK(scap_start_capture(capture) == SCAP_SUCCESS);
	for(int i = 0; i < LOUD; i++) {
		syscall(SYS_getppid);
		if(i % (LOUD / QUIET) == 0) {
			syscall(SYS_openat, AT_FDCWD, "/no/such/file", O_RDONLY);
		}
	}
	CHECK(scap_stop_capture(capture) == SCAP_SUCCESS);
	CHECK(scap_get_sc_drops(capture, drops, PPM_SC_MAX, &count) == SCAP_SUCCESS && count == 2);
	CHECK(drops[0].sc == PPM_SC_GETPPID && drops[1].sc == PPM_SC_OPENAT && drops[0].drops > drops[1].drops);
	scap_stats stats;
	CHECK(scap_get_stats(capture, &stats) == SCAP_SUCCESS);
	CHECK(stats.n_drops_buffer > 0);
	CHECK(drops[0].drops + drops[1].drops == stats.n_drops_buffer + stats.n_drops_scratch_map);

	/* With less room the first come, and the number is still the whole one. */
	struct scap_sc_drops first[2] = {{0, 0}, {PPM_SC_CLOSE, 5}};
	CHECK(scap_get_sc_drops(capture, first, 1, &count) == SCAP_SUCCESS && count == 2);
	CHECK(first[0].sc == PPM_SC_GETPPID && first[0].drops == drops[0].drops);
	CHECK(first[1].sc == PPM_SC_CLOSE && first[1].drops == 5);
	CHECK(scap_get_sc_drops(capture, NULL, 0, &count) == SCAP_SUCCESS && count == 2);
	scap_close(capture);
}

/* An engine is known by its functions: a program may have its own copy of the vtable. */
static void a_copy_of_the_engine_counts_them_too(void) {
	struct scap_modern_bpf_engine_params params = {
	        .cpus_for_each_buffer = 1,
	        .allocate_online_only = true,
	        .buffer_bytes_dim = (unsigned long)sysconf(_SC_PAGESIZE),
	};
	scap_open_args args = {.engine_params = &params};
	struct scap_vtable copy = scap_modern_bpf_engine;
	char error[SCAP_LASTERR_SIZE];
	int32_t rc;
	scap_t *capture = scap_open(&args, &copy, error, &rc);
	if(!capture) {
		printf("SKIPPED: live: %s\n", error);
		return;
	}
	uint32_t count = 7;
	CHECK(scap_get_sc_drops(capture, NULL, 0, &count) == SCAP_SUCCESS && count == 0);
	scap_close(capture);
}

/* The same by the C ABI of libsinsp. */
static void an_inspector_counts_them_too(const char *path) {
	sinsp_error *error = NULL;
	sinsp_drops_row row;
	size_t count = 7;
	sinsp_inspector *inspector = sinsp_inspector_new(SINSP_ABI_VERSION, NULL);
	CHECK(sinsp_inspector_drops(inspector, &row, 1, &count, &error) == SINSP_FAILURE && count == 0);
	CHECK(says(&error, "the inspector is not open for events"));
	sinsp_inspector_free(inspector);
	inspector = opened(path);
	CHECK(sinsp_inspector_drops(inspector, &row, 1, &count, &error) == SINSP_NOT_SUPPORTED && count == 0);
	CHECK(says(&error, "counting drops by system call by an engine other than modern_bpf is not supported"));
	CHECK(sinsp_inspector_drops(inspector, NULL, 1, &count, &error) == SINSP_ILLEGAL_INPUT && says(&error, "null rows"));
	CHECK(sinsp_inspector_drops(inspector, &row, 1, NULL, &error) == SINSP_ILLEGAL_INPUT && says(&error, "null count"));
	sinsp_inspector_free(inspector);
}

int main(int argc, char **argv) {
	if(argc != 2) {
		return 2;
	}
	a_file_has_no_such_counters(argv[1]);
	a_loud_call_leads();
	a_copy_of_the_engine_counts_them_too();
	an_inspector_counts_them_too(argv[1]);
	return finish();
}
