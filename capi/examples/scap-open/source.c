// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L

#include "source.h"

#include <stdio.h>
#include <string.h>

#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap-int.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>

#include "names.h"

static enum falcosecurity_log_severity log_level;

static void log_message(const char *component, const char *message, enum falcosecurity_log_severity severity) {
	if(severity > log_level) {
		return;
	}
	// Some messages end in a newline, some do not.
	int length = (int)strlen(message);
	while(length > 0 && message[length - 1] == '\n') {
		length--;
	}
	fprintf(stderr, "%s%s%.*s\n", component ? component : "", component ? ": " : "", length, message);
}

// Takes a thread or an fd that exists at the start.
static int32_t take_entry(void *context,
                          char *error,
                          int64_t tid,
                          scap_threadinfo *thread,
                          scap_fdinfo *fd,
                          scap_threadinfo **kept) {
	(void)kept;
	struct platform_counts *counts = context;
	counts->fds += fd != NULL;
	counts->threads += thread != NULL;
	if(thread && !set_name(tid, thread->comm, strnlen(thread->comm, sizeof(thread->comm)))) {
		snprintf(error, SCAP_LASTERR_SIZE, "no memory for the names of threads");
		return SCAP_FAILURE;
	}
	return SCAP_SUCCESS;
}

// The callbacks of a platform: ours, or those of a platform that keeps its threads and fds, which a capture that is written starts with.
static scap_proc_callbacks callbacks(struct platform_counts *counts, bool keeps) {
	return (scap_proc_callbacks){
	        .m_refresh_start_cb = default_refresh_start_end_callback,
	        .m_refresh_end_cb = default_refresh_start_end_callback,
	        .m_proc_entry_cb = keeps ? default_proc_entry_callback : take_entry,
	        .m_callback_context = counts,
	};
}

static bool failed(struct capture *capture, const char *what, const char *error) {
	fprintf(stderr, "scap-open: %s: %s\n", what, error);
	close_capture(capture);
	return false;
}

static bool open_file(struct capture *capture, scap_open_args *arguments, const char *path, bool keeps) {
	struct scap_savefile_engine_params file = {.fname = path};
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_FAILURE;
	capture->platform = scap_savefile_alloc_platform(callbacks(&capture->system, keeps));
	file.platform = capture->platform;
	arguments->engine_params = &file;
	capture->handle = scap_open(arguments, &scap_savefile_engine, error, &rc);
	return capture->handle || failed(capture, path, error);
}

// Opens an engine of the running kernel, and scans its processes.
static bool open_live(struct capture *capture, scap_open_args *arguments, const struct options *options) {
	struct scap_kmod_engine_params kmod = {.buffer_bytes_dim = options->buffer_bytes};
	struct scap_modern_bpf_engine_params bpf = {
	        .buffer_bytes_dim = options->buffer_bytes,
	        .cpus_for_each_buffer = options->cpus_per_buffer,
	        .allocate_online_only = options->online_cpus_only,
	};
	bool module = options->source == SOURCE_KMOD;
	const char *name = module ? "the kernel module" : "the BPF probe";
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_FAILURE;
	arguments->engine_params = module ? (void *)&kmod : (void *)&bpf;
	capture->handle = scap_open(arguments, module ? &scap_kmod_engine : &scap_modern_bpf_engine, error, &rc);
	if(!capture->handle) {
		return failed(capture, name, error);
	}
	capture->platform = scap_linux_alloc_platform(callbacks(&capture->system, options->output != NULL));
	if(!capture->platform ||
	   scap_platform_init(capture->platform, error, capture->handle->m_engine, arguments) != SCAP_SUCCESS) {
		return failed(capture, "the running processes", error);
	}
	return true;
}

bool open_capture(struct capture *capture, const struct options *options) {
	// A capture that is written has the users too.
	scap_open_args arguments = {.log_fn = log_message, .import_users = options->output != NULL};
	*capture = (struct capture){0};
	log_level = options->log_level;
	for(int code = 0; code < PPM_SC_MAX; code++) {
		arguments.ppm_sc_of_interest.ppm_sc[code] = !options->calls_chosen || options->calls[code];
	}
	if(options->source == SOURCE_FILE) {
		return open_file(capture, &arguments, options->file, options->output != NULL);
	}
	return open_live(capture, &arguments, options);
}

bool read_names(struct capture *capture, const char *path) {
	struct capture written = {0};
	scap_open_args arguments = {.log_fn = log_message};
	if(!open_file(&written, &arguments, path, false)) {
		return false;
	}
	capture->system = written.system;
	close_capture(&written);
	return true;
}

void close_capture(struct capture *capture) {
	if(capture->handle) {
		scap_close(capture->handle);
	}
	if(capture->platform) {
		scap_platform_close(capture->platform);
		scap_platform_free(capture->platform);
	}
	*capture = (struct capture){0};
}
