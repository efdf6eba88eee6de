/* SPDX-License-Identifier: Apache-2.0 */
/* Typed values of fields: of each kind, lists, values of no event, wrong arguments; and no allocation in a steady state. typed CAPTURE */
#include "check.h"

#include <driver/ppm_events_public.h>

#include <stdint.h>
#include <stdlib.h>

/* Sanitizers replace malloc themselves. */
#if !defined(__SANITIZE_ADDRESS__)
#define COUNTS 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
static uint64_t allocations;

/* These replace the C library's functions for the library too. */
void *malloc(size_t size) {
	allocations++;
	return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
	allocations++;
	return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
	allocations++;
	return __libc_realloc(old, size);
}
#else
#define COUNTS 0
static uint64_t allocations;
#endif

/* A field, the value that it must have for one event of the capture (any bytes if null), and how many events have it. */
static struct wanted {
	const char *field;
	uint64_t event;
	uint32_t kind;
	uint32_t type;
	bool list;
	int64_t integer;
	uint64_t number;
	const char *bytes;
	size_t len;
	sinsp_extractor *extractor;
	uint64_t events;
} fields[] = {
        {"evt.num", 5, SINSP_VALUE_UNSIGNED, PT_UINT64, false, 0, 5, "", 0, NULL, 0},
        {"evt.rawres", 1058, SINSP_VALUE_SIGNED, PT_INT64, false, -111, 0, "", 0, NULL, 0},
        {"evt.rawtime", 1, SINSP_VALUE_TIME, PT_ABSTIME, false, 0, UINT64_C(1795298469129927104), "", 0, NULL, 0},
        {"evt.reltime", 2, SINSP_VALUE_DURATION, PT_RELTIME, false, 0, 17320, "", 0, NULL, 0},
        {"evt.failed", 1058, SINSP_VALUE_BOOL, PT_BOOL, false, 0, 1, "", 0, NULL, 0},
        {"proc.name", 1058, SINSP_VALUE_TEXT, PT_CHARBUF, false, 0, 0, "bash", 4, NULL, 0},
        {"toupper(proc.name)", 1058, SINSP_VALUE_TEXT, PT_CHARBUF, false, 0, 0, "BASH", 4, NULL, 0},
        {"len(proc.name)", 1058, SINSP_VALUE_UNSIGNED, PT_UINT64, false, 0, 4, "", 0, NULL, 0},
        {"evt.rawarg.fd", 5, SINSP_VALUE_SIGNED, PT_FD, false, 3, 0, "", 0, NULL, 0},
        {"evt.rawarg.flags", 5, SINSP_VALUE_UNSIGNED, PT_FLAGS32, false, 0, 4097, "", 0, NULL, 0},
        {"fd.types", 1058, SINSP_VALUE_TEXT, PT_CHARBUF, true, 0, 0, NULL, 0, NULL, 0},
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

/* Extracts all fields for one event, and compares those that are known. Returns how many allocations that took. */
static uint64_t extract(sinsp_inspector *inspector, const sinsp_event *event, sinsp_values *values, bool compare) {
	const uint64_t before = allocations;
	for(struct wanted *f = fields; f < fields + FIELDS; f++) {
		sinsp_shape shape;
		size_t count = 0;
		if(sinsp_extractor_run(f->extractor, inspector, event, values, &shape, NULL) != 1) {
			continue;
		}
		const sinsp_value *v = sinsp_values_typed(values, &shape, &count, NULL);
		if(!v || !compare) {
			continue;
		}
		f->events++;
		if(event->num == f->event) {
			const bool same = count >= 1 && (count == 1 || f->list) && v->kind == f->kind && v->param_type == f->type && v->integer == f->integer &&
			                  v->number == f->number && shape.list == f->list &&
			                  (!f->bytes || v->bytes.len == f->len) &&
			                  (f->len == 0 || (memcmp(v->bytes.data, f->bytes, f->len) == 0 && v->bytes.data[f->len] == '\0'));
			if(!same) {
				printf("%s: count %zu kind %u type %u integer %lld number %llu bytes '%.*s' list %d\n",
				       f->field, count, v->kind, v->param_type, (long long)v->integer, (unsigned long long)v->number,
				       (int)v->bytes.len, v->bytes.data, shape.list);
			}
			CHECK(same);
		}
	}
	return allocations - before;
}

/* Values that a program makes itself: the kinds that no event of the capture has, and lists. */
static void own(void) {
	sinsp_values *values = sinsp_values_new();
	size_t count = 0;
	sinsp_error *error = NULL;
	const struct {
		uint32_t type;
		const char *text;
		uint32_t kind;
		const char *bytes;
		size_t len;
		uint64_t number;
	} made[] = {
	        {PT_IPADDR, "10.1.2.3", SINSP_VALUE_ADDRESS, "\x0a\x01\x02\x03", 4, 0},
	        {PT_IPADDR, "::1", SINSP_VALUE_ADDRESS, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, 0},
	        {PT_IPNET, "10.1.0.0/16", SINSP_VALUE_NETWORK, "\x0a\x01\0\0", 4, 16},
	        {PT_BYTEBUF, "a text", SINSP_VALUE_BYTES, "a text", 6, 0},
	};
	for(size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		sinsp_shape shape = {.kind = made[i].type};
		CHECK(sinsp_values_clear(values, NULL) == SINSP_SUCCESS);
		CHECK(sinsp_values_parse(values, made[i].type, str(made[i].text), &error) == SINSP_SUCCESS);
		const sinsp_value *v = sinsp_values_typed(values, &shape, &count, NULL);
		CHECK(v && count == 1 && v->kind == made[i].kind && v->bytes.len == made[i].len && v->number == made[i].number &&
		      memcmp(v->bytes.data, made[i].bytes, made[i].len) == 0);
	}

	const double half = 0.5;
	sinsp_shape real = {.kind = PT_DOUBLE};
	CHECK(sinsp_values_clear(values, NULL) == SINSP_SUCCESS);
	CHECK(sinsp_values_add(values, PT_DOUBLE, (sinsp_str){.data = (const char *)&half, .len = sizeof(half)}, NULL) == SINSP_SUCCESS);
	const sinsp_value *v = sinsp_values_typed(values, &real, &count, NULL);
	CHECK(v && count == 1 && v->kind == SINSP_VALUE_REAL && v->real == half);

	sinsp_shape texts = {.kind = PT_CHARBUF, .list = true};
	CHECK(sinsp_values_clear(values, NULL) == SINSP_SUCCESS);
	CHECK(sinsp_values_typed(values, &texts, &count, &error) && !error && count == 0);
	CHECK(sinsp_values_add(values, PT_CHARBUF, str("one"), NULL) == SINSP_SUCCESS);
	CHECK(sinsp_values_add(values, PT_CHARBUF, str("two"), NULL) == SINSP_SUCCESS);
	v = sinsp_values_typed(values, &texts, &count, NULL);
	CHECK(v && count == 2 && v[0].kind == SINSP_VALUE_TEXT && equal(v[0].bytes, "one") && equal(v[1].bytes, "two"));

	CHECK(!sinsp_values_typed(NULL, &texts, &count, &error) && says(&error, "null values"));
	CHECK(!sinsp_values_typed(values, NULL, &count, &error) && says(&error, "null shape"));
	CHECK(!sinsp_values_typed(values, &texts, NULL, &error) && says(&error, "null count"));
	texts.kind = 1000;
	CHECK(!sinsp_values_typed(values, &texts, &count, &error) && says(&error, "1000"));
	sinsp_values_free(values);
}

int main(int argc, char **argv) {
	if(argc != 2) {
		return 2;
	}
	sinsp_inspector *inspector = opened(argv[1]);
	sinsp_values *values = sinsp_values_new();
	sinsp_error *error = NULL;
	sinsp_event event;

	for(struct wanted *f = fields; f < fields + FIELDS; f++) {
		f->extractor = sinsp_extractor_new(inspector, NULL, str(f->field), &error);
		CHECK(f->extractor && !error);
	}
	CHECK(!sinsp_extractor_new(inspector, NULL, str("proc.nam"), &error) && says(&error, "proc.name"));

	uint64_t events = 0;
	while(next(inspector, &event)) {
		events++;
		extract(inspector, &event, values, true);
	}
	CHECK(events == 1302 && fields[0].events == 1302);
	for(struct wanted *f = fields; f < fields + FIELDS; f++) {
		CHECK(f->events > 0);
	}

	/* The second time all buffers are as large as they need to be. */
	CHECK(sinsp_inspector_close(inspector, NULL) == SINSP_SUCCESS);
	CHECK(sinsp_inspector_open_savefile(inspector, str(argv[1]), 0, NULL) == SINSP_SUCCESS);
	uint64_t allocated = 0;
	while(next(inspector, &event)) {
		allocated += extract(inspector, &event, values, false);
	}
	if(allocated != 0) {
		printf("%llu allocations\n", (unsigned long long)allocated);
	}
	CHECK(!COUNTS || allocated == 0);

	own();
	for(struct wanted *f = fields; f < fields + FIELDS; f++) {
		sinsp_extractor_free(f->extractor);
	}
	sinsp_values_free(values);
	sinsp_inspector_free(inspector);
	return finish();
}
