/* SPDX-License-Identifier: Apache-2.0 */
/* ASSERT(condition): assert() in debug builds (_DEBUG), nothing in others. */
#pragma once

#include <assert.h>

#undef ASSERT
#ifdef _DEBUG
#define ASSERT(X) assert(X)
#else
#define ASSERT(X)
#endif
