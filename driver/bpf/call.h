/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What is known about the system call itself. */
#pragma once

#include "event.h"

inline_ u16 v_sc(u32 nr)
{
	return sc_table[nr & (SYSCALL_MAX - 1)];
}

inline_ u16 v_native(u32 nr)
{
	return nr;
}

inline_ bool v_failed(s64 ret)
{
	return ret < 0;
}

inline_ s64 v_if_succeeded(s64 ret, s64 value)
{
	return ret >= 0 ? value : -1;
}

inline_ bool v_succeeded_or_kept(s64 ret)
{
	return ret >= 0 || !settings.dropping_mode;
}

/* Where a new thread does not return through the exit of the call that made it, it is reported by a tracepoint. */
#if defined(TARGET_x86_64) || defined(TARGET_powerpc64)
#define CHILD_RETURNS true
#else
#define CHILD_RETURNS false
#endif

inline_ bool v_reports_itself(s64 ret)
{
	return CHILD_RETURNS || ret != 0;
}

inline_ u64 v_clone_arg(struct pt_regs *regs)
{
#if defined(TARGET_s390x)
	return regs_arg(regs, 1);
#else
	return regs_arg(regs, 0);
#endif
}
