/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the programs in C that use libsinsp's C ABI. Each prints its failures and a count. */
#pragma once

#include <libsinsp/capi.h>

#include <stdio.h>
#include <string.h>

static int passed, failures;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool holds, const char *text, int line) {
	if(holds) {
		passed++;
	} else {
		failures++;
		printf("FAILED: line %d: %s\n", line, text);
	}
}

static inline sinsp_str str(const char *s) {
	return (sinsp_str){.data = s, .len = strlen(s)};
}

static inline bool equal(sinsp_str a, const char *b) {
	return a.len == strlen(b) && (a.len == 0 || memcmp(a.data, b, a.len) == 0);
}

/* Whether the error has the text; frees it. */
static inline bool says(sinsp_error **error, const char *text) {
	bool found = false;
	if(*error) {
		sinsp_str message = sinsp_error_message(*error);
		size_t len = strlen(text);
		for(size_t i = 0; i + len <= message.len && !found; i++) {
			found = memcmp(message.data + i, text, len) == 0;
		}
		if(!found) {
			printf("the error is: %.*s\n", (int)message.len, message.data);
		}
		sinsp_error_free(*error);
	}
	*error = NULL;
	return found;
}

static inline sinsp_inspector *opened(const char *path) {
	sinsp_inspector *inspector = sinsp_inspector_new(SINSP_ABI_VERSION, NULL);
	CHECK(inspector && sinsp_inspector_open_savefile(inspector, str(path), 0, NULL) == SINSP_SUCCESS);
	return inspector;
}

/* Returns the next event of the filter; false at the end. */
static inline bool next(sinsp_inspector *inspector, sinsp_event *event) {
	sinsp_status status;
	sinsp_error *error = NULL;
	do {
		status = sinsp_inspector_next(inspector, event, &error);
	} while(status == SINSP_FILTERED_EVENT || status == SINSP_TIMEOUT);
	if(error || (status != SINSP_SUCCESS && status != SINSP_EOF)) {
		check(false, "next", __LINE__);
	}
	sinsp_error_free(error);
	return status == SINSP_SUCCESS;
}

static int finish(void) {
	printf("%d passed, %d failed\n", passed, failures);
	return failures != 0;
}
