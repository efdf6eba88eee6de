/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Programs that can be preempted, on kernels that let them be (`preemptible`).
 *
 * What is put together in the memory of a CPU is put together while nobody else may have the CPU. That takes a call of the kernel's,
 * which is not allowed around a tail call, so that a dispatcher may still be interrupted, or a program at its very end. Until it
 * goes on, the kernel does not call that dispatcher again on that CPU. So there are two of each: the first one leaves a note
 * with the thread that it is called for, and the second one, called next, steps in where there is none. */
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

inline_ void note_first(u32 which)
{
	struct first_calls *t = preemptible ? bpf_task_storage_get(&first_calls, bpf_get_current_task_btf(), NULL,
							     BPF_LOCAL_STORAGE_GET_F_CREATE) : NULL;
	if (t)
		t->called[which] = 1;
}

/* Whether to step in for the first one, which the kernel counts to have missed this. */
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
