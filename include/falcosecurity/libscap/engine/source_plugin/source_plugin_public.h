/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/source_plugin_public.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/engine/source_plugin/plugin_info.h>

#define SOURCE_PLUGIN_ENGINE "source_plugin"

/*
 What the engine is opened with.
 */
typedef struct scap_source_plugin_engine_params {
    /*
     The plugin; it lives as long as the capture.
     */
    scap_source_plugin *input_plugin;
    /*
     What its source is opened with.
     */
    char *input_plugin_params;
} scap_source_plugin_engine_params;
