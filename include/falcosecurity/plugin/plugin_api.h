/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin API: the functions that a plugin exports, and the structs that the host of the plugin passes to them.
 *
 * "Host" is the library that loads the plugin, "owner" the host's own pointer for one loaded plugin: the plugin passes it back unchanged to the
 * host's functions. Texts end with a NUL and are UTF-8, unless a line says otherwise. What a function of a plugin returns stays valid until the
 * next call of the same function with the same state; what the host passes is valid during the call alone. */
#pragma once

#include <plugin/plugin_types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLUGIN_API_VERSION_MAJOR 3
#define PLUGIN_API_VERSION_MINOR 12
#define PLUGIN_API_VERSION_PATCH 0

#define QUOTE(str) #str
#define EXPAND_AND_QUOTE(str) QUOTE(str)
/** The version of this API, as tokens and as a text. */
#define PLUGIN_API_VERSION PLUGIN_API_VERSION_MAJOR.PLUGIN_API_VERSION_MINOR.PLUGIN_API_VERSION_PATCH
#define PLUGIN_API_VERSION_STR EXPAND_AND_QUOTE(PLUGIN_API_VERSION)

/** The size of a buffer for an error text, in bytes, its NUL included. */
#define PLUGIN_MAX_ERRLEN 1024

/** Where the data of a PPME_PLUGINEVENT_E begins: after the header (26 bytes), two lengths and the plugin's number (4 bytes each). */
#define PLUGIN_EVENT_PAYLOAD_OFFSET 38

/* ---- State tables ---------------------------------------------------------------------------------------------------------------
 *
 * A table has entries, found by a key of the table's type, and fields, which every entry has. All functions take the table they belong to.
 * A pointer result is null on failure, and a code other than SS_PLUGIN_SUCCESS is a failure; the owner of the table then has the error text
 * (get_owner_last_error for tables of the host, get_last_error for tables of a plugin). The functions are for the thread that runs the
 * capture, within a call of the host. */

/** Fields of a table. Their handles stay valid as long as the table. */
typedef struct {
	/** All fields; their number goes to *nfields. */
	const ss_plugin_table_fieldinfo* (*list_table_fields)(ss_plugin_table_t* t, uint32_t* nfields);
	/** The field with this name, if it has this type. */
	ss_plugin_table_field_t* (*get_table_field)(ss_plugin_table_t* t, const char* name, ss_plugin_state_type data_type);
	/** The same; a field that does not exist is added to all entries, present and future. */
	ss_plugin_table_field_t* (*add_table_field)(ss_plugin_table_t* t, const char* name, ss_plugin_state_type data_type);
} ss_plugin_table_fields_vtable;

/** The vtables with the suffix _ext are passed by pointer and may grow at their ends. */
typedef struct {
	const ss_plugin_table_fieldinfo* (*list_table_fields)(ss_plugin_table_t* t, uint32_t* nfields);
	ss_plugin_table_field_t* (*get_table_field)(ss_plugin_table_t* t, const char* name, ss_plugin_state_type data_type);
	ss_plugin_table_field_t* (*add_table_field)(ss_plugin_table_t* t, const char* name, ss_plugin_state_type data_type);
} ss_plugin_table_fields_vtable_ext;

/** Reading entries. */
typedef struct {
	const char* (*get_table_name)(ss_plugin_table_t* t);
	/** How many entries the table has; UINT64_MAX on failure. */
	uint64_t (*get_table_size)(ss_plugin_table_t* t);
	/** The entry with this key, or null if there is none. It is held until release_table_entry, at most until the plugin's function returns that the host
	 * called. */
	ss_plugin_table_entry_t* (*get_table_entry)(ss_plugin_table_t* t, const ss_plugin_state_data* key);
	/** Writes a field's value to *out. A text is valid until the next read of the same entry. */
	ss_plugin_rc (*read_entry_field)(ss_plugin_table_t* t,
	                                 ss_plugin_table_entry_t* e,
	                                 const ss_plugin_table_field_t* f,
	                                 ss_plugin_state_data* out);
} ss_plugin_table_reader_vtable;

/** The argument that iterate_entries passes through. */
typedef void ss_plugin_table_iterator_state_t;

/** A function that iterate_entries calls with each entry; it returns 0 to end the iteration. */
typedef ss_plugin_bool (*ss_plugin_table_iterator_func_t)(ss_plugin_table_iterator_state_t* s, ss_plugin_table_entry_t* e);

typedef struct {
	const char* (*get_table_name)(ss_plugin_table_t* t);
	uint64_t (*get_table_size)(ss_plugin_table_t* t);
	ss_plugin_table_entry_t* (*get_table_entry)(ss_plugin_table_t* t, const ss_plugin_state_data* key);
	ss_plugin_rc (*read_entry_field)(ss_plugin_table_t* t,
	                                 ss_plugin_table_entry_t* e,
	                                 const ss_plugin_table_field_t* f,
	                                 ss_plugin_state_data* out);
	/** Gives back an entry that get_table_entry or add_table_entry returned: once for each of these calls. An entry that was erased from the table
	 * stays readable until then. */
	void (*release_table_entry)(ss_plugin_table_t* t, ss_plugin_table_entry_t* e);
	/** Calls `it` with `s` and each entry, which is valid during that call alone. Returns 0 if `it` ended the iteration, or on failure. The
	 * table may not gain or lose entries meanwhile. */
	ss_plugin_bool (*iterate_entries)(ss_plugin_table_t* t,
	                                  ss_plugin_table_iterator_func_t it,
	                                  ss_plugin_table_iterator_state_t* s);
} ss_plugin_table_reader_vtable_ext;

/** Writing entries. */
typedef struct {
	/** Erases all entries. */
	ss_plugin_rc (*clear_table)(ss_plugin_table_t* t);
	/** Erases the entry with this key; a failure if there is none. */
	ss_plugin_rc (*erase_table_entry)(ss_plugin_table_t* t, const ss_plugin_state_data* key);
	/** A new entry, which is in no table. Its fields can be written; it ends with add_table_entry or destroy_table_entry. */
	ss_plugin_table_entry_t* (*create_table_entry)(ss_plugin_table_t* t);
	void (*destroy_table_entry)(ss_plugin_table_t* t, ss_plugin_table_entry_t* e);
	/** Puts a created entry under this key, in place of an entry that was there. The created entry ends with this call, also if it fails; the result
	 * is the entry of the table, held as one of get_table_entry is. */
	ss_plugin_table_entry_t* (*add_table_entry)(ss_plugin_table_t* t,
	                                            const ss_plugin_state_data* key,
	                                            ss_plugin_table_entry_t* entry);
	/** Copies *in to a field of an entry. */
	ss_plugin_rc (*write_entry_field)(ss_plugin_table_t* t,
	                                  ss_plugin_table_entry_t* e,
	                                  const ss_plugin_table_field_t* f,
	                                  const ss_plugin_state_data* in);
} ss_plugin_table_writer_vtable;

typedef struct {
	ss_plugin_rc (*clear_table)(ss_plugin_table_t* t);
	ss_plugin_rc (*erase_table_entry)(ss_plugin_table_t* t, const ss_plugin_state_data* key);
	ss_plugin_table_entry_t* (*create_table_entry)(ss_plugin_table_t* t);
	void (*destroy_table_entry)(ss_plugin_table_t* t, ss_plugin_table_entry_t* e);
	ss_plugin_table_entry_t* (*add_table_entry)(ss_plugin_table_t* t,
	                                            const ss_plugin_state_data* key,
	                                            ss_plugin_table_entry_t* entry);
	ss_plugin_rc (*write_entry_field)(ss_plugin_table_t* t,
	                                  ss_plugin_table_entry_t* e,
	                                  const ss_plugin_table_field_t* f,
	                                  const ss_plugin_state_data* in);
} ss_plugin_table_writer_vtable_ext;

/** A table that a plugin adds to the host, and what a value of type SS_PLUGIN_ST_TABLE points to. The pointers to the extended vtables may be null
 * in a table of a plugin of an older API; `name` and the vtables stay valid as long as the table. */
typedef struct {
	const char* name;
	ss_plugin_state_type key_type;
	ss_plugin_table_t* table; /**< what the functions take as `t` */
	ss_plugin_table_reader_vtable reader;
	ss_plugin_table_writer_vtable writer;
	ss_plugin_table_fields_vtable fields;
	ss_plugin_table_reader_vtable_ext* reader_ext;
	ss_plugin_table_writer_vtable_ext* writer_ext;
	ss_plugin_table_fields_vtable_ext* fields_ext;
} ss_plugin_table_input;

/** The host's tables, for a plugin's init(). Tables are found, and fields added, there alone; entries are read and written later. */
typedef struct {
	/** All tables; their number goes to *ntables. */
	ss_plugin_table_info* (*list_tables)(ss_plugin_owner_t* o, uint32_t* ntables);
	/** The table with this name, if its keys have this type. */
	ss_plugin_table_t* (*get_table)(ss_plugin_owner_t* o, const char* name, ss_plugin_state_type key_type);
	/** Adds a table of the plugin, which other plugins can then find. */
	ss_plugin_rc (*add_table)(ss_plugin_owner_t* o, const ss_plugin_table_input* in);
	ss_plugin_table_fields_vtable fields;
	ss_plugin_table_fields_vtable_ext* fields_ext;
	ss_plugin_table_reader_vtable_ext* reader_ext;
	ss_plugin_table_writer_vtable_ext* writer_ext;
} ss_plugin_init_tables_input;

/* ---- What the host passes to a plugin's functions ----------------------------------------------------------------------------- */

/** Logs a line. `component` may be null. It may be called from any thread, until destroy() returns. */
typedef void (*ss_plugin_log_fn_t)(ss_plugin_owner_t* o, const char* component, const char* msg, ss_plugin_log_severity sev);

/** For init(). `owner` and the functions stay valid until destroy() returns. */
typedef struct ss_plugin_init_input {
	const char* config; /**< the configuration, of the form that get_init_schema says */
	ss_plugin_owner_t* owner;
	/** The text of the host's last error for this owner, of any thread; null if there was none. It stays until the next call for this owner on the
	 * same thread. */
	const char* (*get_owner_last_error)(ss_plugin_owner_t* o);
	/** Null if the plugin neither extracts, parses nor listens. */
	const ss_plugin_init_tables_input* tables;
	ss_plugin_log_fn_t log_fn;
} ss_plugin_init_input;

/** For extract_fields(): `num_fields` requests in `fields`, whose results the plugin fills in. */
typedef struct ss_plugin_field_extract_input {
	ss_plugin_owner_t* owner;
	const char* (*get_owner_last_error)(ss_plugin_owner_t* o);
	uint32_t num_fields;
	ss_plugin_extract_field* fields;
	ss_plugin_table_reader_vtable table_reader;
	ss_plugin_table_reader_vtable_ext* table_reader_ext;
	/** If not null, the plugin writes here where in the event the values of each field stand. */
	ss_plugin_extract_value_offsets* value_offsets;
} ss_plugin_field_extract_input;

/** For parse_event(). */
typedef struct ss_plugin_event_parse_input {
	ss_plugin_owner_t* owner;
	const char* (*get_owner_last_error)(ss_plugin_owner_t* o);
	ss_plugin_table_reader_vtable table_reader;
	ss_plugin_table_writer_vtable table_writer;
	ss_plugin_table_reader_vtable_ext* table_reader_ext;
	ss_plugin_table_writer_vtable_ext* table_writer_ext;
} ss_plugin_event_parse_input;

/** For set_config(): the new configuration. */
typedef struct ss_plugin_set_config_input {
	const char* config;
} ss_plugin_set_config_input;

/** A routine: a function that the host's thread pool calls again and again until it returns 0 or is unsubscribed. */
typedef void ss_plugin_routine_t;
typedef void ss_plugin_routine_state_t;
typedef ss_plugin_bool (*ss_plugin_routine_fn_t)(ss_plugin_t* s, ss_plugin_routine_state_t* i);

typedef struct {
	/** Starts a routine; null on failure. */
	ss_plugin_routine_t* (*subscribe)(ss_plugin_owner_t* o, ss_plugin_routine_fn_t f, ss_plugin_routine_state_t* i);
	/** Ends a routine: it is not called again. It does not wait for a call in progress, which the end of the capture and of the plugin do wait for. */
	ss_plugin_rc (*unsubscribe)(ss_plugin_owner_t* o, ss_plugin_routine_t* r);
} ss_plugin_routine_vtable;

/** For capture_open() and capture_close(). */
typedef struct ss_plugin_capture_listen_input {
	ss_plugin_owner_t* owner;
	ss_plugin_routine_vtable* routine;
	ss_plugin_table_reader_vtable_ext* table_reader_ext;
	ss_plugin_table_writer_vtable_ext* table_writer_ext;
	const char* (*get_owner_last_error)(ss_plugin_owner_t* o);
} ss_plugin_capture_listen_input;

/** Takes an event of a plugin, from any thread: one of type PPME_ASYNCEVENT_E, also in dump_state(). The event
 * is copied. On failure the text goes to `err`, a buffer of PLUGIN_MAX_ERRLEN bytes, or nowhere if that is null. */
typedef ss_plugin_rc (*ss_plugin_async_event_handler_t)(ss_plugin_owner_t* o, const ss_plugin_event* evt, char* err);

/* ---- What a plugin exports --------------------------------------------------------------------------------------------------------
 *
 * A plugin in a shared object exports these functions under their names here with the prefix `plugin_`, and a program that brings a plugin
 * with it fills the struct. The first group is required, except for get_init_schema; each of the others belongs to a capability
 * (plugin/plugin_loader.h) and is null where the plugin does not have it. `s` is the state that init() returned. */
typedef struct {
	/** The version of this API that the plugin was written for, "MAJOR.MINOR.PATCH". It loads if the major version is the host's, and the rest is
	 * not newer. Called before init(), as are all functions without `s`. */
	const char* (*get_required_api_version)();
	/** Optional. The schema of the configuration; *schema_type says of which kind. */
	const char* (*get_init_schema)(ss_plugin_schema_type* schema_type);
	/** Makes the plugin's state. If *rc is a failure, a state that is returned is used for get_last_error() and destroy() alone. */
	ss_plugin_t* (*init)(const ss_plugin_init_input* input, ss_plugin_rc* rc);
	void (*destroy)(ss_plugin_t* s);
	/** The text of the last failure. */
	const char* (*get_last_error)(ss_plugin_t* s);
	const char* (*get_name)();
	const char* (*get_description)();
	const char* (*get_contact)();
	/** The plugin's own version, "MAJOR.MINOR.PATCH". */
	const char* (*get_version)();

	/** Sourcing: events of the plugin's own. open, close and next_batch make the capability. */
	__extension__ struct {
		/** The plugin's registered number and the name of its source: both, or neither for a plugin that makes events of the source "syscall". */
		uint32_t (*get_id)();
		const char* (*get_event_source)();
		/** Opens a stream of events. */
		ss_instance_t* (*open)(ss_plugin_t* s, const char* params, ss_plugin_rc* rc);
		void (*close)(ss_plugin_t* s, ss_instance_t* h);
		/** Optional. What open() could be called with: a JSON list of objects with `value`, `desc` and `separator`. */
		const char* (*list_open_params)(ss_plugin_t* s, ss_plugin_rc* rc);
		/** Optional. How much was read, as a text, and in hundredths of a percent (0 to 10000) in *progress_pct. */
		const char* (*get_progress)(ss_plugin_t* s, ss_instance_t* h, uint32_t* progress_pct);
		/** Optional. An event of this plugin as a text for people. */
		const char* (*event_to_string)(ss_plugin_t* s, const ss_plugin_event_input* evt);
		/** The next events, `*nevts` of them, in an array that is valid until the next call. SS_PLUGIN_TIMEOUT if there are none now,
		 * SS_PLUGIN_EOF if there will be none; events that come with these codes count. */
		ss_plugin_rc (*next_batch)(ss_plugin_t* s, ss_instance_t* h, uint32_t* nevts, ss_plugin_event*** evts);
	};

	/** Extraction: fields for filters and formats. get_fields and extract_fields make the capability. */
	__extension__ struct {
		/** Optional. The event types with fields; none means all that the sources below allow. */
		uint16_t* (*get_extract_event_types)(uint32_t* numtypes, ss_plugin_t* s);
		/** Optional. A JSON list of the names of the sources with fields; none means the plugin's own source, or all if it has none. */
		const char* (*get_extract_event_sources)();
		/** A JSON list of objects: name, type, isList, arg, display, desc, addOutput. */
		const char* (*get_fields)();
		ss_plugin_rc (*extract_fields)(ss_plugin_t* s,
		                               const ss_plugin_event_input* evt,
		                               const ss_plugin_field_extract_input* in);
	};

	/** Parsing: the plugin sees every event before fields are extracted, and may change state tables. parse_event makes the capability. */
	__extension__ struct {
		uint16_t* (*get_parse_event_types)(uint32_t* numtypes, ss_plugin_t* s);
		const char* (*get_parse_event_sources)();
		ss_plugin_rc (*parse_event)(ss_plugin_t* s, const ss_plugin_event_input* evt, const ss_plugin_event_parse_input* in);
	};

	/** Async events: events that the plugin makes at any time, on any thread. get_async_events and set_async_event_handler make the capability. */
	__extension__ struct {
		const char* (*get_async_event_sources)();
		/** A JSON list of the names of the events. */
		const char* (*get_async_events)();
		/** Passes the function that takes events, before a capture opens, and null after it closed: then no thread of the plugin may call
		 * the one before any more. */
		ss_plugin_rc (*set_async_event_handler)(ss_plugin_t* s,
		                                        ss_plugin_owner_t* owner,
		                                        const ss_plugin_async_event_handler_t handler);
		/** Optional. Hands over, within the call, the events that rebuild the plugin's state when a capture file is read. */
		ss_plugin_rc (*dump_state)(ss_plugin_t* s, ss_plugin_owner_t* owner, const ss_plugin_async_event_handler_t handler);
	};

	/** Optional. Takes a new configuration while the plugin runs. */
	ss_plugin_rc (*set_config)(ss_plugin_t* s, const ss_plugin_set_config_input* i);
	/** Optional. The plugin's metrics; their number goes to *num_metrics. */
	ss_plugin_metric* (*get_metrics)(ss_plugin_t* s, uint32_t* num_metrics);

	/** Capture listening: calls after a capture started and before it stops. Both make the capability. */
	__extension__ struct {
		ss_plugin_rc (*capture_open)(ss_plugin_t* s, const ss_plugin_capture_listen_input* i);
		ss_plugin_rc (*capture_close)(ss_plugin_t* s, const ss_plugin_capture_listen_input* i);
	};

	/** Optional. The version of the event schema that the plugin was written for, "MAJOR.MINOR.PATCH"; "3.0.0" if it is null. A plugin that parses, or
	 * extracts from, events other than PPME_PLUGINEVENT_E loads if the major version is the host's, and the rest is not newer. */
	const char* (*get_required_event_schema_version)(ss_plugin_t* s);
} plugin_api;

#ifdef __cplusplus
}
#endif
