/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The flags with which threads are made. clone3(2) has them in the caller's memory: when the new thread returns from the call, the caller may
 * have changed that memory, or the page may not be mapped yet in the new thread. So they are stored when the kernel makes the thread. */
#pragma once

#include "memory.h"
#include "task.h"

/* By the lowest bits of a thread's id: the id, and the flags with which that thread was made; after it has made a thread, those of the last one.
 * Both can share the entry: a thread makes none before it has returned from the call that made it. */
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

/* (new thread, flags). It runs in the caller. */
SEC("tp_btf/task_newtask")
int task_newtask(u64 *ctx)
{
	struct task_struct *child = (struct task_struct *)ctx[0];
	struct task_struct *maker = bpf_get_current_task();
	note_birth(READ(child, pid), ctx[1]);
	note_birth(READ(maker, pid), ctx[1]);
	return 0;
}
