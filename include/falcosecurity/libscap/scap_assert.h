/* SPDX-License-Identifier: Apache-2.0 */
/* ASSERT checks in debug builds (_DEBUG) alone. */
#pragma once

#include <assert.h>

#undef ASSERT
#ifdef _DEBUG
#define ASSERT(X) assert(X)
#else
#define ASSERT(X)
#endif
