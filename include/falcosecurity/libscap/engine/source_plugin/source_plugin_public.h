/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/source_plugin.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/engine/source_plugin/plugin_info.h>

#define SOURCE_PLUGIN_ENGINE "source_plugin"

/**
 * The parameters of the engine.
 */
typedef struct scap_source_plugin_engine_params {
    /**
     * The plugin; it outlives the capture.
     */
    scap_source_plugin *input_plugin;
    /**
     * The parameters that the plugin opens its source with; may be null.
     */
    char *input_plugin_params;
} scap_source_plugin_engine_params;
