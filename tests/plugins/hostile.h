// How the plugin hostile.c misbehaves: a program sets the plugin's variable `hostile_ways`.
#pragma once

#include <plugin/plugin_api.h>

#include <stdint.h>

// What a function of the plugin does wrong. Each is done by the function that it names.
enum hostile_lie {
	LIE_NONE,
	// extract_fields
	LIE_VALUES_NULL,
	LIE_VALUES_HUGE,
	LIE_VALUES_TOO_MANY,
	LIE_VALUES_MISALIGNED,
	LIE_VALUES_TEXT_NULL,
	LIE_VALUES_BYTES_NULL,
	LIE_VALUES_BYTES_HUGE,
	LIE_VALUES_BYTES_ODD,
	LIE_VALUES_TYPE,
	LIE_VALUES_FIELDS_LOST,
	LIE_VALUES_CODE,
	// get_extract_event_types, get_parse_event_types
	LIE_TYPES_HUGE,
	LIE_TYPES_NULL,
	LIE_TYPES_UNKNOWN,
	// get_metrics
	LIE_METRICS_HUGE,
	LIE_METRICS_NULL,
	LIE_METRICS_NAMELESS,
	// next_batch; those of an event are also the async ones
	LIE_BATCH_HUGE,
	LIE_BATCH_NULL,
	LIE_BATCH_EMPTY,
	LIE_BATCH_CODE,
	LIE_BATCH_EVENT_NULL,
	LIE_EVENT_SHORT,
	LIE_EVENT_EMPTY,
	LIE_EVENT_HUGE,
	LIE_EVENT_LONGER,
	LIE_EVENT_NO_PARAMETERS,
	LIE_EVENT_MANY_PARAMETERS,
	LIE_EVENT_TYPE,
	LIE_EVENT_SYSCALL,
	LIE_EVENT_PARAMETER_HUGE,
	LIE_EVENT_ID_SHORT,
	LIE_EVENT_MISALIGNED,
	LIE_END,
};

struct hostile_ways {
	enum hostile_lie lie;
	// Called first by every function but those of texts.
	void (*enter)(const char* function);
	ss_plugin_owner_t* owner;
	ss_plugin_async_event_handler_t handler;
	// What the program does in a routine; no routine is started for null.
	ss_plugin_bool (*routine)(void);
	// The cause of the last async event that was refused.
	char refused[PLUGIN_MAX_ERRLEN];
};
