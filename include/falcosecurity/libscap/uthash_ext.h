/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook that lets programs keep this API's structs in hash tables of uthash, and short names for 32 and 64-bit keys.
 *
 * With uthash.h at hand it is included. Without it the hook is declared alone, of the same size, and there are no tables.
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
