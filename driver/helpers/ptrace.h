/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* ptrace(2): the request, and the meaning of its two arguments. */
#pragma once

#include "memory.h"

/* include/uapi/linux/ptrace.h: the first ten requests, and the twelve from 0x4200 on, are consecutive in events too. */
_Static_assert(PPM_PTRACE_TRACEME == 1 && PPM_PTRACE_SINGLESTEP == 10, "requests 0 to 9");
_Static_assert(PPM_PTRACE_SETOPTIONS == 14 && PPM_PTRACE_SETSIGMASK == 25, "requests 0x4200 to 0x420b");

inline_ u16 v_ptrace_request(u64 request)
{
	if (request <= 9)
		return PPM_PTRACE_TRACEME + request;
	if (request >= 0x4200 && request <= 0x420b)
		return PPM_PTRACE_SETOPTIONS + (request - 0x4200);
	switch (request) {
	case 16: return PPM_PTRACE_ATTACH;
	case 17: return PPM_PTRACE_DETACH;
	case 24: return PPM_PTRACE_SYSCALL;
	case 31: return PPM_PTRACE_SYSEMU;
	case 32: return PPM_PTRACE_SYSEMU_SINGLESTEP;
#if defined(TARGET_x86_64)
	case 12: return PPM_PTRACE_GETREGS;
	case 13: return PPM_PTRACE_SETREGS;
	case 14: return PPM_PTRACE_GETFPREGS;
	case 15: return PPM_PTRACE_SETFPREGS;
	case 18: return PPM_PTRACE_GETFPXREGS;
	case 19: return PPM_PTRACE_SETFPXREGS;
	case 21: return PPM_PTRACE_OLDSETOPTIONS;
	case 25: return PPM_PTRACE_GET_THREAD_AREA;
	case 26: return PPM_PTRACE_SET_THREAD_AREA;
	case 30: return PPM_PTRACE_ARCH_PRCTL;
	case 33: return PPM_PTRACE_SINGLEBLOCK;
#endif
	default: return PPM_PTRACE_UNKNOWN;
	}
}

inline_ void write_number(struct out *o, u64 number)
{
	store(o, u8, PPM_PTRACE_IDX_UINT64);
	store(o, u64, number);
}

inline_ void p_ptrace_addr(struct out *o, s64 ret, u64 addr)
{
	write_number(o, ret < 0 ? 0 : addr);
}

/* The word that was read, the signal that was delivered, or the argument itself. */
inline_ void p_ptrace_data(struct out *o, s64 ret, u16 request, u64 data)
{
	u64 word = 0;
	if (ret < 0) {
		write_number(o, 0);
	} else if (request >= PPM_PTRACE_PEEKTEXT && request <= PPM_PTRACE_PEEKUSR) {
		read_user(&word, sizeof(word), (void *)data);
		write_number(o, word);
	} else if (request == PPM_PTRACE_CONT || request == PPM_PTRACE_SINGLESTEP || request == PPM_PTRACE_DETACH ||
		   request == PPM_PTRACE_SYSCALL) {
		store(o, u8, PPM_PTRACE_IDX_SIGTYPE);
		store(o, u8, data);
	} else {
		write_number(o, data);
	}
}
