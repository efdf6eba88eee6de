// SPDX-License-Identifier: Apache-2.0
// Includes the filter checks: the base class, the library's own, and the callbacks for those of a program.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/own_checks.h>
#include <libsinsp/filter_check.h>
