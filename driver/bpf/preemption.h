/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Handling of preemption on kernels where programs of the system-call tracepoints can be preempted (`preemptible`).
 *
 * Code that uses per-CPU memory runs between hold_cpu() and release_cpu(). A tail call is not allowed there, so a dispatcher, or the end of a
 * program, can still be preempted. Until it resumes, the kernel does not run that dispatcher on that CPU. Therefore each dispatcher is attached
 * twice: the first sets a mark in the storage of the current thread, and the second, which the kernel calls next, does the work if the mark is
 * missing. */
#pragma once

#include "event.h"

enum { AT_EXIT, AT_ENTER };

inline_ void hold_cpu(void)
{
	if (preemptible)
		bpf_preempt_disable();
}

inline_ void release_cpu(void)
{
	if (preemptible)
		bpf_preempt_enable();
}

/* A program, attached to a tracepoint, whose body the build has generated. */
#define PROGRAM(name, tracepoint)         \
	SEC("tp_btf/" #tracepoint)        \
	int name(u64 *ctx)                \
	{                                 \
		hold_cpu();               \
		name##_body(ctx);         \
		release_cpu();            \
		return 0;                 \
	}

/* The same as a part of another program. */
#define PART(name)                   \
	inline_ void name(u64 *ctx)  \
	{                            \
		hold_cpu();          \
		name##_body(ctx);    \
		release_cpu();       \
	}

inline_ void note_first(u32 which)
{
	struct first_calls *t = preemptible ? bpf_task_storage_get(&first_calls, bpf_get_current_task_btf(), NULL,
							     BPF_LOCAL_STORAGE_GET_F_CREATE) : NULL;
	if (t)
		t->called[which] = 1;
}

/* Whether the second dispatcher must do the work, because the kernel did not run the first (and counted a miss for it). */
inline_ bool first_was_missed(u32 which)
{
	struct first_calls *t = bpf_task_storage_get(&first_calls, bpf_get_current_task_btf(), NULL, 0);
	if (t && t->called[which]) {
		t->called[which] = 0;
		return false;
	}
	struct counters *c = my_counters();
	if (c)
		c->n_second_calls++;
	return c;
}
