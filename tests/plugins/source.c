// A source of events of its own, "test_source", with the number 4242. The parameters say what comes: "events N" (N events, N % 10 at a time, then the end),
// "mixed" (a timeout, an event without a time, and the end together with an event), "fail", or the name of a way to lie. Compiled with SYSCALL_SOURCE it has no
// number, and its events are of the source "syscall".
#include <plugin/plugin_api.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PLUGIN_EVENT 322
#define CLOSE 5
#define DATA 64

struct state {
	char error[128];
	char text[128];
};

struct instance {
	char params[32];
	uint32_t left;
	uint32_t total;
	int step;
	uint8_t buffers[16][PLUGIN_EVENT_PAYLOAD_OFFSET + DATA];
	ss_plugin_event* events[16];
};

const char* plugin_get_required_api_version() { return PLUGIN_API_VERSION_STR; }
const char* plugin_get_version() { return "1.0.0"; }
#ifdef SYSCALL_SOURCE
const char* plugin_get_name() { return "test_syscalls"; }
#else
const char* plugin_get_name() { return "test_source"; }
uint32_t plugin_get_id() { return 4242; }
const char* plugin_get_event_source() { return "test"; }
#endif
const char* plugin_get_description() { return "a source of events"; }
const char* plugin_get_contact() { return "the tests"; }
const char* plugin_get_last_error(ss_plugin_t* s) { return ((struct state*)s)->error; }

ss_plugin_t* plugin_init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	(void)in;
	*rc = SS_PLUGIN_SUCCESS;
	return calloc(1, sizeof(struct state));
}
void plugin_destroy(ss_plugin_t* s) { free(s); }

ss_instance_t* plugin_open(ss_plugin_t* s, const char* params, ss_plugin_rc* rc) {
	if(strcmp(params, "fail") == 0) {
		snprintf(((struct state*)s)->error, sizeof(((struct state*)s)->error), "the parameters say so");
		*rc = SS_PLUGIN_FAILURE;
		return NULL;
	}
	struct instance* i = calloc(1, sizeof(*i));
	snprintf(i->params, sizeof(i->params), "%s", params);
	if(strncmp(params, "events ", 7) == 0) {
		i->left = i->total = (uint32_t)atoi(params + 7);
	}
	*rc = SS_PLUGIN_SUCCESS;
	return i;
}
void plugin_close(ss_plugin_t* s, ss_instance_t* h) { (void)s, free(h); }

#ifdef SYSCALL_SOURCE
// A close of the fd whose number ends the text, by thread 77.
static ss_plugin_event* event(struct instance* i, int at, uint64_t ts, const char* text) {
	uint8_t* bytes = i->buffers[at];
	ss_plugin_event* e = (ss_plugin_event*)bytes;
	const uint16_t lens[2] = {8, 8};
	const char* number = strrchr(text, ' ');
	const int64_t values[2] = {0, number != NULL ? atoll(number) : 0};
	e->ts = ts;
	e->tid = 77;
	e->len = 26 + sizeof(lens) + sizeof(values);
	e->type = CLOSE;
	e->nparams = 2;
	memcpy(bytes + 26, lens, sizeof(lens));
	memcpy(bytes + 26 + sizeof(lens), values, sizeof(values));
	return i->events[at] = e;
}
#else
// An event with a text.
static ss_plugin_event* event(struct instance* i, int at, uint64_t ts, const char* text) {
	uint8_t* bytes = i->buffers[at];
	ss_plugin_event* e = (ss_plugin_event*)bytes;
	const uint32_t lens[2] = {4, (uint32_t)strlen(text)};
	const uint32_t id = 0;
	e->ts = ts;
	e->tid = (uint64_t)-1;
	e->len = PLUGIN_EVENT_PAYLOAD_OFFSET + lens[1];
	e->type = PLUGIN_EVENT;
	e->nparams = 2;
	memcpy(bytes + 26, lens, sizeof(lens));
	memcpy(bytes + 34, &id, sizeof(id));
	memcpy(bytes + 38, text, lens[1]);
	return i->events[at] = e;
}
#endif

static ss_plugin_rc numbered(struct instance* i, uint32_t* count) {
	if(i->left == 0) {
		return SS_PLUGIN_EOF;
	}
	*count = i->left < 10 ? i->left : 10;
	for(uint32_t n = 0; n < *count; n++) {
		char text[DATA];
		const uint32_t number = i->total - i->left + 1;
		snprintf(text, sizeof(text), "number %u", number);
		event(i, (int)n, 1600000000000000000ull + number, text);
		i->left--;
	}
	return SS_PLUGIN_SUCCESS;
}

static ss_plugin_rc mixed(struct instance* i, uint32_t* count) {
	switch(i->step++) {
	case 0:
		return SS_PLUGIN_TIMEOUT;
	case 1:
		event(i, 0, UINT64_MAX, "\001\002");
		*count = 1;
		return SS_PLUGIN_SUCCESS;
	default:
		event(i, 0, UINT64_MAX, "the last event, which has more text than is shown of it");
		*count = 1;
		return SS_PLUGIN_EOF;
	}
}

// Batches of six events, of which the first, the third and the last are none.
static ss_plugin_rc faults_between(struct instance* i, uint32_t* count) {
	if(i->step++ == 3) {
		return SS_PLUGIN_EOF;
	}
	*count = 6;
	for(int n = 0; n < 6; n++) {
		ss_plugin_event* e = event(i, n, 1600000000000000000ull, "good");
		if(n == 0) {
			i->events[n] = NULL;
		} else if(n == 2) {
			e->len = 10;
		} else if(n == 5) {
			e->nparams = 7;
		}
	}
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_rc plugin_next_batch(ss_plugin_t* state, ss_instance_t* h, uint32_t* count, ss_plugin_event*** events) {
	struct state* s = state;
	struct instance* i = h;
	*count = 0;
	*events = i->events;
	if(i->total != 0) {
		return numbered(i, count);
	}
	if(strcmp(i->params, "mixed") == 0) {
		return mixed(i, count);
	}
	if(strcmp(i->params, "next fails") == 0) {
		snprintf(s->error, sizeof(s->error), "no event today");
		return SS_PLUGIN_FAILURE;
	}
	if(strcmp(i->params, "faults between") == 0) {
		return faults_between(i, count);
	}
	*count = 1;
	ss_plugin_event* e = event(i, 0, 1, "a lie");
	if(strcmp(i->params, "no events") == 0) {
		*count = 0;
	} else if(strcmp(i->params, "null array") == 0) {
		*events = NULL;
	} else if(strcmp(i->params, "null event") == 0) {
		i->events[0] = NULL;
	} else if(strcmp(i->params, "short") == 0) {
		e->len = 10;
	} else if(strcmp(i->params, "parameters") == 0) {
		e->nparams = 7;
	} else if(strcmp(i->params, "length") == 0) {
		const uint32_t len = 1u << 30;
		memcpy(i->buffers[0] + 30, &len, sizeof(len));
	} else if(strcmp(i->params, "number") == 0) {
		const uint32_t id = 17;
		memcpy(i->buffers[0] + 34, &id, sizeof(id));
	} else if(strcmp(i->params, "type") == 0) {
		e->type = 0;
	}
	return SS_PLUGIN_SUCCESS;
}

const char* plugin_get_progress(ss_plugin_t* state, ss_instance_t* h, uint32_t* hundredths) {
	struct state* s = state;
	const struct instance* i = h;
	*hundredths = i->total == 0 ? 0 : 10000u * (i->total - i->left) / i->total;
	snprintf(s->text, sizeof(s->text), "%u left", i->left);
	return s->text;
}

const char* plugin_event_to_string(ss_plugin_t* state, const ss_plugin_event_input* in) {
	struct state* s = state;
	if(in->evt->ts < 1600000000000000000ull || in->evt->ts > 1600000000001000000ull) {
		return "";
	}
	snprintf(s->text, sizeof(s->text), "event %llu of %s", (unsigned long long)in->evtnum, in->evtsrc);
	return s->text;
}

const char* plugin_list_open_params(ss_plugin_t* s, ss_plugin_rc* rc) {
	(void)s;
	*rc = SS_PLUGIN_SUCCESS;
	return "[{\"value\": \"events 10\", \"desc\": \"ten events\", \"separator\": \",\"}, {\"value\": \"mixed\"}]";
}

// A field of its events, and one that no other source has.
const char* plugin_get_fields() {
	return "[{\"type\": \"string\", \"name\": \"s.text\", \"desc\": \"the text\"},"
	       "{\"type\": \"string\", \"name\": \"s.data\", \"desc\": \"the text as it stands in the event\"}]";
}

ss_plugin_rc plugin_extract_fields(ss_plugin_t* state, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in) {
	struct state* s = state;
	static const char* text;
	const uint8_t* bytes = (const uint8_t*)evt->evt;
	if(evt->evt->type != PLUGIN_EVENT) {
		return SS_PLUGIN_FAILURE;
	}
	uint32_t len;
	memcpy(&len, bytes + 30, sizeof(len));
	const char* data = (const char*)bytes + PLUGIN_EVENT_PAYLOAD_OFFSET;
	if(in->fields[0].field_id == 0) {
		snprintf(s->text, sizeof(s->text), "%s: %.*s", evt->evtsrc, (int)len, data);
	} else {
		snprintf(s->text, sizeof(s->text), "%.*s", (int)len, data);
	}
	if(in->value_offsets != NULL && in->fields[0].field_id == 1) {
		static uint32_t start, length;
		start = PLUGIN_EVENT_PAYLOAD_OFFSET;
		length = len;
		in->value_offsets->start = &start;
		in->value_offsets->length = &length;
	}
	text = s->text;
	in->fields[0].res.str = &text;
	in->fields[0].res_len = 1;
	return SS_PLUGIN_SUCCESS;
}
