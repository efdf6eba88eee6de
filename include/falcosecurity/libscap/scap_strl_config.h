/* SPDX-License-Identifier: Apache-2.0 */
/* HAVE_STRLCPY and HAVE_STRLCAT: whether the C library of the program has these functions. */
#pragma once

#include <string.h>

#if(defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 38)) && defined(_DEFAULT_SOURCE)) || \
        (defined(__linux__) && !defined(__GLIBC__)) || defined(__APPLE__)
#define HAVE_STRLCPY 1
#define HAVE_STRLCAT 1
#endif
