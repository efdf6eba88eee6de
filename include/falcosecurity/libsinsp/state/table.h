// SPDX-License-Identifier: Apache-2.0
// Includes the base classes of tables of state and the adapters for containers.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/state/table_adapters.h>
#include <libsinsp/state/table_bases.h>
#include <libsinsp/state/table_containers.h>
