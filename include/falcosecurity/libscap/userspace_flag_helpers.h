/* SPDX-License-Identifier: Apache-2.0 */
/* Forwards to driver/ppm_flag_helpers.h, for programs that include it by this name. */
#pragma once

#include <driver/ppm_flag_helpers.h>
