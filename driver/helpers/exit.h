/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The exit of a thread: its exit code, and the new parent of its children. */
#pragma once

#include "task.h"

inline_ s32 v_exit_code(struct task_struct *task)
{
	return TASK(task, exit_code);
}

/* The argument of exit(2). */
inline_ s32 v_exit_value(s32 code)
{
	return code >> 8 & 0xff;
}

/* The signal that ended the process, or 0. */
inline_ u8 v_exit_signal(s32 code)
{
	u8 signal = code & 0x7f;
	return signal == 0x7f ? 0 : signal;
}

inline_ u8 v_exit_core(s32 code)
{
	return (code & 0x80) != 0;
}

#define THREADS_MAX 30
#define ANCESTORS_MAX 60
/* The search was aborted after THREADS_MAX or ANCESTORS_MAX steps: user space then determines the reaper. */
#define UNKNOWN_HEIR (-1)

/* The tid of a thread of the process that is not exiting; 0 if there is none. */
apart_ s32 living_thread(u64 of)
{
	struct task_struct *task = (struct task_struct *)of;
	struct signal_struct *signal = READ(task, signal);
	struct list_head *head = &signal->thread_head, *link = READ(head, next);
	for (u32 i = 0; i < THREADS_MAX; i++) {
		if (link == head || !link)
			return 0;
		struct task_struct *thread = container_of(link, struct task_struct, thread_node);
		if (!(READ(thread, flags) & PF_EXITING))
			return READ(thread, pid);
		link = READ(thread, thread_node.next);
	}
	return UNKNOWN_HEIR;
}

/* The tid of the new parent of the thread's children: another thread of its process, else the nearest ancestor in its pid namespace with
 * PR_SET_CHILD_SUBREAPER, else the namespace's first process. 0 if there are no children or the namespace ends with the thread. */
apart_ s64 v_heir(void)
{
	struct task_struct *task = this_task();
	if (READ(task, children.next) == &task->children)
		return 0;
	s32 thread = living_thread((u64)task);
	if (thread)
		return thread;

	struct task_struct *init = READ2(innermost(READ(task, thread_pid)), ns, child_reaper);
	if (init == task)
		return 0;
	s32 init_pid = READ(init, pid);
	struct signal_struct *signal = READ(task, signal);
	if (!READ_BITS(signal, has_child_subreaper))
		return init_pid;

	u32 level = READ2(task, thread_pid, level);
	struct task_struct *ancestor = READ(task, real_parent);
	for (u32 i = 0; i < ANCESTORS_MAX; i++) {
		if (ancestor == init || READ2(ancestor, thread_pid, level) != level)
			return init_pid;
		signal = READ(ancestor, signal);
		if (READ_BITS(signal, is_child_subreaper)) {
			thread = living_thread((u64)ancestor);
			if (thread)
				return thread;
		}
		ancestor = READ(ancestor, real_parent);
	}
	return UNKNOWN_HEIR;
}
