/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Signals and page faults. */
#pragma once

#include "kernel.h"
#include "constants.h"

/* The sender's pid of a signal. It is the first member of each siginfo variant that has one. For other signals the kernel mostly is the sender, and
 * the member means something else. */
inline_ s32 v_signal_source(s32 signal, struct kernel_siginfo *info)
{
	s32 sender = info ? READ(info, _sifields._kill._pid) : 0;
	if (signal == SIGKILL || signal == SIGCHLD || (signal >= SIGRTMIN && signal <= SIGRTMAX))
		return sender;
	if (signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGTSTP || signal == SIGQUIT)
		/* A code above 0 means that the kernel sent it. */
		return info && READ(info, si_code) <= 0 ? sender : 0;
	return 0;
}

inline_ u8 v_signal_number(s32 signal)
{
	return signal;
}

#if defined(TARGET_x86_64)
inline_ u64 v_instruction(struct pt_regs *regs)
{
	return regs->ip;
}
#endif

/* arch/x86/include/asm/trap_pf.h: each of the first three bits has one PPM_PF_* flag if set and another if not. */
inline_ u32 v_fault_flags(u64 flags)
{
	return (flags & 1 ? PPM_PF_PROTECTION_VIOLATION : PPM_PF_PAGE_NOT_PRESENT) |
	       (flags & 2 ? PPM_PF_WRITE_ACCESS : PPM_PF_READ_ACCESS) |
	       (flags & 4 ? PPM_PF_USER_FAULT : PPM_PF_SUPERVISOR_FAULT) | (flags & 8 ? PPM_PF_RESERVED_PAGE : 0) |
	       (flags & 16 ? PPM_PF_INSTRUCTION_FETCH : 0);
}
