// A plugin that sends async events "tick" and listens to captures. The configuration is "THREADS EVENTS": each thread sends so many events. Then come the words
// "tid" (the events have a thread), "at" (they have the time of the word's number), "name", "type", "length", "null" (each event is wrong in this way). Metrics
// say what happened, and the last error is that of the last event that was refused.
#define _POSIX_C_SOURCE 200809L
#include <plugin/plugin_api.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ASYNC_EVENT 402
#define MAX_THREADS 8

struct state {
	char error[PLUGIN_MAX_ERRLEN];
	pthread_mutex_t lock;
	char mode[32];
	unsigned threads;
	unsigned events;
	pthread_t running[MAX_THREADS];
	ss_plugin_owner_t* owner;
	ss_plugin_async_event_handler_t handler;
	atomic_uint sent, refused, called, opened, closed, late;
	ss_plugin_routine_t* routine;
	ss_plugin_metric metrics[6];
};

const char* plugin_get_required_api_version() { return PLUGIN_API_VERSION_STR; }
const char* plugin_get_version() { return "1.0.0"; }
const char* plugin_get_name() { return "test_async"; }
const char* plugin_get_description() { return "sends events at any time"; }
const char* plugin_get_contact() { return "the tests"; }
const char* plugin_get_last_error(ss_plugin_t* s) { return ((struct state*)s)->error; }
const char* plugin_get_async_events() { return "[\"tick\", \"tock\"]"; }
const char* plugin_get_async_event_sources() { return "[\"syscall\", \"test\"]"; }

ss_plugin_t* plugin_init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	struct state* s = calloc(1, sizeof(*s));
	*rc = SS_PLUGIN_SUCCESS;
	pthread_mutex_init(&s->lock, NULL);
	if(sscanf(in->config, "%u %u %31s", &s->threads, &s->events, s->mode) < 2 || s->threads > MAX_THREADS) {
		snprintf(s->error, sizeof(s->error), "no configuration");
		*rc = SS_PLUGIN_FAILURE;
	}
	return s;
}

// Sends an event; returns whether it was taken.
static int send_event(struct state* s, ss_plugin_async_event_handler_t handler, const char* data) {
	uint8_t bytes[128] = {0};
	char error[PLUGIN_MAX_ERRLEN] = "";
	ss_plugin_event* e = (ss_plugin_event*)bytes;
	const char* name = strcmp(s->mode, "name") == 0 ? "other" : "tick";
	const uint32_t lens[3] = {4, (uint32_t)strlen(name) + 1, (uint32_t)strlen(data) + 1};
	e->ts = strcmp(s->mode, "at") == 0 ? 1600000000000000500ull : UINT64_MAX;
	e->tid = strcmp(s->mode, "tid") == 0 ? 1 : (uint64_t)-1;
	e->len = (uint32_t)(26 + 12 + lens[0] + lens[1] + lens[2]);
	e->type = strcmp(s->mode, "type") == 0 ? 322 : ASYNC_EVENT;
	e->nparams = 3;
	memcpy(bytes + 26, lens, sizeof(lens));
	memcpy(bytes + 42, name, lens[1]);
	memcpy(bytes + 42 + lens[1], data, lens[2]);
	if(strcmp(s->mode, "length") == 0) {
		e->len = 5;
	}
	if(handler(s->owner, strcmp(s->mode, "null") == 0 ? NULL : e, error) == SS_PLUGIN_SUCCESS) {
		return 1;
	}
	pthread_mutex_lock(&s->lock);
	memcpy(s->error, error, sizeof(error));
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static void* run(void* state) {
	struct state* s = state;
	for(unsigned i = 0; i < s->events; i++) {
		atomic_fetch_add(send_event(s, s->handler, "data") ? &s->sent : &s->refused, 1);
	}
	return NULL;
}

ss_plugin_rc plugin_set_async_event_handler(ss_plugin_t* state, ss_plugin_owner_t* owner, const ss_plugin_async_event_handler_t handler) {
	struct state* s = state;
	if(handler == NULL) {
		for(unsigned i = 0; i < s->threads; i++) {
			pthread_join(s->running[i], NULL);
		}
		return SS_PLUGIN_SUCCESS;
	}
	s->owner = owner;
	s->handler = handler;
	for(unsigned i = 0; i < s->threads; i++) {
		if(pthread_create(&s->running[i], NULL, run, s) != 0) {
			return SS_PLUGIN_FAILURE;
		}
	}
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_rc plugin_dump_state(ss_plugin_t* state, ss_plugin_owner_t* owner, const ss_plugin_async_event_handler_t handler) {
	struct state* s = state;
	s->owner = owner;
	return send_event(s, handler, "state") ? SS_PLUGIN_SUCCESS : SS_PLUGIN_FAILURE;
}

static ss_plugin_bool routine(ss_plugin_t* s, ss_plugin_routine_state_t* i) {
	const struct timespec pause = {0, 100000};
	(void)s;
	atomic_fetch_add((atomic_uint*)i, 1);
	nanosleep(&pause, NULL);
	return 1;
}

ss_plugin_rc plugin_capture_open(ss_plugin_t* state, const ss_plugin_capture_listen_input* in) {
	struct state* s = state;
	atomic_fetch_add(&s->opened, 1);
	s->routine = in->routine->subscribe(in->owner, routine, &s->called);
	return s->routine == NULL ? SS_PLUGIN_FAILURE : SS_PLUGIN_SUCCESS;
}

ss_plugin_rc plugin_capture_close(ss_plugin_t* state, const ss_plugin_capture_listen_input* in) {
	struct state* s = state;
	atomic_fetch_add(&s->closed, 1);
	// An event after the handler was taken back is refused.
	if(s->handler != NULL && !send_event(s, s->handler, "late")) {
		atomic_fetch_add(&s->late, 1);
	}
	if(in->routine->unsubscribe(in->owner, s->routine) != SS_PLUGIN_SUCCESS ||
	   in->routine->unsubscribe(in->owner, s->routine) == SS_PLUGIN_SUCCESS) {
		return SS_PLUGIN_FAILURE;
	}
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_metric* plugin_get_metrics(ss_plugin_t* state, uint32_t* count) {
	struct state* s = state;
	const char* names[] = {"sent", "refused", "called", "opened", "closed", "late"};
	atomic_uint* values[] = {&s->sent, &s->refused, &s->called, &s->opened, &s->closed, &s->late};
	*count = 6;
	for(int i = 0; i < 6; i++) {
		s->metrics[i].name = names[i];
		s->metrics[i].type = SS_PLUGIN_METRIC_TYPE_MONOTONIC;
		s->metrics[i].value_type = SS_PLUGIN_METRIC_VALUE_TYPE_U64;
		s->metrics[i].value.u64 = atomic_load(values[i]);
	}
	return s->metrics;
}

void plugin_destroy(ss_plugin_t* state) {
	struct state* s = state;
	pthread_mutex_destroy(&s->lock);
	free(s);
}
