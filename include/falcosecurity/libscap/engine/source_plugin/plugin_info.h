/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/plugin_info.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <plugin/plugin_types.h>

/*
 What a plugin offers as a source of events.
 */
typedef struct scap_source_plugin {
    /*
     The plugin's id. Its events carry no other; a plugin whose id is 0 may make events of any type.
     */
    uint32_t id;
    /*
     Its name.
     */
    const char *name;
    /*
     What its functions are given.
     */
    ss_plugin_t *state;
    /*
     The open source, which the engine sets; null while it is closed.
     */
    ss_instance_t *handle;
    /*
     Opens a source; `params` says which, in the plugin's own terms, and may be null.
     */
    ss_instance_t *(*open)(ss_plugin_t *s, const char *params, ss_plugin_rc *rc);
    /*
     Closes it.
     */
    void (*close)(ss_plugin_t *s, ss_instance_t *h);
    /*
     Hands over the next events, `*nevts` of them, which belong to the plugin and live until the next call.
     */
    ss_plugin_rc (*next_batch)(ss_plugin_t *s, ss_instance_t *h, uint32_t *nevts, ss_plugin_event ***evts);
    /*
     The text of the last error.
     */
    const char *(*get_last_error)(ss_plugin_t *s);
} scap_source_plugin;
