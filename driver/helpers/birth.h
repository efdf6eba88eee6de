/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The clone flags of new threads. clone3(2) has them in the caller's memory. When the new thread returns from the call, its creator may have
 * overwritten them, or the page may not be present in the new thread's copy of the memory. So the flags are recorded where the kernel creates
 * the thread. */
#pragma once

#include "memory.h"
#include "task.h"

/* Indexed by the lowest bits of a thread's id. An entry is the id with the flags that created this thread or, once it has created one itself,
 * the flags of that. One entry is enough, because a thread creates none before it has returned from the call that created it. */
#define BIRTHS 4096
static volatile u64 births[BIRTHS];

inline_ void note_birth(u32 tid, u32 flags)
{
	births[tid & (BIRTHS - 1)] = (u64)tid << 32 | flags;
}

/* The flags of the clone3(2) that returned this value, in the caller and in the new thread; from the caller's memory if the call failed, or if
 * another thread has overwritten the entry. */
inline_ u64 v_clone3_flags(struct task_struct *task, s64 ret, u64 args)
{
	u32 tid = TASK(task, pid);
	u64 birth = births[tid & (BIRTHS - 1)];
	return ret >= 0 && birth >> 32 == tid ? (u32)birth : v_user_u64(args, 0);
}
