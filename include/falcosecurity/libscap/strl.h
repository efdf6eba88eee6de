/* SPDX-License-Identifier: Apache-2.0 */
/* strlcpy and strlcat for C libraries that lack them. */
#pragma once

#include <string.h>
#include <sys/types.h>

#include <libscap/scap_strl_config.h>

#ifndef HAVE_STRLCPY
/* Copies `src` to `dst`, truncated to `size` bytes with the NUL. Returns the length of `src`. */
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
/* Appends `src` to `dst`, truncated to `size` bytes in all with the NUL. Returns the length that the untruncated text would have. */
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
