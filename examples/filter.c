/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the events of a capture file that match a filter, with libsinsp's C ABI, which other languages use too.
 *
 *   filter CAPTURE FILTER [FORMAT]
 */
#include <libsinsp/capi.h>

#include <stdio.h>
#include <string.h>

static sinsp_str text(const char *s) {
	return (sinsp_str){.data = s, .len = strlen(s)};
}

/* Prints an error and frees it. */
static int failed(sinsp_error *error) {
	sinsp_str message = sinsp_error_message(error);
	fprintf(stderr, "filter: %.*s\n", (int)message.len, message.data);
	sinsp_error_free(error);
	return 1;
}

static int print_events(sinsp_inspector *inspector, const sinsp_formatter *formatter) {
	sinsp_error *error = NULL;
	sinsp_event event;
	sinsp_status status;
	while((status = sinsp_inspector_next(inspector, &event, &error)) != SINSP_EOF) {
		sinsp_str line;
		if(status == SINSP_FILTERED_EVENT || status == SINSP_TIMEOUT) {
			continue;
		}
		if(status != SINSP_SUCCESS) {
			return failed(error);
		}
		switch(sinsp_formatter_run(formatter, inspector, &event, SINSP_OUTPUT_TEXT, &line, &error)) {
		case 1:
			printf("%.*s\n", (int)line.len, line.data);
			break;
		case -1:
			return failed(error);
		}
	}
	return 0;
}

int main(int argc, char **argv) {
	sinsp_error *error = NULL;
	if(argc != 3 && argc != 4) {
		fprintf(stderr, "usage: filter CAPTURE FILTER [FORMAT]\n");
		return 2;
	}
	const char *format = argc == 4 ? argv[3] : "*%evt.num %evt.time %proc.name %evt.type %evt.args";
	sinsp_inspector *inspector = sinsp_inspector_new(SINSP_ABI_VERSION, &error);
	if(!inspector) {
		return failed(error);
	}
	int result = 1;
	sinsp_formatter *formatter = NULL;
	sinsp_program *filter = sinsp_program_compile(inspector, NULL, text(argv[2]), &error);
	if(!filter || !(formatter = sinsp_formatter_new(inspector, NULL, text(format), &error)) ||
	   sinsp_inspector_set_filter(inspector, filter, &error) != SINSP_SUCCESS ||
	   sinsp_inspector_open_savefile(inspector, text(argv[1]), 0, &error) != SINSP_SUCCESS) {
		failed(error);
	} else {
		result = print_events(inspector, formatter);
	}
	sinsp_formatter_free(formatter);
	sinsp_program_free(filter);
	sinsp_inspector_free(inspector);
	return result;
}
