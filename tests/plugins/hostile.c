// A plugin with all capabilities that lies in every way that hostile.h lists, and calls the program from within its functions. What no host can find is
// left out: pointers to memory that is not there, exceptions and longjmp through the host's functions, and functions that never return.
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLUGIN_EVENT 322
#define ASYNC_EVENT 402
#define HEADER 26

struct hostile_ways hostile_ways;

struct state {
	uint64_t numbers[4];
	uint8_t odd[64];
	const char* texts[4];
	ss_plugin_byte_buffer buffers[4];
	ss_plugin_bool truth[4];
	ss_plugin_metric metrics[2];
	uint16_t types[4];
	ss_plugin_routine_t* routine;
};

struct instance {
	uint32_t left;
	uint8_t bytes[128];
	ss_plugin_event* events[1];
};

static void enter(const char* function) {
	if(hostile_ways.enter != NULL) {
		hostile_ways.enter(function);
	}
}

static int lies(enum hostile_lie lie) { return hostile_ways.lie == lie; }

const char* plugin_get_required_api_version() { return PLUGIN_API_VERSION_STR; }
const char* plugin_get_version() { return "1.0.0"; }
const char* plugin_get_name() { return "hostile"; }
const char* plugin_get_description() { return "lies"; }
const char* plugin_get_contact() { return "the tests"; }
uint32_t plugin_get_id() { return 4343; }
const char* plugin_get_event_source() { return "hostile"; }
const char* plugin_get_last_error(ss_plugin_t* s) { return (void)s, "it is hostile"; }
const char* plugin_get_extract_event_sources() { return "[\"syscall\", \"hostile\"]"; }
const char* plugin_get_parse_event_sources() { return "[\"syscall\", \"hostile\"]"; }
const char* plugin_get_async_event_sources() { return "[\"syscall\", \"hostile\"]"; }
const char* plugin_get_async_events() { return "[\"noise\"]"; }
const char* plugin_get_required_event_schema_version(ss_plugin_t* s) { return (void)s, "3.0.0"; }
const char* plugin_get_init_schema(ss_plugin_schema_type* type) { return *type = SS_PLUGIN_SCHEMA_JSON, "{\"type\": \"object\"}"; }

const char* plugin_get_fields() {
	return "[{\"type\": \"uint64\", \"name\": \"h.num\", \"desc\": \"d\"}, {\"type\": \"string\", \"name\": \"h.text\", \"desc\": \"d\"},"
	       "{\"type\": \"bool\", \"name\": \"h.truth\", \"desc\": \"d\"}, {\"type\": \"ipaddr\", \"name\": \"h.addr\", \"desc\": \"d\"},"
	       "{\"type\": \"ipnet\", \"name\": \"h.net\", \"desc\": \"d\"},"
	       "{\"type\": \"string\", \"name\": \"h.texts\", \"isList\": true, \"desc\": \"d\", \"arg\": {\"isKey\": true}}]";
}

ss_plugin_t* plugin_init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	hostile_ways.owner = in->owner;
	enter("init");
	*rc = strstr(in->config, "fail") != NULL ? SS_PLUGIN_FAILURE : SS_PLUGIN_SUCCESS;
	return strstr(in->config, "null") != NULL ? NULL : calloc(1, sizeof(struct state));
}

void plugin_destroy(ss_plugin_t* s) {
	enter("destroy");
	free(s);
}

ss_instance_t* plugin_open(ss_plugin_t* s, const char* params, ss_plugin_rc* rc) {
	(void)s;
	enter("open");
	*rc = SS_PLUGIN_SUCCESS;
	struct instance* i = calloc(1, sizeof(*i));
	i->left = (uint32_t)atoi(params);
	return i;
}

void plugin_close(ss_plugin_t* s, ss_instance_t* i) {
	(void)s;
	enter("close");
	free(i);
}

// Writes an event with a lie to 128 bytes; returns where it is. Its first parameter are four bytes, the second the name of the async event.
static ss_plugin_event* make_event(uint8_t* bytes, uint16_t type) {
	bytes += lies(LIE_EVENT_MISALIGNED) ? 3 : 0;
	ss_plugin_event* e = (ss_plugin_event*)bytes;
	uint32_t lens[3] = {lies(LIE_EVENT_ID_SHORT) ? 2 : 4, 6, 1};
	const uint32_t n = type == ASYNC_EVENT ? 3 : 2, id = 0;
	const uint32_t len = HEADER + n * 4 + lens[0] + lens[1] + (n == 3 ? lens[2] : 0);
	memset(bytes, 0, 100);
	memcpy(bytes + HEADER + n * 4, &id, lens[0]);
	memcpy(bytes + HEADER + n * 4 + lens[0], "noise", 6);
	if(lies(LIE_EVENT_PARAMETER_HUGE)) {
		lens[1] = UINT32_MAX;
	}
	memcpy(bytes + HEADER, lens, n * 4);
	e->ts = UINT64_MAX;
	e->tid = (uint64_t)-1;
	e->len = lies(LIE_EVENT_SHORT)    ? HEADER - 1
	         : lies(LIE_EVENT_EMPTY)  ? 0
	         : lies(LIE_EVENT_HUGE)   ? UINT32_MAX
	         : lies(LIE_EVENT_LONGER) ? 1u << 20
	                                  : len;
	e->type = lies(LIE_EVENT_TYPE) ? UINT16_MAX : lies(LIE_EVENT_SYSCALL) ? 6 : type;
	e->nparams = lies(LIE_EVENT_NO_PARAMETERS) ? 0 : lies(LIE_EVENT_MANY_PARAMETERS) ? UINT32_MAX : n;
	return e;
}

ss_plugin_rc plugin_next_batch(ss_plugin_t* s, ss_instance_t* h, uint32_t* count, ss_plugin_event*** events) {
	struct instance* i = h;
	(void)s;
	enter("next_batch");
	*count = 0;
	*events = i->events;
	if(i->left == 0) {
		return SS_PLUGIN_EOF;
	}
	i->left--;
	*count = lies(LIE_BATCH_EMPTY) ? 0 : lies(LIE_BATCH_HUGE) ? UINT32_MAX : 1;
	i->events[0] = lies(LIE_BATCH_EVENT_NULL) ? NULL : make_event(i->bytes, PLUGIN_EVENT);
	if(lies(LIE_BATCH_NULL)) {
		*events = NULL;
	}
	return lies(LIE_BATCH_CODE) ? 77 : SS_PLUGIN_SUCCESS;
}

const char* plugin_get_progress(ss_plugin_t* s, ss_instance_t* i, uint32_t* hundredths) {
	(void)s, (void)i;
	enter("get_progress");
	*hundredths = UINT32_MAX;
	return "far";
}

const char* plugin_event_to_string(ss_plugin_t* s, const ss_plugin_event_input* in) {
	(void)s, (void)in;
	enter("event_to_string");
	return "noise";
}

const char* plugin_list_open_params(ss_plugin_t* s, ss_plugin_rc* rc) {
	(void)s;
	enter("list_open_params");
	*rc = SS_PLUGIN_SUCCESS;
	return "[]";
}

static uint16_t* types(struct state* s, uint32_t* count) {
	s->types[0] = lies(LIE_TYPES_UNKNOWN) ? UINT16_MAX : PLUGIN_EVENT;
	*count = lies(LIE_TYPES_HUGE) ? UINT32_MAX : lies(LIE_TYPES_NULL) || lies(LIE_TYPES_UNKNOWN) ? 1 : 0;
	return lies(LIE_TYPES_NULL) ? NULL : s->types;
}

uint16_t* plugin_get_extract_event_types(uint32_t* count, ss_plugin_t* s) { return types(s, count); }
uint16_t* plugin_get_parse_event_types(uint32_t* count, ss_plugin_t* s) { return types(s, count); }

static void extract(struct state* s, ss_plugin_extract_field* f) {
	static const uint8_t bytes[17] = {127, 0, 0, 1, 32};
	void* values[] = {s->numbers, s->texts, s->truth, s->buffers, s->buffers, s->texts};
	s->numbers[0] = 1;
	for(int i = 0; i < 4; i++) {
		s->texts[i] = lies(LIE_VALUES_TEXT_NULL) ? NULL : "text";
		s->buffers[i].len = lies(LIE_VALUES_BYTES_HUGE) ? UINT32_MAX : lies(LIE_VALUES_BYTES_ODD) ? 7 : f->field_id == 4 ? 5 : 4;
		s->buffers[i].ptr = lies(LIE_VALUES_BYTES_NULL) ? NULL : bytes;
	}
	f->res_len = 1;
	f->res.u64 = f->field_id < 6 ? values[f->field_id] : NULL;
	if(lies(LIE_VALUES_MISALIGNED)) {
		memcpy(s->odd + 1, f->res.u64, 16);
		f->res.u64 = (uint64_t*)(void*)(s->odd + 1);
	}
	if(lies(LIE_VALUES_NULL)) {
		f->res.u64 = NULL;
	}
	if(lies(LIE_VALUES_HUGE)) {
		f->res_len = UINT64_MAX;
	}
	if(lies(LIE_VALUES_TOO_MANY)) {
		f->res_len = 4;
	}
	if(lies(LIE_VALUES_TYPE)) {
		f->ftype = 999;
		f->field_id = UINT32_MAX;
		f->flist = 7;
	}
	if(lies(LIE_VALUES_FIELDS_LOST)) {
		f->field = NULL;
		f->arg_key = NULL;
		f->arg_index = 7;
		f->arg_present = 9;
	}
}

ss_plugin_rc plugin_extract_fields(ss_plugin_t* s, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in) {
	(void)evt;
	enter("extract_fields");
	for(uint32_t i = 0; i < in->num_fields; i++) {
		extract(s, &in->fields[i]);
	}
	return lies(LIE_VALUES_CODE) ? 77 : SS_PLUGIN_SUCCESS;
}

ss_plugin_rc plugin_parse_event(ss_plugin_t* s, const ss_plugin_event_input* evt, const ss_plugin_event_parse_input* in) {
	(void)s, (void)evt, (void)in;
	enter("parse_event");
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_rc plugin_set_async_event_handler(ss_plugin_t* s, ss_plugin_owner_t* owner, const ss_plugin_async_event_handler_t handler) {
	(void)s, (void)owner;
	enter("set_async_event_handler");
	// A handler that is taken back is kept, and used later.
	hostile_ways.handler = handler != NULL ? handler : hostile_ways.handler;
	return SS_PLUGIN_SUCCESS;
}

// Sends an async event with the lie of the ways; whether it was taken.
int hostile_send(void) {
	uint8_t bytes[128];
	char error[PLUGIN_MAX_ERRLEN] = "";
	const int taken = hostile_ways.handler(hostile_ways.owner, make_event(bytes, ASYNC_EVENT), error) == SS_PLUGIN_SUCCESS;
	if(!taken && !lies(LIE_NONE)) {
		memcpy(hostile_ways.refused, error, sizeof(error));
	}
	return taken;
}

ss_plugin_rc plugin_dump_state(ss_plugin_t* s, ss_plugin_owner_t* owner, const ss_plugin_async_event_handler_t handler) {
	uint8_t bytes[128];
	(void)s;
	enter("dump_state");
	return handler(owner, make_event(bytes, ASYNC_EVENT), NULL);
}

ss_plugin_rc plugin_set_config(ss_plugin_t* s, const ss_plugin_set_config_input* in) {
	(void)s, (void)in;
	enter("set_config");
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_metric* plugin_get_metrics(ss_plugin_t* state, uint32_t* count) {
	struct state* s = state;
	enter("get_metrics");
	s->metrics[0].name = lies(LIE_METRICS_NAMELESS) ? NULL : "m";
	s->metrics[0].type = lies(LIE_METRICS_NAMELESS) ? 99 : SS_PLUGIN_METRIC_TYPE_MONOTONIC;
	s->metrics[0].value_type = lies(LIE_METRICS_NAMELESS) ? 99 : SS_PLUGIN_METRIC_VALUE_TYPE_U64;
	*count = lies(LIE_METRICS_HUGE) ? UINT32_MAX : 1;
	return lies(LIE_METRICS_NULL) ? NULL : s->metrics;
}

static ss_plugin_bool routine(ss_plugin_t* s, ss_plugin_routine_state_t* i) { return (void)s, (void)i, hostile_ways.routine(); }

ss_plugin_rc plugin_capture_open(ss_plugin_t* state, const ss_plugin_capture_listen_input* in) {
	struct state* s = state;
	enter("capture_open");
	if(hostile_ways.routine != NULL) {
		s->routine = in->routine->subscribe(in->owner, routine, NULL);
	}
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_rc plugin_capture_close(ss_plugin_t* state, const ss_plugin_capture_listen_input* in) {
	struct state* s = state;
	enter("capture_close");
	// What is no routine is refused; the routine itself goes on until the plugin's state ends.
	if(in->routine->unsubscribe(in->owner, (ss_plugin_routine_t*)s) == SS_PLUGIN_SUCCESS ||
	   in->routine->unsubscribe(in->owner, NULL) == SS_PLUGIN_SUCCESS) {
		return SS_PLUGIN_FAILURE;
	}
	return SS_PLUGIN_SUCCESS;
}
