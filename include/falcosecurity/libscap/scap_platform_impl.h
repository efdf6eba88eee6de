/* SPDX-License-Identifier: Apache-2.0 */
/* What a program may use of a platform, as programs know this name. */
#pragma once

#include <libscap/linux/scap_linux_platform.h>
