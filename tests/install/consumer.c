/* Uses libscap and libsinsp as a C program does. Prints `ok` and exits with 0 on success. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>

#include <stdlib.h>
#include <unistd.h>

#include <libscap/engine/modern_bpf/modern_bpf_public.h>
#include <libscap/engine/savefile/converter/converter.h>
#include <libscap/engine/noop/noop.h>
#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap-int.h>
#include <libscap/scap.h>
#include <libscap/scap_api_version.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_savefile_api.h>
#include <libsinsp/capi.h>

/* Headers can be included without their folder too. */
#include <scap_const.h>

static int failures;

static void check(int holds, const char *what) {
	if(!holds) {
		fprintf(stderr, "failed: %s\n", what);
		failures++;
	}
}

/* What the callback received about this process. */
struct seen {
	int threads;
	int fds;
	int fails;
};

static int32_t on_entry(void *context, char *error, int64_t tid, scap_threadinfo *tinfo, scap_fdinfo *fdinfo, scap_threadinfo **new_tinfo) {
	struct seen *seen = context;
	(void)new_tinfo;
	if(tinfo != NULL && tinfo->tid == (uint64_t)getpid()) {
		seen->threads++;
		check(tid == getpid() && strstr(tinfo->exepath, "/") == tinfo->exepath, "this process");
	}
	if(fdinfo != NULL && tid == getpid()) {
		seen->fds++;
	}
	if(seen->fails) {
		snprintf(error, SCAP_LASTERR_SIZE, "enough");
		return SCAP_FAILURE;
	}
	return SCAP_SUCCESS;
}

static void platform(void) {
	struct seen seen = {0, 0, 0};
	const scap_proc_callbacks callbacks = {NULL, NULL, on_entry, &seen};
	const struct scap_engine_handle none = {NULL};
	char error[SCAP_LASTERR_SIZE] = "";
	scap_open_args args;
	memset(&args, 0, sizeof(args));

	struct scap_platform *p = scap_linux_alloc_platform(callbacks);
	struct scap_linux_platform *on_linux = (struct scap_linux_platform *)p;
	on_linux->m_engine.m_handle = error;
	on_linux->m_linux_vtable = &scap_modern_bpf_linux_vtable;
	check(scap_get_machine_info(p) == NULL, "a machine before it is read");
	check(scap_platform_init(p, error, none, &args) == SCAP_SUCCESS, error);
	check(seen.threads == 1 && seen.fds >= 3, "this process once, with its fds");
	check(on_linux->m_engine.m_handle == NULL && on_linux->m_linux_vtable == &scap_modern_bpf_linux_vtable, "what stands in a platform");
	check(scap_get_machine_info(p) != NULL && scap_get_machine_info(p)->num_cpus > 0, "the processors");
	check(scap_get_user_list(p) == NULL, "users, which nobody asked for");
	check(scap_proc_get(p, getpid(), false) == SCAP_SUCCESS && seen.threads == 2, "this process again");
	check(scap_proc_get(p, 0x7fffffff, false) != SCAP_SUCCESS, "a process that is not there");
	check(scap_get_threadlist(p, error) != NULL && scap_get_threadlist(p, error)->n_entries > 0, "processor times");
	seen.fails = 1;
	check(scap_refresh_proc_table(p) == SCAP_FAILURE, "a callback that fails");
	check(scap_platform_close(p) == SCAP_SUCCESS && scap_get_machine_info(p) == NULL, "a closed platform");
	scap_platform_free(p);
}

/* An engine that the program defines. Functions it does not need are those of the engine that has none. */
static int32_t own_pid(struct scap_engine_handle engine, int64_t *pid, char *error) {
	(void)error;
	*pid = engine.m_handle != NULL ? 7 : -1;
	return SCAP_SUCCESS;
}

static int32_t own_times(struct scap_engine_handle engine, struct ppm_proclist_info **list, char *error) {
	(void)engine;
	if(!scap_alloc_proclist_info(list, SCAP_DRIVER_PROCINFO_INITIAL_SIZE, error)) {
		return SCAP_FAILURE;
	}
	(*list)->n_entries = 1;
	(*list)->entries[0].pid = 7;
	return SCAP_SUCCESS;
}

static void own_engine(void) {
	static const struct scap_linux_vtable told = {.getpid_global = own_pid, .get_threadlist = own_times};
	struct scap_vtable engine = scap_noop_engine;
	engine.name = "own";
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_FAILURE;
	uint32_t n = 9;
	scap_evt *event = NULL;
	uint16_t device = 0;
	uint32_t flags = 0;
	long hits[1];
	scap_stats stats;
	scap_open_args args;
	memset(&args, 0, sizeof(args));

	scap_t *h = scap_open(&args, &engine, error, &rc);
	check(h != NULL && rc == SCAP_SUCCESS && scap_check_current_engine(h, "own"), "an engine of one's own");
	check(h->m_vtable == &engine && h->m_engine.m_handle != NULL, "what a handle has");
	check(scap_start_capture(h) == SCAP_SUCCESS && scap_stop_capture(h) == SCAP_SUCCESS, "nothing to start");
	check(scap_next(h, &event, &device, &flags) == SCAP_EOF, "no events");
	check(scap_get_stats(h, &stats) == SCAP_SUCCESS && stats.n_evts == 0, "no counters");
	check(scap_get_stats_v2(h, METRICS_V2_KERNEL_COUNTERS, &n, &rc) != NULL && n == 0 && rc == SCAP_SUCCESS, "no metrics of it");
	check(scap_stop_dropping_mode(h) == SCAP_SUCCESS, "nothing to end");
	check(scap_set_snaplen(h, 100) == SCAP_NOT_SUPPORTED && strstr(scap_getlasterr(h), "not supported") != NULL, "no settings");
	check(scap_get_n_tracepoint_hit(h, hits) == SCAP_NOT_SUPPORTED && scap_get_ndevs(h) == 0 && scap_max_buf_used(h) == 0, "no rings");

	const scap_proc_callbacks callbacks = {NULL, NULL, NULL, NULL};
	struct scap_platform *p = scap_linux_alloc_platform(callbacks);
	struct scap_linux_platform *linux_platform = (struct scap_linux_platform *)p;
	int64_t pid = 0;
	linux_platform->m_linux_vtable = &told;
	check(scap_platform_init(p, error, h->m_engine, &args) == SCAP_SUCCESS, error);
	check(linux_platform->m_engine.m_handle == h->m_engine.m_handle, "the platform's engine");
	check(scap_getpid_global(p, &pid) == SCAP_SUCCESS && pid == 7, "the pid that the engine tells");
	struct ppm_proclist_info *times = scap_get_threadlist(p, error);
	check(times != NULL && times->n_entries == 1 && times->entries[0].pid == 7, "the times that the engine tells");
	check(scap_proc_get(p, getpid(), false) == SCAP_SUCCESS, "what the engine does not tell");
	/* modern_bpf fails to fetch threads for a handle of another engine. */
	const struct scap_fetch_callbacks fetched = {on_entry, NULL};
	check(scap_modern_bpf_linux_vtable.fetch_threads(h->m_engine, &fetched, error) == SCAP_FAILURE, "another engine's object");
	scap_platform_free(p);
	scap_close(h);

	struct ppm_proclist_info *list = NULL;
	check(scap_alloc_proclist_info(&list, 3, error) && list->n_entries == 0 && list->max_entries == 3, "a list");
	list->n_entries = 3;
	list->entries[2].pid = 5;
	check(scap_alloc_proclist_info(&list, 3000, error) && list->n_entries == 3 && list->entries[2].pid == 5, "a larger list");
	check(!scap_alloc_proclist_info(&list, SCAP_DRIVER_PROCINFO_MAX_SIZE, error) && list != NULL, "a list that is too large");
	scap_free_proclist_info(list);
	check(strcmp(g_event_info[PPME_SYSCALL_OPEN_X].name, "open") == 0 && g_syscall_table[0].ppm_sc < PPM_SC_MAX, "its tables");
}

static void events(void) {
	char error[SCAP_LASTERR_SIZE] = "";
	struct scap_sized_buffer params[PPM_MAX_EVENT_PARAMS];
	const struct scap_const_sized_buffer data = {"hello", 5};
	scap_evt *e = scap_create_event(error, 7, 8, PPME_SYSCALL_READ_X, 4, (int64_t)5, data, (int64_t)3, (uint32_t)100);
	check(e != NULL, error);
	check(e->ts == 7 && e->tid == 8 && e->nparams == 4 && scap_event_getlen(e) == 26 + 4 * 2 + 8 + 5 + 8 + 4, "the header");
	check(scap_event_decode_params(e, params) == 4 && params[1].size == 5 && memcmp(params[1].buf, "hello", 5) == 0, "the data");
	check(get_exit_event_fd_location(PPME_SYSCALL_READ_X) == 2 && params[2].size == 8, "the fd");

	/* A wrong number of parameters is detected. */
	e->nparams = 4000;
	check(scap_event_decode_params(e, params) == 0, "too many parameters");
	e->nparams = 4;
	scap_event_set_param_length_regular(e, 1, 60000);
	check(scap_event_decode_params(e, params) == 0, "a parameter beyond the end");
	scap_event_set_param_length_regular(e, 1, 5);

	SCAP_EMPTY_PARAMS_SET(empty, 1, 3)
	scap_evt *f = scap_create_event_with_empty_params(error,
	                                                  7,
	                                                  8,
	                                                  PPME_SYSCALL_READ_X,
	                                                  &empty,
	                                                  4,
	                                                  (int64_t)5,
	                                                  data,
	                                                  (int64_t)3,
	                                                  (uint32_t)100);
	check(f != NULL && scap_event_decode_params(f, params) == 4 && params[1].size == 0 && params[3].size == 0, "empty parameters");
	check(scap_compare_events(e, e, error) && !scap_compare_events(e, f, error) && error[0] != '\0', "a comparison");
	free(f);

	struct scap_sized_buffer small = {NULL, 0};
	size_t size = 0;
	check(scap_event_encode_params(small, &size, error, PPME_SYSCALL_CLOSE_X, 2, (int64_t)0, (int64_t)1) == SCAP_INPUT_TOO_SMALL &&
	              size == 26 + 2 * 2 + 16,
	      "the size that is needed");
	check(scap_create_event(error, 0, 0, (ppm_event_code)60000, 0) == NULL, "an event that is not there");

	/* A current event needs no conversion. */
	check(test_event_convertibility(e, error) == CONVERSION_PASS, "an event of today");
	free(e);
}

/* Events, threads and fds from the program. */
static void test_input(void) {
	char error[SCAP_LASTERR_SIZE] = "";
	struct seen seen = {0, 0, 0};
	const scap_proc_callbacks callbacks = {NULL, NULL, on_entry, &seen};
	const struct scap_engine_handle none = {NULL};
	static scap_threadinfo thread;
	static scap_fdinfo fds[2];
	scap_evt *events[] = {scap_create_event(error, 1, 2, PPME_SYSCALL_CLOSE_X, 2, (int64_t)0, (int64_t)3),
	                      scap_create_event(error, 2, 2, PPME_SYSCALL_CLOSE_X, 2, (int64_t)0, (int64_t)4)};
	struct scap_test_fdinfo_data fd_data = {fds, 2};
	struct scap_test_input_data data = {events, 2, &thread, 1, &fd_data};
	struct scap_test_input_engine_params params = {&data};
	scap_open_args args;
	int32_t rc = SCAP_SUCCESS;
	scap_evt *event = NULL;
	uint16_t device = 0;
	uint32_t flags = 0;

	memset(&args, 0, sizeof(args));
	check(scap_open(&args, &scap_test_input_engine, error, &rc) == NULL && error[0] != '\0', "no data");
	args.engine_params = &params;
	thread.tid = thread.pid = (uint64_t)getpid();
	strcpy(thread.exepath, "/test");
	scap_t *h = scap_open(&args, &scap_test_input_engine, error, &rc);
	struct scap_platform *p = scap_test_input_alloc_platform(callbacks);
	check(h != NULL && scap_platform_init(p, error, none, &args) == SCAP_SUCCESS, error);
	check(seen.threads == 1 && seen.fds == 2, "the thread and its fds");
	check(scap_next(h, &event, &device, &flags) == SCAP_SUCCESS && event == events[0] && device == 1, "the first event");
	events[1]->len = 3;
	check(scap_next(h, &event, &device, &flags) == SCAP_FAILURE, "an event that does not hold together");
	check(scap_next(h, &event, &device, &flags) == SCAP_TIMEOUT, "no more events");
	scap_platform_free(p);
	scap_close(h);
	free(events[0]);
	free(events[1]);
}

/* Writes a capture of this machine with two events, and reads it back. */
static void captures(compression_mode compression) {
	char error[SCAP_LASTERR_SIZE] = "";
	char name[] = "/tmp/consumer-XXXXXX";
	const struct scap_engine_handle none = {NULL};
	const scap_proc_callbacks keep = {default_refresh_start_end_callback, default_refresh_start_end_callback, default_proc_entry_callback, NULL};
	scap_open_args args;
	memset(&args, 0, sizeof(args));
	args.import_users = true;

	struct scap_platform *machine = scap_linux_alloc_platform(keep);
	check(scap_platform_init(machine, error, none, &args) == SCAP_SUCCESS, error);
	const int fd = mkstemp(name);
	scap_dumper_t *d = scap_dump_open_fd(machine, fd, compression, false, error);
	check(d != NULL, error);
	scap_evt *e = scap_create_event(error, 7, 8, PPME_SYSCALL_CLOSE_X, 2, (int64_t)-9, (int64_t)3);
	check(scap_dump(d, e, 1, 0) == SCAP_SUCCESS && scap_dump(d, e, 2, SCAP_DF_STATE_ONLY) == SCAP_SUCCESS, scap_dump_getlasterr(d));
	check(scap_dump(d, NULL, 0, 0) == SCAP_FAILURE && scap_dump_getlasterr(d)[0] != '\0', "no event");
	scap_dump_flush(d);
	check(scap_dump_ftell(d) > 100 && scap_dump_get_offset(d) > 0, "its size");
	scap_dump_close(d);

	struct seen seen = {0, 0, 0};
	const scap_proc_callbacks callbacks = {NULL, NULL, on_entry, &seen};
	struct scap_platform *told = scap_savefile_alloc_platform(callbacks);
	struct scap_savefile_engine_params params;
	memset(&params, 0, sizeof(params));
	params.fname = name;
	params.platform = told;
	args.engine_params = &params;
	int32_t rc = SCAP_SUCCESS;
	scap_t *h = scap_open(&args, &scap_savefile_engine, error, &rc);
	check(h != NULL, error);
	check(seen.threads == 1 && seen.fds >= 3, "this process in the capture");
	check(scap_get_machine_info(told)->num_cpus == scap_get_machine_info(machine)->num_cpus, "the machine in the capture");
	check(scap_get_user_list(told)->nusers == scap_get_user_list(machine)->nusers, "the users in the capture");
	scap_evt *read = NULL;
	uint16_t device = 0;
	uint32_t flags = 9;
	check(scap_next(h, &read, &device, &flags) == SCAP_SUCCESS && device == 1 && flags == 0, "the first event");
	check(scap_compare_events(read, e, error), error);
	check(scap_next(h, &read, &device, &flags) == SCAP_SUCCESS && device == 2 && flags == SCAP_DF_STATE_ONLY, "the second event");
	check(scap_event_get_dump_flags(h) == SCAP_DF_STATE_ONLY, "its flags again");
	check(scap_next(h, &read, &device, &flags) == SCAP_EOF && scap_event_get_num(h) == 2, "the end");
	check(scap_get_readfile_offset(h) > 0 && scap_ftell(h) > 100, "its size when it is read");
	scap_close(h);
	scap_platform_free(told);

	/* In memory: too small, then large enough. */
	static uint8_t memory[4 << 20];
	d = scap_memory_dump_open(NULL, memory, 10, error);
	check(scap_get_memorydumper_curpos(d) == NULL, "memory that is too small");
	scap_dump_close(d);
	d = scap_memory_dump_open(NULL, memory, sizeof(memory), error);
	check(scap_dump(d, e, 0, 0) == SCAP_SUCCESS && scap_get_memorydumper_curpos(d) > memory + 28 + 40, "memory");
	scap_dump_close(d);
	free(e);
	scap_platform_free(machine);
	unlink(name);
}

int main(void) {
	scap_open_args args;
	struct scap_savefile_engine_params params;
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_SUCCESS;
	scap_evt *event = NULL;
	uint16_t device = 0;
	uint32_t flags = 0;

	memset(&args, 0, sizeof(args));
	memset(&params, 0, sizeof(params));

	/* The error names a missing file. */
	params.fname = "/there/is/no/such.scap";
	args.engine_params = &params;
	check(scap_open(&args, &scap_savefile_engine, error, &rc) == NULL && rc == SCAP_FAILURE, "a missing file");
	check(strstr(error, params.fname) != NULL, "the missing file's name");

	/* A ring of the kernel module cannot have 3 bytes, whether the module is loaded or not. */
	struct scap_kmod_engine_params kmod = {.buffer_bytes_dim = 3};
	args.engine_params = &kmod;
	check(scap_open(&args, &scap_kmod_engine, error, &rc) == NULL && rc != SCAP_SUCCESS && strstr(error, "3 bytes") != NULL, "the kernel module");
	args.engine_params = &params;

	/* The running machine. */
	scap_t *machine = scap_open(&args, &scap_nodriver_engine, error, &rc);
	check(machine != NULL && rc == SCAP_SUCCESS, "the machine");
	if(machine != NULL) {
		check(scap_check_current_engine(machine, NODRIVER_ENGINE), "the engine's name");
		uint32_t n = 9;
		check(scap_get_stats_v2(machine, METRICS_V2_KERNEL_COUNTERS, &n, &rc) != NULL && n == 0 && rc == SCAP_SUCCESS, "no metrics");
		rc = scap_next(machine, &event, &device, &flags);
		check(rc == SCAP_SUCCESS && event->type == PPME_SCAPEVENT_E && event->tid == (uint64_t)-1 && event->nparams == 2, "an event of the machine");
		check(event->len == sizeof(*event) + 2 * sizeof(uint16_t) + 12 && device == 0 && flags == 0, "all of it");
		uint64_t before = event->ts;
		check(scap_next(machine, &event, &device, &flags) == SCAP_SUCCESS && event->ts > before && before > 0, "another");
		check(scap_set_snaplen(machine, 100) == SCAP_NOT_SUPPORTED && scap_getlasterr(machine)[0] != '\0', "a setting it lacks");
		scap_close(machine);
	}

	platform();
	own_engine();
	events();
	test_input();
	captures(SCAP_COMPRESSION_NONE);
	captures(SCAP_COMPRESSION_GZIP);

	/* The tables. */
	const struct ppm_event_info *info = scap_get_event_info_table();
	check(strcmp(info[PPME_SYSCALL_OPEN_X].name, "open") == 0, "the event table");
	check(info[PPME_SYSCALL_OPEN_X].params[2].info == file_flags, "a flag table");
	check(strcmp(scap_get_ppm_sc_name(PPM_SC_OPENAT), "openat") == 0, "the name of a system call");

	/* The other library, in the same program. */
	check(sinsp_abi_version() >> 16 == SINSP_ABI_VERSION >> 16, "the version of libsinsp");
	check(atoi(sinsp_library_version()) == SINSP_ABI_VERSION >> 16, "the version of the library");
	check(strcmp(sinsp_library_version(), scap_library_version()) == 0, "libscap's version of the library");
	check(strcmp(sinsp_reference_version(), "0.25.4") == 0 && strcmp(scap_reference_version(), "0.25.4") == 0, "the version of the reference");

	if(failures == 0) {
		puts("ok");
	}
	return failures != 0;
}
