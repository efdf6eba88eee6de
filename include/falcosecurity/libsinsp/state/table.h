// SPDX-License-Identifier: Apache-2.0
// Tables of state: their bases, and the tables that are made of a program's own containers.
#pragma once

#include <libsinsp/state/table_adapters.h>
#include <libsinsp/state/table_bases.h>
#include <libsinsp/state/table_containers.h>
