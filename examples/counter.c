/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the events of a capture file by type, with libscap alone.
 *
 *   counter CAPTURE
 */
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>

#include <stdio.h>

static int32_t ignore_entry(void *context, char *error, int64_t tid, scap_threadinfo *thread, scap_fdinfo *fd, scap_threadinfo **kept) {
	(void)context, (void)error, (void)tid, (void)thread, (void)fd, (void)kept;
	return SCAP_SUCCESS;
}

int main(int argc, char **argv) {
	static unsigned long counts[PPM_EVENT_MAX];
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t status;

	if(argc != 2) {
		fprintf(stderr, "usage: counter CAPTURE\n");
		return 2;
	}
	/* The platform has what the file says of the system: threads, files, users. This program needs none of it. */
	struct scap_platform *platform = scap_savefile_alloc_platform((scap_proc_callbacks){
	        .m_refresh_start_cb = default_refresh_start_end_callback,
	        .m_refresh_end_cb = default_refresh_start_end_callback,
	        .m_proc_entry_cb = ignore_entry,
	});
	struct scap_savefile_engine_params file = {.fname = argv[1], .platform = platform};
	scap_open_args arguments = {.engine_params = &file};
	scap_t *capture = scap_open(&arguments, &scap_savefile_engine, error, &status);
	if(capture == NULL) {
		fprintf(stderr, "counter: %s\n", error);
		scap_platform_free(platform);
		return 1;
	}

	scap_evt *event;
	uint16_t device;
	uint32_t flags;
	while((status = scap_next(capture, &event, &device, &flags)) == SCAP_SUCCESS || status == SCAP_TIMEOUT) {
		if(status == SCAP_SUCCESS) {
			counts[event->type]++;
		}
	}
	if(status != SCAP_EOF) {
		fprintf(stderr, "counter: %s\n", scap_getlasterr(capture));
	}
	for(int type = 0; type < PPM_EVENT_MAX; type++) {
		if(counts[type]) {
			printf("%8lu %s %s\n", counts[type], PPME_IS_ENTER(type) ? ">" : "<", scap_get_event_info_table()[type].name);
		}
	}
	scap_close(capture);
	scap_platform_free(platform);
	return status == SCAP_EOF ? 0 : 1;
}
