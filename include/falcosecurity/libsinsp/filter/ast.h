// SPDX-License-Identifier: Apache-2.0
// Filters as trees.
#pragma once

#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/filter/ast_nodes.h>
