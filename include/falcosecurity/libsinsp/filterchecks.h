// SPDX-License-Identifier: Apache-2.0
// The filter checks that programs derive from.
#pragma once

#include <libsinsp/sinsp_filtercheck.h>
