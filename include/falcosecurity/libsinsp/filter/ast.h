// SPDX-License-Identifier: Apache-2.0
// The AST of filters.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/filter/ast_nodes.h>
