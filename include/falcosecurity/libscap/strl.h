/* SPDX-License-Identifier: Apache-2.0 */
/* strlcpy and strlcat, where the C library has none. */
#pragma once

#include <string.h>
#include <sys/types.h>

#include <libscap/scap_strl_config.h>

#ifndef HAVE_STRLCPY
/* Copies as much of `src` as fits in `size` bytes, the NUL included. Answers the length of `src`. */
static inline size_t strlcpy(char *dst, const char *src, size_t size) {
	const size_t len = strlen(src);
	if(size > 0) {
		const size_t n = len < size ? len : size - 1;
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}
#endif

#ifndef HAVE_STRLCAT
/* Appends as much of `src` as fits in `size` bytes, the NUL included. Answers the length that was asked for. */
static inline size_t strlcat(char *dst, const char *src, size_t size) {
	size_t used = 0;
	while(used < size && dst[used] != '\0') {
		used++;
	}
	if(used == size) {
		return size + strlen(src);
	}
	return used + strlcpy(dst + used, src, size - used);
}
#endif
