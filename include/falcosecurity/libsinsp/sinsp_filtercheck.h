// SPDX-License-Identifier: Apache-2.0
// Filter checks: the base of a program's own, the ones of fields in tables, and how the library calls them.
#pragma once

#include <libsinsp/detail/own_checks.h>
#include <libsinsp/filter_check.h>
