/* SPDX-License-Identifier: Apache-2.0 */
/* Loads plugins and checks what they export. The functions that take `err` write the cause of a failure to it: a buffer of PLUGIN_MAX_ERRLEN bytes,
 * or null. They run none of the plugin's functions but those with no state, and may be called from any thread. */
#pragma once

#include <plugin/plugin_api.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a plugin can do: bits. */
typedef enum {
	CAP_NONE = 0,
	CAP_SOURCING = 1 << 0,           /**< it makes events: open, close, next_batch */
	CAP_EXTRACTION = 1 << 1,         /**< it has fields: get_fields, extract_fields */
	CAP_PARSING = 1 << 2,            /**< it sees every event: parse_event */
	CAP_ASYNC = 1 << 3,              /**< it makes events on threads of its own: get_async_events, set_async_event_handler */
	CAP_CAPTURE_LISTENING = 1 << 4,  /**< it is called when a capture starts and stops: capture_open, capture_close */
	CAP_BROKEN = -2147483647 - 1,    /**< bit 31: it exports a part of what a capability needs */
} plugin_caps_t;

/** A loaded plugin. */
typedef struct plugin_handle_t {
	void* handle;   /**< dlopen's handle; null for a plugin of the program itself */
	plugin_api api; /**< what it exports; null where it does not */
} plugin_handle_t;

/** A plugin whose functions the program has: the struct is copied. Plugins of an API before 3.10 have no `dump_state` in theirs, and are read so.
 * Null on failure. */
plugin_handle_t* plugin_load_api(const plugin_api* api, char* err);

/** Loads the shared object at this path. Null on failure. */
plugin_handle_t* plugin_load(const char* path, char* err);

/** Unloads and frees it. Null is allowed. */
void plugin_unload(plugin_handle_t* h);

/** Whether the process has the shared object at this path loaded. */
bool plugin_is_loaded(const char* path);

/** Whether the API version that the plugin requires is one that this library has. */
bool plugin_check_required_api_version(const plugin_handle_t* h, char* err);

/** Whether the plugin exports the functions that every plugin must. */
bool plugin_check_required_symbols(const plugin_handle_t* h, char* err);

/** The plugin's capabilities; with CAP_BROKEN, `err` says what is missing. */
plugin_caps_t plugin_get_capabilities(const plugin_handle_t* h, char* err);

#ifdef __cplusplus
}
#endif
