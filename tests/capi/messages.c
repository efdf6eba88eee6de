/* SPDX-License-Identifier: Apache-2.0 */
/* The log callback of the C ABI. messages CAPTURE */
#include "check.h"

static struct {
	int messages, errors, released;
	char last[256];
} seen;

static void take(void *context, sinsp_str message, uint32_t severity) {
	CHECK(context == &seen);
	seen.messages++;
	seen.errors += severity <= 3;
	snprintf(seen.last, sizeof(seen.last), "%.*s", (int)message.len, message.data);
}

static void released(void *context) {
	CHECK(context == &seen);
	seen.released++;
}

int main(int argc, char **argv) {
	if(argc != 2) {
		return 2;
	}
	sinsp_error *error = NULL;
	sinsp_log_callback callback = {.size = sizeof(callback), .context = &seen, .log = take, .release = released};
	CHECK(sinsp_log_set_callback(&callback, &error) == SINSP_SUCCESS && !error);
	CHECK((sinsp_log_outputs() & SINSP_LOG_CALLBACK) != 0);
	sinsp_log_disable_timestamps();
	CHECK(sinsp_log_set_severity(4, NULL) == SINSP_SUCCESS && sinsp_log_severity() == 4);
	CHECK(sinsp_log_is_enabled(4) && !sinsp_log_is_enabled(5));

	/* A message of the program, one that is not severe enough, and one of the library. */
	sinsp_log(3, str("the program's own"));
	CHECK(seen.messages == 1 && seen.errors == 1 && strcmp(seen.last, "the program's own") == 0);
	sinsp_log(7, str("of no importance"));
	CHECK(seen.messages == 1);
	CHECK(sinsp_log_set_severity(6, NULL) == SINSP_SUCCESS);
	sinsp_inspector *inspector = opened(argv[1]);
	CHECK(seen.messages > 1 && strstr(seen.last, "opened ") && seen.errors == 1);
	sinsp_inspector_free(inspector);

	/* Another callback replaces it. */
	CHECK(sinsp_log_set_callback(&callback, NULL) == SINSP_SUCCESS && seen.released == 1);
	CHECK(sinsp_log_set_callback(NULL, NULL) == SINSP_SUCCESS && seen.released == 2);
	const int messages = seen.messages;
	sinsp_log(1, str("to nobody"));
	CHECK(seen.messages == messages && (sinsp_log_outputs() & SINSP_LOG_CALLBACK) == 0);

	callback.log = NULL;
	CHECK(sinsp_log_set_callback(&callback, &error) != SINSP_SUCCESS && says(&error, "without a function"));
	CHECK(sinsp_log_set_severity(9, &error) == SINSP_ILLEGAL_INPUT && says(&error, "log severity"));
	return finish();
}
