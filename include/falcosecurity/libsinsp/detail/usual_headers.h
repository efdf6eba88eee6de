// SPDX-License-Identifier: Apache-2.0
// Headers of the standard library that programs expect to come with the inspector's.
#pragma once

#include <libsinsp/detail/standard.h>

#include <unistd.h>

#include <climits>
#include <istream>
#include <locale>
#include <mutex>
#include <queue>
#include <sstream>
#include <stack>
