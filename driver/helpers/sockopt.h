/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* getsockopt(2), setsockopt(2): the option and the type of its value. include/uapi/asm-generic/socket.h */
#pragma once

#include "memory.h"

inline_ u8 v_sockopt_level(s32 level)
{
	return level == SOL_SOCKET ? PPM_SOCKOPT_LEVEL_SOL_SOCKET :
	       level == SOL_TCP	   ? PPM_SOCKOPT_LEVEL_SOL_TCP :
				     PPM_SOCKOPT_LEVEL_UNKNOWN;
}

_Static_assert(PPM_SOCKOPT_SO_DEBUG == 1 && PPM_SOCKOPT_SO_ATTACH_BPF == 50, "options are SO_*, up to SO_ATTACH_BPF");

inline_ u8 v_sockopt_name(s32 level, s32 name)
{
	if (level != SOL_SOCKET)
		return PPM_SOCKOPT_UNKNOWN;
	switch (name) {
#if defined(TARGET_powerpc64)
	case 16: return PPM_SOCKOPT_SO_RCVLOWAT;
	case 17: return PPM_SOCKOPT_SO_SNDLOWAT;
	case 18: return PPM_SOCKOPT_SO_RCVTIMEO;
	case 19: return PPM_SOCKOPT_SO_SNDTIMEO;
	case 20: return PPM_SOCKOPT_SO_PASSCRED;
	case 21: return PPM_SOCKOPT_SO_PEERCRED;
#endif
	case 55: return PPM_SOCKOPT_SO_MEMINFO;
	case 57: return PPM_SOCKOPT_SO_COOKIE;
	case 59: return PPM_SOCKOPT_SO_PEERGROUPS;
	case 66: return PPM_SOCKOPT_SO_RCVTIMEO;
	case 67: return PPM_SOCKOPT_SO_SNDTIMEO;
	default: return (u32)name <= PPM_SOCKOPT_SO_ATTACH_BPF ? name : PPM_SOCKOPT_UNKNOWN;
	}
}

#define OPTION(name) (1ULL << PPM_SOCKOPT_##name)
/* Options with a struct or unknown value: reported as bytes. */
#define RAW_OPTIONS                                                                                            \
	(OPTION(UNKNOWN) | OPTION(SO_LINGER) | OPTION(SO_PEERCRED) | OPTION(SO_ATTACH_FILTER) | OPTION(SO_PEERNAME) | \
	 OPTION(SO_ATTACH_BPF) | OPTION(SO_PEERGROUPS) | OPTION(SO_MEMINFO))

inline_ void p_sockopt_value(struct out *o, s32 level, s32 name, u64 value, u16 length)
{
	u8 option = v_sockopt_name(level, name);
	if (OPTION(UNKNOWN) << option & RAW_OPTIONS) {
		store(o, u8, PPM_SOCKOPT_IDX_UNKNOWN);
		write_buffer(o, value, length, EVENT_MAX - 1);
	} else if (option == PPM_SOCKOPT_SO_ERROR) {
		store(o, u8, PPM_SOCKOPT_IDX_ERRNO);
		store(o, s64, -(s64)(s32)v_user_u32(value, 0));
	} else if (option == PPM_SOCKOPT_SO_RCVTIMEO || option == PPM_SOCKOPT_SO_SNDTIMEO) {
		store(o, u8, PPM_SOCKOPT_IDX_TIMEVAL);
		store(o, u64, v_user_u64(value, 0) * 1000000000ULL + v_user_u64(value, 1) * 1000);
	} else if (option == PPM_SOCKOPT_SO_COOKIE) {
		store(o, u8, PPM_SOCKOPT_IDX_UINT64);
		store(o, u64, v_user_u64(value, 0));
	} else {
		store(o, u8, PPM_SOCKOPT_IDX_UINT32);
		store(o, u32, v_user_u32(value, 0));
	}
	forget(o);
}
