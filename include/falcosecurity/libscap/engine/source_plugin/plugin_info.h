/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/plugin_info.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <plugin/plugin_api.h>

/**
 * A plugin as a source of events.
 */
typedef struct scap_source_plugin {
    /**
     * The plugin's id, which all its events carry; a plugin with the id 0 may produce events of any type.
     */
    uint32_t id;
    /**
     * Its name.
     */
    const char *name;
    /**
     * The first argument of its functions.
     */
    ss_plugin_t *state;
    /**
     * The open source; set by the engine, null while it is closed.
     */
    ss_instance_t *handle;
    /**
     * Opens a source. `params` selects it in the plugin's own format and may be null.
     */
    ss_instance_t *(*open)(ss_plugin_t *s, const char *params, ss_plugin_rc *rc);
    /**
     * Closes a source.
     */
    void (*close)(ss_plugin_t *s, ss_instance_t *h);
    /**
     * Returns `*nevts` events, valid until the next call. The engine sets their tid, and the time and id that the plugin left
     * open.
     */
    ss_plugin_rc (*next_batch)(ss_plugin_t *s, ss_instance_t *h, uint32_t *nevts, ss_plugin_event ***evts);
    /**
     * Returns the text of the last error, or null.
     */
    const char *(*get_last_error)(ss_plugin_t *s);
} scap_source_plugin;
