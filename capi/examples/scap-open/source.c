// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <stdio.h>
#include <string.h>

#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>

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

static int32_t count_entry(void *context,
                           char *error,
                           int64_t tid,
                           scap_threadinfo *thread,
                           scap_fdinfo *fd,
                           scap_threadinfo **kept) {
	(void)error, (void)tid, (void)thread, (void)kept;
	struct platform_counts *counts = context;
	if(fd) {
		counts->fds++;
	} else {
		counts->threads++;
	}
	return SCAP_SUCCESS;
}

static const char *source_name(const struct options *options) {
	switch(options->source) {
	case SOURCE_KMOD:
		return "the kernel module";
	case SOURCE_MODERN_BPF:
		return "the BPF probe";
	default:
		return options->file;
	}
}

bool open_capture(struct capture *capture, const struct options *options) {
	struct scap_kmod_engine_params kmod = {.buffer_bytes_dim = options->buffer_bytes};
	struct scap_modern_bpf_engine_params bpf = {
	        .buffer_bytes_dim = options->buffer_bytes,
	        .cpus_for_each_buffer = options->cpus_per_buffer,
	        .allocate_online_only = options->online_cpus_only,
	};
	struct scap_savefile_engine_params file = {.fname = options->file};
	scap_open_args arguments = {.log_fn = log_message};
	const struct scap_vtable *engine = NULL;

	*capture = (struct capture){0};
	log_level = options->log_level;
	for(int code = 0; code < PPM_SC_MAX; code++) {
		arguments.ppm_sc_of_interest.ppm_sc[code] = !options->calls_chosen || options->calls[code];
	}
	switch(options->source) {
	case SOURCE_KMOD:
		engine = &scap_kmod_engine;
		arguments.engine_params = &kmod;
		break;
	case SOURCE_MODERN_BPF:
		engine = &scap_modern_bpf_engine;
		arguments.engine_params = &bpf;
		break;
	default:
		engine = &scap_savefile_engine;
		arguments.engine_params = &file;
		capture->platform = scap_savefile_alloc_platform((scap_proc_callbacks){
		        .m_refresh_start_cb = default_refresh_start_end_callback,
		        .m_refresh_end_cb = default_refresh_start_end_callback,
		        .m_proc_entry_cb = count_entry,
		        .m_callback_context = &capture->system,
		});
		file.platform = capture->platform;
		break;
	}

	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_FAILURE;
	capture->handle = scap_open(&arguments, engine, error, &rc);
	if(!capture->handle) {
		fprintf(stderr, "scap-open: %s: %s\n", source_name(options), error);
		close_capture(capture);
		return false;
	}
	return true;
}

void close_capture(struct capture *capture) {
	if(capture->handle) {
		scap_close(capture->handle);
	}
	if(capture->platform) {
		scap_platform_free(capture->platform);
	}
	*capture = (struct capture){0};
}
