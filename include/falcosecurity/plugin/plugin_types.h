/* SPDX-License-Identifier: Apache-2.0 */
/* The types of the plugin API, shared by plugins and the programs that load them. */
#pragma once

#include <inttypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** 0 or 1. */
typedef uint32_t ss_plugin_bool;

/** The type of a field that a plugin extracts. */
typedef enum ss_plugin_field_type {
	FTYPE_UINT64 = 8,
	FTYPE_STRING = 9,
	FTYPE_RELTIME = 20, /**< nanoseconds */
	FTYPE_ABSTIME = 21, /**< nanoseconds since the epoch */
	FTYPE_BOOL = 25,
	FTYPE_IPADDR = 40, /**< 4 or 16 bytes */
	FTYPE_IPNET = 41,
} ss_plugin_field_type;

/** The status that a plugin's function returns. */
typedef enum ss_plugin_rc {
	SS_PLUGIN_SUCCESS = 0,
	SS_PLUGIN_FAILURE = 1,
	SS_PLUGIN_TIMEOUT = -1,
	SS_PLUGIN_EOF = 2,
	SS_PLUGIN_NOT_SUPPORTED = 3,
} ss_plugin_rc;

/** The format of a plugin's configuration schema. */
typedef enum ss_plugin_schema_type {
	SS_PLUGIN_SCHEMA_NONE = 0,
	SS_PLUGIN_SCHEMA_JSON = 1, /**< a JSON schema */
} ss_plugin_schema_type;

/** The header of an event. The length of each parameter follows (uint16_t or uint32_t), then the parameters. */
#pragma pack(push, 1)
typedef struct ss_plugin_event {
	uint64_t ts;      /**< nanoseconds since the epoch; UINT64_MAX: the current time */
	uint64_t tid;     /**< the thread; UINT64_MAX: none */
	uint32_t len;     /**< the total length in bytes, header included */
	uint16_t type;    /**< a ppm_event_code */
	uint32_t nparams; /**< the number of parameters */
} ss_plugin_event;
#pragma pack(pop)

/** An event passed to a plugin. */
typedef struct ss_plugin_event_input {
	const ss_plugin_event* evt;
	uint64_t evtnum;    /**< its number in the capture */
	const char* evtsrc; /**< the name of its source */
} ss_plugin_event_input;

/** Bytes; the side that fills in this struct owns them. */
typedef struct ss_plugin_byte_buffer {
	uint32_t len;
	const void* ptr;
} ss_plugin_byte_buffer;

/** The positions of the extracted values in the event: two arrays of as many elements as there are values. */
typedef struct ss_plugin_extract_value_offsets {
	uint32_t* start;
	uint32_t* length;
} ss_plugin_extract_value_offsets;

/** A field to extract. The plugin writes `res_len` values to the array in the member of `res` that `ftype` selects. */
typedef struct ss_plugin_extract_field {
	union {
		const char** str;
		uint64_t* u64;
		uint32_t* u32;
		ss_plugin_bool* boolean;
		ss_plugin_byte_buffer* buf;
	} res;
	uint64_t res_len;

	uint32_t field_id; /**< its index in the plugin's list of fields */
	const char* field; /**< its name */
	const char* arg_key;
	uint64_t arg_index;
	ss_plugin_bool arg_present;
	uint32_t ftype;       /**< a ss_plugin_field_type */
	ss_plugin_bool flist; /**< whether it may have several values */
} ss_plugin_extract_field;

/** Opaque: a table, one of its entries, the accessor of one of its fields. */
typedef void ss_plugin_table_t;
typedef void ss_plugin_table_entry_t;
typedef void ss_plugin_table_field_t;

/** The type of a key or a field. */
typedef enum ss_plugin_state_type {
	SS_PLUGIN_ST_INT8 = 1,
	SS_PLUGIN_ST_INT16 = 2,
	SS_PLUGIN_ST_INT32 = 3,
	SS_PLUGIN_ST_INT64 = 4,
	SS_PLUGIN_ST_UINT8 = 5,
	SS_PLUGIN_ST_UINT16 = 6,
	SS_PLUGIN_ST_UINT32 = 7,
	SS_PLUGIN_ST_UINT64 = 8,
	SS_PLUGIN_ST_STRING = 9,
	SS_PLUGIN_ST_TABLE = 10,
	SS_PLUGIN_ST_BOOL = 25
} ss_plugin_state_type;

/** A key, or the value of a field. */
typedef union ss_plugin_state_data {
	int8_t s8;
	int16_t s16;
	int32_t s32;
	int64_t s64;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	const char* str;
	ss_plugin_bool b;
	ss_plugin_table_t* table;
} ss_plugin_state_data;

typedef struct ss_plugin_table_info {
	const char* name;
	ss_plugin_state_type key_type;
} ss_plugin_table_info;

/** A field of a table. */
typedef struct ss_plugin_table_fieldinfo {
	const char* name;
	ss_plugin_state_type field_type;
	ss_plugin_bool read_only;
} ss_plugin_table_fieldinfo;

/** Opaque: the program that loaded a plugin, the state of a plugin, an open event source of a plugin. */
typedef void ss_plugin_owner_t;
typedef void ss_plugin_t;
typedef void ss_instance_t;

typedef enum ss_plugin_log_severity {
	SS_PLUGIN_LOG_SEV_FATAL = 1,
	SS_PLUGIN_LOG_SEV_CRITICAL = 2,
	SS_PLUGIN_LOG_SEV_ERROR = 3,
	SS_PLUGIN_LOG_SEV_WARNING = 4,
	SS_PLUGIN_LOG_SEV_NOTICE = 5,
	SS_PLUGIN_LOG_SEV_INFO = 6,
	SS_PLUGIN_LOG_SEV_DEBUG = 7,
	SS_PLUGIN_LOG_SEV_TRACE = 8,
} ss_plugin_log_severity;

/** The member of ss_plugin_metric_value that is set. */
typedef enum ss_plugin_metric_value_type {
	SS_PLUGIN_METRIC_VALUE_TYPE_U32 = 0,
	SS_PLUGIN_METRIC_VALUE_TYPE_S32 = 1,
	SS_PLUGIN_METRIC_VALUE_TYPE_U64 = 2,
	SS_PLUGIN_METRIC_VALUE_TYPE_S64 = 3,
	SS_PLUGIN_METRIC_VALUE_TYPE_D = 4,
	SS_PLUGIN_METRIC_VALUE_TYPE_F = 5,
	SS_PLUGIN_METRIC_VALUE_TYPE_I = 6,
} ss_plugin_metric_value_type;

typedef union ss_plugin_metric_value {
	uint32_t u32;
	int32_t s32;
	uint64_t u64;
	int64_t s64;
	double d;
	float f;
	int i;
} ss_plugin_metric_value;

/** Whether a metric never decreases. */
typedef enum ss_plugin_metric_type {
	SS_PLUGIN_METRIC_TYPE_MONOTONIC = 0,
	SS_PLUGIN_METRIC_TYPE_NON_MONOTONIC = 1,
} ss_plugin_metric_type;

typedef struct ss_plugin_metric {
	const char* name;
	ss_plugin_metric_type type;
	ss_plugin_metric_value value;
	ss_plugin_metric_value_type value_type;
} ss_plugin_metric;

#ifdef __cplusplus
}
#endif
