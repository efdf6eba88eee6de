// SPDX-License-Identifier: Apache-2.0
// Plugins of an inspector, and their fields as filter checks.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/plugin_object.h>
#include <libsinsp/plugin_filtercheck.h>
#include <libsinsp/sinsp_table.h>
#include <libsinsp/sinsp_thread_pool.h>
#include <libsinsp/sinsp_thread_pool_bs.h>
