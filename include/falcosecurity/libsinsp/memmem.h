// SPDX-License-Identifier: Apache-2.0
// memmem(3), which the C library has.
#pragma once

#include <string.h>
