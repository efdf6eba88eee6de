// SPDX-License-Identifier: Apache-2.0
// The two macros that the public headers of libsinsp have always had.
#pragma once

#include <cassert>

// Nothing of the C++ classes is exported from a library: they are compiled by whoever includes them.
#define SINSP_PUBLIC

#ifndef ASSERT
#ifdef _DEBUG
#define ASSERT(X) assert(X)
#else
#define ASSERT(X)
#endif
#endif
