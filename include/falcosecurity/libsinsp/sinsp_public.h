// SPDX-License-Identifier: Apache-2.0
// The two macros of libsinsp's public headers.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cassert>

// Empty: the C++ classes are header-only, so a library exports none of them.
#define SINSP_PUBLIC

#ifndef ASSERT
#ifdef _DEBUG
#define ASSERT(X) assert(X)
#else
#define ASSERT(X)
#endif
#endif
