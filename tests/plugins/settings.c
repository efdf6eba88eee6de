// A plugin that parses events and is told everything by its configuration, which has a schema: a JSON object with an integer "level". With the words "call" and
// "plugin" in it, it parses events of openat and of plugins. With "schema X", it requires the event schema X. Its table has functions that fail.
#include <plugin/plugin_api.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLUGIN_EVENT 322
#define OPENAT 307

struct state {
	char error[256];
	char config[256];
	char schema[32];
	uint16_t types[2];
	uint64_t parsed;
	ss_plugin_metric metric;
};

const char* plugin_get_required_api_version() { return PLUGIN_API_VERSION_STR; }
const char* plugin_get_version() { return "1.0.0"; }
const char* plugin_get_name() { return "test_settings"; }
const char* plugin_get_description() { return "has a configuration"; }
const char* plugin_get_contact() { return "the tests"; }
const char* plugin_get_last_error(ss_plugin_t* s) { return ((struct state*)s)->error; }

const char* plugin_get_init_schema(ss_plugin_schema_type* type) {
	*type = SS_PLUGIN_SCHEMA_JSON;
	return "{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"type\": \"object\", \"required\": [\"level\"],"
	       " \"properties\": {\"level\": {\"type\": \"integer\"}, \"words\": {\"type\": \"string\"}}, \"additionalProperties\": false}";
}

static ss_plugin_rc configure(struct state* s, const char* config) {
	if(strstr(config, "refuse") != NULL) {
		snprintf(s->error, sizeof(s->error), "not this one");
		return SS_PLUGIN_FAILURE;
	}
	snprintf(s->config, sizeof(s->config), "%s", config);
	const char* schema = strstr(config, "schema ");
	s->schema[0] = 0;
	if(schema != NULL) {
		sscanf(schema + 7, "%31[^\"]", s->schema);
	}
	return SS_PLUGIN_SUCCESS;
}

// The table: it has one field and no entries.
static const ss_plugin_table_fieldinfo* list_fields(ss_plugin_table_t* t, uint32_t* count) {
	static const ss_plugin_table_fieldinfo field = {"value", SS_PLUGIN_ST_UINT64, 0};
	return (void)t, *count = 1, &field;
}
static ss_plugin_table_field_t* get_field(ss_plugin_table_t* t, const char* name, ss_plugin_state_type type) {
	return (void)type, strcmp(name, "value") == 0 ? t : NULL;
}
static ss_plugin_table_field_t* add_field(ss_plugin_table_t* t, const char* name, ss_plugin_state_type type) {
	(void)type;
	snprintf(((struct state*)t)->error, 256, "no field '%s' can be added", name);
	return NULL;
}
static const char* table_name(ss_plugin_table_t* t) { return (void)t, "test_settings"; }
static uint64_t table_size(ss_plugin_table_t* t) { return (void)t, 0; }
static ss_plugin_table_entry_t* no_entry(ss_plugin_table_t* t, const ss_plugin_state_data* key) {
	snprintf(((struct state*)t)->error, 256, "no entry %llu", (unsigned long long)key->u64);
	return NULL;
}
static ss_plugin_rc no_value(ss_plugin_table_t* t, ss_plugin_table_entry_t* e, const ss_plugin_table_field_t* f, ss_plugin_state_data* out) {
	return (void)t, (void)e, (void)f, (void)out, SS_PLUGIN_FAILURE;
}
static void release(ss_plugin_table_t* t, ss_plugin_table_entry_t* e) { (void)t, (void)e; }
static ss_plugin_bool iterate(ss_plugin_table_t* t, ss_plugin_table_iterator_func_t it, ss_plugin_table_iterator_state_t* s) {
	return (void)t, (void)it, (void)s, 1;
}
static ss_plugin_rc clear(ss_plugin_table_t* t) { return (void)t, SS_PLUGIN_SUCCESS; }
static ss_plugin_rc erase(ss_plugin_table_t* t, const ss_plugin_state_data* key) {
	no_entry(t, key);
	return SS_PLUGIN_FAILURE;
}
static ss_plugin_table_entry_t* create(ss_plugin_table_t* t) { return (void)t, NULL; }
static ss_plugin_table_entry_t* add(ss_plugin_table_t* t, const ss_plugin_state_data* key, ss_plugin_table_entry_t* e) {
	return (void)t, (void)key, (void)e, NULL;
}
static ss_plugin_rc no_write(ss_plugin_table_t* t, ss_plugin_table_entry_t* e, const ss_plugin_table_field_t* f, const ss_plugin_state_data* in) {
	return (void)t, (void)e, (void)f, (void)in, SS_PLUGIN_FAILURE;
}

static ss_plugin_rc add_table(struct state* s, const ss_plugin_init_input* in) {
	static ss_plugin_table_reader_vtable_ext reader = {table_name, table_size, no_entry, no_value, release, iterate};
	static ss_plugin_table_writer_vtable_ext writer = {clear, erase, create, release, add, no_write};
	static ss_plugin_table_fields_vtable_ext fields = {list_fields, get_field, add_field};
	ss_plugin_table_input table = {0};
	table.name = "test_settings";
	table.key_type = SS_PLUGIN_ST_UINT64;
	table.table = s;
	table.reader_ext = &reader;
	table.writer_ext = &writer;
	table.fields_ext = &fields;
	return in->tables->add_table(in->owner, &table);
}

ss_plugin_t* plugin_init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	struct state* s = calloc(1, sizeof(*s));
	*rc = configure(s, in->config);
	if(*rc == SS_PLUGIN_SUCCESS && in->tables != NULL && add_table(s, in) != SS_PLUGIN_SUCCESS) {
		const char* why = in->get_owner_last_error(in->owner);
		snprintf(s->error, sizeof(s->error), "no table: %s", why != NULL ? why : "?");
		// Without an inspector there are no tables.
		*rc = strstr(s->error, "no inspector") != NULL ? SS_PLUGIN_SUCCESS : SS_PLUGIN_FAILURE;
	}
	return s;
}
void plugin_destroy(ss_plugin_t* s) { free(s); }

ss_plugin_rc plugin_set_config(ss_plugin_t* s, const ss_plugin_set_config_input* in) { return configure(s, in->config); }

const char* plugin_get_required_event_schema_version(ss_plugin_t* state) {
	struct state* s = state;
	return s->schema[0] != 0 ? s->schema : NULL;
}

uint16_t* plugin_get_parse_event_types(uint32_t* count, ss_plugin_t* state) {
	struct state* s = state;
	*count = 0;
	if(strstr(s->config, "call") != NULL) {
		s->types[(*count)++] = OPENAT;
	}
	if(strstr(s->config, "plugin") != NULL) {
		s->types[(*count)++] = PLUGIN_EVENT;
	}
	return s->types;
}

ss_plugin_rc plugin_parse_event(ss_plugin_t* state, const ss_plugin_event_input* evt, const ss_plugin_event_parse_input* in) {
	struct state* s = state;
	(void)in;
	if(evt->evtsrc == NULL || strcmp(evt->evtsrc, "syscall") != 0) {
		snprintf(s->error, sizeof(s->error), "an event of another source");
		return SS_PLUGIN_FAILURE;
	}
	s->parsed++;
	return SS_PLUGIN_SUCCESS;
}

ss_plugin_metric* plugin_get_metrics(ss_plugin_t* state, uint32_t* count) {
	struct state* s = state;
	s->metric.name = "parsed";
	s->metric.type = SS_PLUGIN_METRIC_TYPE_MONOTONIC;
	s->metric.value_type = SS_PLUGIN_METRIC_VALUE_TYPE_U64;
	s->metric.value.u64 = s->parsed;
	*count = 1;
	return &s->metric;
}
