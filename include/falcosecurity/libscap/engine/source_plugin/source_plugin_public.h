/* SPDX-License-Identifier: Apache-2.0 */
/* The engine whose events a plugin makes. */
#pragma once

#define SOURCE_PLUGIN_ENGINE "source_plugin"
