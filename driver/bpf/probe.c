/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The probe: the dispatcher of the system calls' exits, and the generated programs that make the events. */

#include "call.h"
#include "exec.h"
#include "exit.h"
#include "files.h"
#include "memory.h"
#include "net.h"
#include "paths.h"
#include "ptrace.h"
#include "snaplen.h"

/* What the generated programs are given, by tracepoint and position (see schema/helpers.txt). */
#define given_sys_exit_0(ctx) ((ctx)[0])
#define given_sys_exit_1(ctx) ((ctx)[1])
#define given_sys_exit_2(ctx) current_task()
#define given_sys_exit_3(ctx) regs_number((struct pt_regs *)(ctx)[0])
/* (task, old pid, bprm) */
#define given_sched_process_exec_0(ctx) ((ctx)[0])
#define given_sched_process_exec_1(ctx) ((ctx)[2])
/* (parent, child) */
#define given_sched_process_fork_0(ctx) ((ctx)[0])
#define given_sched_process_fork_1(ctx) ((ctx)[1])
/* (task) */
#define given_sched_process_exit_0(ctx) ((ctx)[0])

#include "programs.h"

#if defined(TARGET_x86_64)
/* A 32-bit caller: its numbers and registers are others, and its structs differ. Not captured; see README.md. */
#define COMPAT_CALL(task) (TASK(task, thread_info.status) & 0x2)
#else
#define COMPAT_CALL(task) false
#endif

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	u32 nr = regs_number((struct pt_regs *)ctx[0]);
	s64 ret = ctx[1];

	if (nr >= SYSCALL_MAX || !interesting[nr])
		return 0;
	if (ret < 0 && settings.drop_failed)
		return 0;
	if (COMPAT_CALL(current_task()))
		return 0;
	bpf_tail_call(ctx, &exit_progs, nr);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
