/* Uses libscap and libsinsp as a C program does. Prints `ok` and ends with 0 if both do what they should. */
#include <stdio.h>
#include <string.h>

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libsinsp/capi.h>

/* Without their folder, too. */
#include <scap_const.h>

static int failures;

static void check(int holds, const char *what) {
	if(!holds) {
		fprintf(stderr, "failed: %s\n", what);
		failures++;
	}
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

	/* Null handles and missing arguments are answered. */
	check(strcmp(scap_getlasterr(NULL), "null scap handle") == 0, "the error of a null handle");
	check(scap_next(NULL, &event, &device, &flags) == SCAP_FAILURE, "next on a null handle");
	check(scap_start_capture(NULL) == SCAP_FAILURE, "start on a null handle");
	scap_close(NULL);
	check(scap_open(NULL, &scap_savefile_engine, error, &rc) == NULL && rc != SCAP_SUCCESS && error[0] != '\0', "null arguments");
	check(scap_open(&args, NULL, error, &rc) == NULL && rc != SCAP_SUCCESS, "a null engine");
	check(scap_open(&args, &scap_savefile_engine, error, &rc) == NULL && rc != SCAP_SUCCESS, "null parameters");

	/* A file that is not there is named. */
	params.fname = "/there/is/no/such.scap";
	args.engine_params = &params;
	check(scap_open(&args, &scap_savefile_engine, error, &rc) == NULL && rc == SCAP_FAILURE, "a missing file");
	check(strstr(error, params.fname) != NULL, "the missing file's name");

	/* What there is no support for says so. */
	check(scap_open(&args, &scap_kmod_engine, error, &rc) == NULL && rc == SCAP_NOT_SUPPORTED, "the kernel module");

	/* The machine itself. */
	scap_t *machine = scap_open(&args, &scap_nodriver_engine, error, &rc);
	check(machine != NULL && rc == SCAP_SUCCESS, "the machine");
	if(machine != NULL) {
		check(scap_check_current_engine(machine, NODRIVER_ENGINE), "the engine's name");
		rc = scap_next(machine, &event, &device, &flags);
		check(rc == SCAP_SUCCESS || rc == SCAP_TIMEOUT, "an event of the machine");
		check(scap_set_snaplen(machine, 100) == SCAP_NOT_SUPPORTED && scap_getlasterr(machine)[0] != '\0', "a setting it lacks");
		scap_close(machine);
	}

	/* The tables. */
	const struct ppm_event_info *info = scap_get_event_info_table();
	check(strcmp(info[PPME_SYSCALL_OPEN_X].name, "open") == 0, "the event table");
	check(info[PPME_SYSCALL_OPEN_X].params[2].info == file_flags, "a flag table");
	check(strcmp(scap_get_ppm_sc_name(PPM_SC_OPENAT), "openat") == 0, "the name of a system call");

	/* The other library, in the same program. */
	check(sinsp_abi_version() >> 16 == SINSP_ABI_VERSION >> 16, "the version of libsinsp");
	check(sinsp_inspector_engine(NULL).len == 0, "a null inspector");

	if(failures == 0) {
		puts("ok");
	}
	return failures != 0;
}
