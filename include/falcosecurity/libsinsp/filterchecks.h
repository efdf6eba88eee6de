// SPDX-License-Identifier: Apache-2.0
// The checks of the library.
#pragma once

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp_filtercheck.h>
