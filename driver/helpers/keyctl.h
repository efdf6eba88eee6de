/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* keyctl(2): the types of its arguments, by operation. include/uapi/linux/keyctl.h */
#pragma once

#include "memory.h"

/* For each operation: the number of arguments after it, and a bit for each that is a string. */
#define ARGS(count, strings) ((count) | (strings) << 4)

inline_ u32 keyctl_args(u64 operation)
{
	switch (operation) {
	case PPM_KEYCTL_JOIN_SESSION_KEYRING: return ARGS(1, 1);
	case PPM_KEYCTL_REVOKE:
	case PPM_KEYCTL_CLEAR:
	case PPM_KEYCTL_SET_REQKEY_KEYRING:
	case PPM_KEYCTL_ASSUME_AUTHORITY:
	case PPM_KEYCTL_INVALIDATE: return ARGS(1, 0);
	case PPM_KEYCTL_GET_KEYRING_ID:
	case PPM_KEYCTL_SETPERM:
	case PPM_KEYCTL_LINK:
	case PPM_KEYCTL_UNLINK:
	case PPM_KEYCTL_SET_TIMEOUT:
	case PPM_KEYCTL_GET_PERSISTENT:
	case PPM_KEYCTL_CAPABILITIES: return ARGS(2, 0);
	case PPM_KEYCTL_UPDATE:
	case PPM_KEYCTL_CHOWN:
	case PPM_KEYCTL_DESCRIBE:
	case PPM_KEYCTL_READ:
	case PPM_KEYCTL_NEGATE:
	case PPM_KEYCTL_GET_SECURITY:
	case PPM_KEYCTL_WATCH_KEY: return ARGS(3, 0);
	case PPM_KEYCTL_RESTRICT_KEYRING: return ARGS(3, 6);
	case PPM_KEYCTL_PKEY_QUERY: return ARGS(3, 4);
	case PPM_KEYCTL_SEARCH: return ARGS(4, 6);
	case PPM_KEYCTL_INSTANTIATE:
	case PPM_KEYCTL_REJECT:
	case PPM_KEYCTL_INSTANTIATE_IOV:
	case PPM_KEYCTL_DH_COMPUTE:
	case PPM_KEYCTL_MOVE: return ARGS(4, 0);
	case PPM_KEYCTL_PKEY_ENCRYPT:
	case PPM_KEYCTL_PKEY_DECRYPT:
	case PPM_KEYCTL_PKEY_SIGN:
	case PPM_KEYCTL_PKEY_VERIFY: return ARGS(4, 2);
	default: return 0;
	}
}

/* The n-th argument after the operation, from 0. */
inline_ void p_keyctl_arg(struct out *o, u64 operation, u32 n, u64 value)
{
	u32 args = keyctl_args(operation);
	if (args >> 4 & 1 << n) {
		store(o, u8, PPM_KEYCTL_IDX_CHARBUF);
		p_path(o, value);
	} else {
		store(o, u8, PPM_KEYCTL_IDX_INT64);
		store(o, s64, n < (args & 0xf) ? value : 0);
	}
	forget(o);
}
