/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UT_hash_handle, the member by which programs put this API's structs into uthash tables, and macros for 32-bit and 64-bit keys.
 * Without uthash.h only the struct is declared, with the same size.
 */
#pragma once

#if defined(__has_include)
#if __has_include(<uthash.h>)
#include <uthash.h>
#endif
#endif

#ifndef UTHASH_H
typedef struct UT_hash_handle {
	void *tbl;
	void *prev;
	void *next;
	struct UT_hash_handle *hh_prev;
	struct UT_hash_handle *hh_next;
	const void *key;
	unsigned keylen;
	unsigned hashv;
} UT_hash_handle;
#else
#define HASH_FIND_INT32(head, findint, out) HASH_FIND(hh, head, findint, sizeof(uint32_t), out)
#define HASH_ADD_INT32(head, intfield, add) HASH_ADD(hh, head, intfield, sizeof(uint32_t), add)
#define HASH_FIND_INT64(head, findint, out) HASH_FIND(hh, head, findint, sizeof(uint64_t), out)
#define HASH_ADD_INT64(head, intfield, add) HASH_ADD(hh, head, intfield, sizeof(uint64_t), add)
#endif
