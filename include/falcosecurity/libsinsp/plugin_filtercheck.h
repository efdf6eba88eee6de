// SPDX-License-Identifier: Apache-2.0
// Forwards to plugin.h, which defines sinsp_filter_check_plugin: programs include this name.
#pragma once

#include <libsinsp/plugin.h>
