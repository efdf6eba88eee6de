// SPDX-License-Identifier: Apache-2.0
// Includes the filter checks, as programs know this name.
#pragma once

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_filtercheck_reference.h>
