/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The probe: the dispatchers of system calls, and the generated programs that make events. */

#include "birth.h"
#include "call.h"
#include "exec.h"
#include "exit.h"
#include "files.h"
#include "keyctl.h"
#include "memory.h"
#include "net.h"
#include "file_path.h"
#include "parameters.h"
#include "paths.h"
#include "ptrace.h"
#include "quota.h"
#include "signal.h"
#include "snaplen.h"
#include "sockopt.h"
#include "preemption.h"
#include "vectors.h"

#include "programs.h"

/* The programs that emit the marks of sampling. */
enum { TELL_SKIPPED, TELL_REPORTED, TELL_MAX };
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, TELL_MAX);
	__uint(key_size, sizeof(u32));
	__array(values, int(void *));
} sampling_progs SEC(".maps") = { .values = { [TELL_SKIPPED] = (void *)&drop_e, [TELL_REPORTED] = (void *)&drop_x } };

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

inline_ void at_exit(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	s64 ret = ctx[1];
	bool compat = is_compat(current_task());
	u32 nr = call_number(regs, compat);

	if (nr >= SYSCALL_MAX || !is_reported(nr, ret) || (compat && !CAPTURES_COMPAT))
		return;
	if (settings.dropping_mode) {
		u32 what = sample(nr);
		if (what == SAMPLE_FIRST_SKIPPED)
			bpf_tail_call(ctx, &sampling_progs, TELL_SKIPPED);
		else if (what == SAMPLE_FIRST_REPORTED)
			bpf_tail_call(ctx, &sampling_progs, TELL_REPORTED);
		if (what != SAMPLE_REPORT)
			return;
	}
	if (ret < 0 && settings.drop_failed)
		return;
	/* The event of calls without a program of their own is short: made here, it costs no tail call. */
	if (!own_program_table[nr]) {
		x_generic(ctx);
		return;
	}
	bpf_tail_call(ctx, &exit_progs, nr);
}

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	note_first(AT_EXIT);
	at_exit(ctx);
	return 0;
}

SEC("tp_btf/sys_exit")
int sys_exit_2nd(u64 *ctx)
{
	if (first_was_missed(AT_EXIT))
		at_exit(ctx);
	return 0;
}

inline_ void at_enter(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	u32 nr = call_number(regs, is_compat(current_task()));

	if (nr < SYSCALL_MAX && enter_table[nr])
		bpf_tail_call(ctx, &enter_progs, nr);
}

/* Attached while a call with an enter event is captured. For other calls it returns after one lookup. */
SEC("tp_btf/sys_enter")
int sys_enter(u64 *ctx)
{
	note_first(AT_ENTER);
	at_enter(ctx);
	return 0;
}

SEC("tp_btf/sys_enter")
int sys_enter_2nd(u64 *ctx)
{
	if (first_was_missed(AT_ENTER))
		at_enter(ctx);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
