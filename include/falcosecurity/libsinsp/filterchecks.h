// SPDX-License-Identifier: Apache-2.0
// The library's filter checks.
#pragma once

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp_filtercheck.h>
