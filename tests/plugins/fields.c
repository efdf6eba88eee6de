// A plugin with fields of every type for the source syscall. It parses the same events and counts, in a field of its own in the table of
// threads, how many each thread had. The configuration "fail" makes its init fail, after it added a table.
#include <plugin/plugin_api.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state {
	char error[256];
	char texts[3][64];
	const char* text_list[3];
	uint64_t numbers[3];
	ss_plugin_bool truth;
	uint8_t address[16];
	ss_plugin_byte_buffer buffer;
	ss_plugin_table_t* threads;
	ss_plugin_table_field_t* comm;
	ss_plugin_table_field_t* calls;
	ss_plugin_table_field_t* fds;
	ss_plugin_table_field_t* fd_name;
	ss_plugin_owner_t* owner;
	const char* (*host_error)(ss_plugin_owner_t* o);
};

enum field { F_NUM, F_TEXTS, F_NUMS, F_REL, F_ABS, F_TRUTH, F_ADDR, F_ADDR6, F_NET, F_ARG, F_COMM, F_CALLS, F_FDS, F_NONE };

const char* plugin_get_required_api_version() { return PLUGIN_API_VERSION_STR; }
const char* plugin_get_version() { return "0.2.1"; }
const char* plugin_get_name() { return "test_fields"; }
const char* plugin_get_description() { return "fields of every type"; }
const char* plugin_get_contact() { return "the tests"; }
const char* plugin_get_extract_event_sources() { return "[\"syscall\"]"; }
const char* plugin_get_parse_event_sources() { return "[\"syscall\"]"; }
const char* plugin_get_last_error(ss_plugin_t* s) { return ((struct state*)s)->error; }

const char* plugin_get_fields() {
	return "[{\"type\": \"uint64\", \"name\": \"t.num\", \"desc\": \"the number of the event\", \"addOutput\": true},"
	       "{\"type\": \"string\", \"name\": \"t.texts\", \"isList\": true, \"desc\": \"three texts\"},"
	       "{\"type\": \"uint64\", \"name\": \"t.nums\", \"isList\": true, \"desc\": \"three numbers\", \"display\": \"Numbers\"},"
	       "{\"type\": \"reltime\", \"name\": \"t.rel\", \"desc\": \"two seconds\"},"
	       "{\"type\": \"abstime\", \"name\": \"t.abs\", \"desc\": \"the time of the event\"},"
	       "{\"type\": \"bool\", \"name\": \"t.truth\", \"desc\": \"whether the number is even\"},"
	       "{\"type\": \"ipaddr\", \"name\": \"t.addr\", \"desc\": \"an address\"},"
	       "{\"type\": \"ipaddr\", \"name\": \"t.addr6\", \"desc\": \"a longer address\"},"
	       "{\"type\": \"ipnet\", \"name\": \"t.net\", \"desc\": \"a network\"},"
	       "{\"type\": \"string\", \"name\": \"t.arg\", \"desc\": \"the argument\", \"arg\": {\"isKey\": true, \"isIndex\": true}},"
	       "{\"type\": \"string\", \"name\": \"t.comm\", \"desc\": \"the name of the thread\"},"
	       "{\"type\": \"uint64\", \"name\": \"t.calls\", \"desc\": \"how many events the thread had\"},"
	       "{\"type\": \"uint64\", \"name\": \"t.fds\", \"desc\": \"how many files the thread has open\"},"
	       "{\"type\": \"string\", \"name\": \"t.none\", \"desc\": \"what no event has\"}]";
}

static ss_plugin_t* failed(struct state* s, ss_plugin_rc* rc, const char* what) {
	snprintf(s->error, sizeof(s->error), "%s: %s", what, s->host_error(s->owner));
	*rc = SS_PLUGIN_FAILURE;
	return s;
}

// A table of the plugin's own without entries.
static const char* own_name(ss_plugin_table_t* t) { return (const char*)t; }
static uint64_t own_size(ss_plugin_table_t* t) { return (void)t, 0; }
static ss_plugin_table_entry_t* own_entry(ss_plugin_table_t* t, const ss_plugin_state_data* key) { return (void)t, (void)key, NULL; }
static ss_plugin_rc own_read(ss_plugin_table_t* t, ss_plugin_table_entry_t* e, const ss_plugin_table_field_t* f, ss_plugin_state_data* out) {
	return (void)t, (void)e, (void)f, (void)out, SS_PLUGIN_FAILURE;
}
static void own_release(ss_plugin_table_t* t, ss_plugin_table_entry_t* e) { (void)t, (void)e; }
static ss_plugin_bool own_iterate(ss_plugin_table_t* t, ss_plugin_table_iterator_func_t it, ss_plugin_table_iterator_state_t* s) {
	return (void)t, (void)it, (void)s, 1;
}
static ss_plugin_rc own_clear(ss_plugin_table_t* t) { return (void)t, SS_PLUGIN_SUCCESS; }
static ss_plugin_rc own_erase(ss_plugin_table_t* t, const ss_plugin_state_data* key) { return (void)t, (void)key, SS_PLUGIN_FAILURE; }
static ss_plugin_table_entry_t* own_create(ss_plugin_table_t* t) { return (void)t, NULL; }
static ss_plugin_table_entry_t* own_add(ss_plugin_table_t* t, const ss_plugin_state_data* key, ss_plugin_table_entry_t* e) {
	return (void)t, (void)key, (void)e, NULL;
}
static ss_plugin_rc own_write(ss_plugin_table_t* t, ss_plugin_table_entry_t* e, const ss_plugin_table_field_t* f, const ss_plugin_state_data* in) {
	return (void)t, (void)e, (void)f, (void)in, SS_PLUGIN_FAILURE;
}
static const ss_plugin_table_fieldinfo* own_fields(ss_plugin_table_t* t, uint32_t* count) { return (void)t, *count = 0, NULL; }
static ss_plugin_table_field_t* own_field(ss_plugin_table_t* t, const char* name, ss_plugin_state_type type) {
	return (void)t, (void)name, (void)type, NULL;
}

static ss_plugin_rc add_own_table(const ss_plugin_init_input* in) {
	static char name[] = "test_fields_own";
	static ss_plugin_table_reader_vtable_ext reader = {own_name, own_size, own_entry, own_read, own_release, own_iterate};
	static ss_plugin_table_writer_vtable_ext writer = {own_clear, own_erase, own_create, own_release, own_add, own_write};
	static ss_plugin_table_fields_vtable_ext fields = {own_fields, own_field, own_field};
	ss_plugin_table_input table = {0};
	table.name = name;
	table.key_type = SS_PLUGIN_ST_INT64;
	table.table = name;
	table.reader_ext = &reader;
	table.writer_ext = &writer;
	table.fields_ext = &fields;
	return in->tables->add_table(in->owner, &table);
}

ss_plugin_t* plugin_init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	struct state* s = calloc(1, sizeof(*s));
	s->owner = in->owner;
	s->host_error = in->get_owner_last_error;
	*rc = SS_PLUGIN_SUCCESS;
	if(add_own_table(in) != SS_PLUGIN_SUCCESS) {
		return failed(s, rc, "adding a table");
	}
	if(strcmp(in->config, "fail") == 0) {
		snprintf(s->error, sizeof(s->error), "the configuration says so");
		*rc = SS_PLUGIN_FAILURE;
		return s;
	}
	s->threads = in->tables->get_table(in->owner, "threads", SS_PLUGIN_ST_INT64);
	if(s->threads == NULL) {
		return failed(s, rc, "the table of threads");
	}
	s->comm = in->tables->fields_ext->get_table_field(s->threads, "comm", SS_PLUGIN_ST_STRING);
	s->calls = in->tables->fields_ext->add_table_field(s->threads, "test_calls", SS_PLUGIN_ST_UINT64);
	s->fds = in->tables->fields_ext->get_table_field(s->threads, "file_descriptors", SS_PLUGIN_ST_TABLE);
	if(s->comm == NULL || s->calls == NULL || s->fds == NULL) {
		return failed(s, rc, "a field of threads");
	}
	in->log_fn(in->owner, NULL, "test_fields is ready", SS_PLUGIN_LOG_SEV_INFO);
	return s;
}

void plugin_destroy(ss_plugin_t* s) { free(s); }

ss_plugin_rc plugin_parse_event(ss_plugin_t* state, const ss_plugin_event_input* evt, const ss_plugin_event_parse_input* in) {
	struct state* s = state;
	ss_plugin_state_data key = {0}, calls = {0};
	key.s64 = (int64_t)evt->evt->tid;
	ss_plugin_table_entry_t* thread = in->table_reader_ext->get_table_entry(s->threads, &key);
	if(thread == NULL) {
		snprintf(s->error, sizeof(s->error), "%s", in->get_owner_last_error(in->owner));
		return SS_PLUGIN_FAILURE;
	}
	ss_plugin_rc rc = in->table_reader_ext->read_entry_field(s->threads, thread, s->calls, &calls);
	calls.u64++;
	if(rc == SS_PLUGIN_SUCCESS) {
		rc = in->table_writer_ext->write_entry_field(s->threads, thread, s->calls, &calls);
	}
	// Every second entry is not given back, which ends with the call.
	if(evt->evtnum % 2 == 0) {
		in->table_reader_ext->release_table_entry(s->threads, thread);
	}
	return rc;
}

static int of_thread(struct state* s, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in, enum field field) {
	ss_plugin_state_data key = {0}, value = {0};
	int found = 0;
	key.s64 = (int64_t)evt->evt->tid;
	ss_plugin_table_entry_t* thread = in->table_reader_ext->get_table_entry(s->threads, &key);
	if(thread == NULL) {
		return 0;
	}
	ss_plugin_table_field_t* column = field == F_COMM ? s->comm : field == F_CALLS ? s->calls : s->fds;
	if(in->table_reader_ext->read_entry_field(s->threads, thread, column, &value) == SS_PLUGIN_SUCCESS) {
		found = 1;
		if(field == F_COMM) {
			snprintf(s->texts[0], sizeof(s->texts[0]), "%s", value.str);
		} else if(field == F_CALLS) {
			s->numbers[0] = value.u64;
		} else {
			s->numbers[0] = in->table_reader_ext->get_table_size(value.table);
		}
	}
	in->table_reader_ext->release_table_entry(s->threads, thread);
	return found;
}

static void extract(struct state* s, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in, ss_plugin_extract_field* f) {
	static const uint8_t address[] = {192, 168, 0, 1};
	static const uint8_t net[] = {10, 0, 0, 0, 8};
	s->numbers[0] = evt->evtnum;
	s->numbers[1] = 1;
	s->numbers[2] = 2;
	for(int i = 0; i < 3; i++) {
		s->text_list[i] = s->texts[i];
	}
	f->res_len = 1;
	f->res.u64 = s->numbers;
	switch((enum field)f->field_id) {
	case F_NUM:
		break;
	case F_TEXTS:
		snprintf(s->texts[0], sizeof(s->texts[0]), "%llu", (unsigned long long)evt->evtnum);
		strcpy(s->texts[1], "one");
		strcpy(s->texts[2], "two");
		f->res.str = s->text_list;
		f->res_len = 3;
		break;
	case F_NUMS:
		f->res_len = 3;
		break;
	case F_REL:
		s->numbers[0] = 2000000000;
		break;
	case F_ABS:
		s->numbers[0] = evt->evt->ts;
		break;
	case F_TRUTH:
		s->truth = evt->evtnum % 2 == 0;
		f->res.boolean = &s->truth;
		break;
	case F_ADDR:
	case F_ADDR6:
	case F_NET:
		memset(s->address, 0, sizeof(s->address));
		s->buffer.len = f->field_id == F_ADDR ? 4 : f->field_id == F_ADDR6 ? 16 : sizeof(net);
		memcpy(s->address, f->field_id == F_NET ? net : address, f->field_id == F_NET ? sizeof(net) : sizeof(address));
		if(f->field_id == F_ADDR6) {
			memset(s->address, 0, sizeof(s->address));
			s->address[15] = 1;
		}
		s->buffer.ptr = s->address;
		f->res.buf = &s->buffer;
		break;
	case F_ARG:
		if(!f->arg_present) {
			strcpy(s->texts[0], "none");
		} else if(f->arg_index != UINT64_MAX) {
			snprintf(s->texts[0], sizeof(s->texts[0]), "index %llu", (unsigned long long)f->arg_index);
		} else {
			snprintf(s->texts[0], sizeof(s->texts[0]), "key %s", f->arg_key);
		}
		f->res.str = s->text_list;
		break;
	case F_COMM:
	case F_CALLS:
	case F_FDS:
		f->res_len = of_thread(s, evt, in, (enum field)f->field_id);
		if(f->field_id == F_COMM) {
			f->res.str = s->text_list;
		}
		break;
	case F_NONE:
		f->res_len = 0;
		break;
	}
}

ss_plugin_rc plugin_extract_fields(ss_plugin_t* state, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in) {
	for(uint32_t i = 0; i < in->num_fields; i++) {
		extract(state, evt, in, &in->fields[i]);
	}
	return SS_PLUGIN_SUCCESS;
}
