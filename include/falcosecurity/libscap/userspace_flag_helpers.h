/* SPDX-License-Identifier: Apache-2.0 */
/* The conversions of ppm_flag_helpers.h, for programs. */
#pragma once

#include <driver/ppm_flag_helpers.h>
