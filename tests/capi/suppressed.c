/* SPDX-License-Identifier: Apache-2.0 */
/* Suppression of threads by name and by tid, with the C ABI. suppressed CAPTURE */
#include "check.h"

struct counts {
	uint64_t events, cats, children;
};

/* Reads the capture; counts the events, those of threads with the name `cat`, and those of threads other than the shell. */
static struct counts read_all(sinsp_inspector *inspector) {
	struct counts seen = {0, 0, 0};
	sinsp_extractor *name = sinsp_extractor_new(inspector, NULL, str("proc.name"), NULL);
	sinsp_extractor *tid = sinsp_extractor_new(inspector, NULL, str("thread.tid"), NULL);
	sinsp_values *values = sinsp_values_new();
	sinsp_event event;
	while(next(inspector, &event)) {
		sinsp_shape shape;
		size_t count = 0;
		const sinsp_value *v;
		seen.events++;
		if(sinsp_extractor_run(name, inspector, &event, values, &shape, NULL) == 1 &&
		   (v = sinsp_values_typed(values, &shape, &count, NULL)) && count == 1) {
			seen.cats += equal(v->bytes, "cat");
		}
		if(sinsp_extractor_run(tid, inspector, &event, values, &shape, NULL) == 1 &&
		   (v = sinsp_values_typed(values, &shape, &count, NULL)) && count == 1) {
			seen.children += v->integer != 16105;
		}
	}
	sinsp_values_free(values);
	sinsp_extractor_free(tid);
	sinsp_extractor_free(name);
	return seen;
}

int main(int argc, char **argv) {
	if(argc != 2) {
		return 2;
	}
	sinsp_inspector *inspector = opened(argv[1]);
	sinsp_error *error = NULL;
	uint64_t events = 0;
	struct counts seen = read_all(inspector);
	CHECK(seen.events == 1302 && seen.cats == 222 && seen.children > 1000);
	sinsp_inspector_free(inspector);

	/* By name: the exec itself is the last event that is seen. */
	inspector = opened(argv[1]);
	sinsp_suppressed *set = sinsp_suppressed_new(inspector, &error);
	CHECK(set && !error && sinsp_suppressed_add_comm(set, str("cat"), &error) && !error);
	seen = read_all(inspector);
	CHECK(sinsp_suppressed_count(set, &events, &error) == 0 && !error);
	CHECK(seen.cats < 222 && events > 100 && seen.events + events == 1302);
	sinsp_suppressed_free(set);
	sinsp_inspector_free(inspector);

	/* By tid: the shell, and what it starts. */
	inspector = opened(argv[1]);
	set = sinsp_suppressed_new(inspector, NULL);
	CHECK(sinsp_suppressed_add_tid(set, 16105, &error) && !error);
	CHECK(sinsp_suppressed_has_tid(set, 16105, NULL) && !sinsp_suppressed_has_tid(set, 16106, NULL));
	seen = read_all(inspector);
	CHECK(sinsp_suppressed_count(set, &events, NULL) == 0 && seen.events + events == 1302 && seen.events < 100);
	CHECK(sinsp_suppressed_clear(set, true, NULL) && !sinsp_suppressed_has_tid(set, 16105, NULL));
	sinsp_suppressed_free(set);
	sinsp_inspector_free(inspector);

	CHECK(!sinsp_suppressed_add_tid(NULL, 1, &error) && says(&error, "null"));
	return finish();
}
