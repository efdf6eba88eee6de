// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The capture: tracepoints, and the generated programs that make events, called for each consumer. */

#include "birth.h"
#include "call.h"
#include "exec.h"
#include "exit.h"
#include "file_path.h"
#include "files.h"
#include "keyctl.h"
#include "memory.h"
#include "net.h"
#include "parameters.h"
#include "paths.h"
#include "ptrace.h"
#include "quota.h"
#include "signal.h"
#include "snaplen.h"
#include "sockopt.h"
#include "vectors.h"

#include "programs.h"

typedef int program(u64 *ctx);

/* The programs of system calls, by native number. */
#define EXIT_PROGRAM(nr, name) [nr] = name,
#define ENTER_PROGRAM(nr, name) [nr] = name,
static program *const exit_programs[SYSCALL_MAX] = {
#include "exit_programs.h"
};
static program *const enter_programs[SYSCALL_MAX] = {
#include "enter_programs.h"
};

#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>

DEFINE_PER_CPU(struct run, runs);
static DEFINE_PER_CPU(long, hits);

/* Starts the handling of a tracepoint; null if this CPU is at it already. */
static struct run *run_begin(bool counted)
{
	struct run *run;

	preempt_disable_notrace();
	run = this_cpu_ptr(&runs);
	this_cpu_inc(hits);
	if (unlikely(run->busy)) {
		/* The consumer whose event is being made misses this one. Page faults of the programs themselves are no loss. */
		if (counted && run->ring)
			run->ring->info->n_preemptions++;
		preempt_enable_notrace();
		return NULL;
	}
	run->busy = true;
	barrier();
	rcu_read_lock();
	run->now = ktime_get_real_ns();
	return run;
}

static void run_end(struct run *run)
{
	run->consumer = NULL;
	run->ring = NULL;
	rcu_read_unlock();
	barrier();
	run->busy = false;
	preempt_enable_notrace();
}

/* Calls a program for each consumer that has selected the tracepoint. */
static __always_inline void each_consumer(struct run *run, enum tracepoint_code tp, program *make, u64 *ctx)
{
	struct consumer *c;

	list_for_each_entry_rcu(c, &consumers, node) {
		struct ring *ring;

		if (!(READ_ONCE(c->tracepoints) & BIT(tp)))
			continue;
		ring = rcu_dereference(c->rings[smp_processor_id()]);
		if (unlikely(!ring))
			ring = rcu_dereference(c->spare);
		if (!ring)
			continue;
		run->consumer = c;
		run->ring = ring;
		if (tp == TP_SCHED_SWITCH)
			ring->info->n_context_switches++;
		make(ctx);
	}
}

static int at_exit(u64 *ctx)
{
	u32 nr = ctx[2];
	program *make = exit_programs[nr];

	if (!is_reported(nr, ctx[1]))
		return 0;
	if (settings.dropping_mode) {
		u32 what = sample(nr);

		if (what == SAMPLE_FIRST_SKIPPED)
			drop_e(ctx);
		else if (what == SAMPLE_FIRST_REPORTED)
			drop_x(ctx);
		if (what != SAMPLE_REPORT)
			return 0;
	}
	if ((s64)ctx[1] < 0 && settings.drop_failed)
		return 0;
	return make ? make(ctx) : x_generic(ctx);
}

/* The native number of the call, also for 32-bit callers; SYSCALL_MAX for one that is not captured. */
static u32 captured_number(struct pt_regs *regs)
{
	bool compat = is_compat(current);
	u32 nr;

	if (compat && !CAPTURES_COMPAT)
		return SYSCALL_MAX;
	nr = call_number(regs, compat);
	return nr < SYSCALL_MAX ? nr : SYSCALL_MAX;
}

static void on_sys_exit(void *data, struct pt_regs *regs, long ret)
{
	u32 nr = captured_number(regs);
	u64 ctx[] = { (u64)regs, ret, nr };
	struct run *run = run_begin(true);

	if (!run)
		return;
	if (nr < SYSCALL_MAX)
		each_consumer(run, TP_SYS_EXIT, at_exit, ctx);
	run_end(run);
}

static void on_sys_enter(void *data, struct pt_regs *regs, long id)
{
	u32 nr = captured_number(regs);
	u64 ctx[] = { (u64)regs, id };
	struct run *run;

	if (nr >= SYSCALL_MAX || !enter_programs[nr])
		return;
	run = run_begin(true);
	if (!run)
		return;
	each_consumer(run, TP_SYS_ENTER, enter_programs[nr], ctx);
	run_end(run);
}

#define HANDLE(code, make, counted, ...)                           \
	({                                                         \
		u64 ctx[] = { __VA_ARGS__ };                       \
		struct run *run = run_begin(counted);              \
		if (run) {                                         \
			each_consumer(run, code, make, ctx);       \
			run_end(run);                              \
		}                                                  \
	})

static void on_sched_process_exit(void *data, struct task_struct *task)
{
	HANDLE(TP_SCHED_PROCESS_EXIT, sched_process_exit, true, (u64)task);
}

static void on_sched_switch(void *data, bool preempt, struct task_struct *task, struct task_struct *next)
{
	HANDLE(TP_SCHED_SWITCH, sched_switch, true, preempt, (u64)task, (u64)next);
}

static void on_signal_deliver(void *data, int number, struct kernel_siginfo *info, struct k_sigaction *action)
{
	HANDLE(TP_SIGNAL_DELIVER, signal_deliver, true, number, (u64)info, (u64)action);
}

static void on_sched_process_exec(void *data, struct task_struct *task, pid_t old, struct linux_binprm *bprm)
{
	HANDLE(TP_SCHED_PROCESS_EXEC, sched_process_exec, true, (u64)task, old, (u64)bprm);
}

#if defined(TARGET_x86_64)
static void on_page_fault_user(void *data, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	HANDLE(TP_PAGE_FAULT_USER, page_fault_user, false, address, (u64)regs, error);
}

static void on_page_fault_kernel(void *data, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	HANDLE(TP_PAGE_FAULT_KERNEL, page_fault_kernel, false, address, (u64)regs, error);
}
#endif

#if !CHILD_RETURNS
static void on_sched_process_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	HANDLE(TP_SCHED_PROCESS_FORK, sched_process_fork, true, (u64)parent, (u64)child);
}
#endif

/* It runs in the caller of clone(2), before the new thread. */
static void on_task_newtask(void *data, struct task_struct *child, unsigned long flags)
{
	note_birth(child->pid, flags);
	note_birth(current->pid, flags);
}

/* --- the kernel's tracepoints --- */

/* One tracepoint more: it is attached with that of exits from system calls. */
#define TP_TASK_NEWTASK TP_MAX

static struct attachment {
	const char *name;
	void *function;		/* null where the event comes from elsewhere on this architecture */
	struct tracepoint *found;
	unsigned int users;
} attachments[TP_MAX + 1] = {
	[TP_SYS_ENTER] = { "sys_enter", on_sys_enter },
	[TP_SYS_EXIT] = { "sys_exit", on_sys_exit },
	[TP_SCHED_PROCESS_EXIT] = { "sched_process_exit", on_sched_process_exit },
	[TP_SCHED_SWITCH] = { "sched_switch", on_sched_switch },
	[TP_SIGNAL_DELIVER] = { "signal_deliver", on_signal_deliver },
	[TP_SCHED_PROCESS_EXEC] = { "sched_process_exec", on_sched_process_exec },
	[TP_SCHED_PROCESS_FORK] = { "sched_process_fork", NULL },
	[TP_PAGE_FAULT_USER] = { "page_fault_user", NULL },
	[TP_PAGE_FAULT_KERNEL] = { "page_fault_kernel", NULL },
	[TP_TASK_NEWTASK] = { "task_newtask", on_task_newtask },
};

static void find(struct tracepoint *tp, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attachments); i++)
		if (!strcmp(tp->name, attachments[i].name))
			attachments[i].found = tp;
}

/* One consumer more needs the tracepoint. A kernel without it, as one without those of page faults, makes none of its events. */
static int attach(unsigned int code)
{
	struct attachment *a = &attachments[code];
	int error;

	if (a->users == 0 && a->found && a->function) {
		error = tracepoint_probe_register(a->found, a->function, NULL);
		if (error)
			return error;
	}
	a->users++;
	return 0;
}

static void detach(unsigned int code)
{
	struct attachment *a = &attachments[code];

	if (--a->users == 0 && a->found && a->function)
		tracepoint_probe_unregister(a->found, a->function, NULL);
}

int capture_select(struct consumer *consumer, u32 tracepoints)
{
	unsigned int code, i;
	int error = 0;

	for (code = 0; code < TP_MAX; code++) {
		u32 bit = BIT(code);

		if ((consumer->tracepoints & bit) == (tracepoints & bit))
			continue;
		if (tracepoints & bit) {
			error = attach(code);
			if (!error && code == TP_SYS_EXIT) {
				error = attach(TP_TASK_NEWTASK);
				if (error)
					detach(code);
			}
			if (error)
				return error;
			WRITE_ONCE(consumer->tracepoints, consumer->tracepoints | bit);
		} else {
			WRITE_ONCE(consumer->tracepoints, consumer->tracepoints & ~bit);
			detach(code);
			if (code == TP_SYS_EXIT)
				detach(TP_TASK_NEWTASK);
		}
	}
	for (i = 0; i < ARRAY_SIZE(attachments); i++)
		if (attachments[i].users)
			return 0;
	/* The count of calls is that since the first consumer. */
	tracepoint_synchronize_unregister();
	for_each_possible_cpu(i)
		per_cpu(hits, i) = 0;
	return 0;
}

long capture_hits(unsigned int cpu)
{
	return per_cpu(hits, cpu);
}

int capture_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct run *run = per_cpu_ptr(&runs, cpu);

		run->scratch = vzalloc_node(SCRATCH_SIZE, cpu_to_node(cpu));
		if (!run->scratch) {
			capture_exit();
			return -ENOMEM;
		}
	}
#if defined(TARGET_x86_64)
	attachments[TP_PAGE_FAULT_USER].function = on_page_fault_user;
	attachments[TP_PAGE_FAULT_KERNEL].function = on_page_fault_kernel;
#endif
#if !CHILD_RETURNS
	attachments[TP_SCHED_PROCESS_FORK].function = on_sched_process_fork;
#endif
	for_each_kernel_tracepoint(find, NULL);
	if (!attachments[TP_SYS_EXIT].found || !attachments[TP_SYS_ENTER].found) {
		pr_err("this kernel has no tracepoints of system calls\n");
		capture_exit();
		return -ENOENT;
	}
	return 0;
}

/* No consumer is left. */
void capture_exit(void)
{
	unsigned int cpu;

	tracepoint_synchronize_unregister();
	for_each_possible_cpu(cpu)
		vfree(per_cpu_ptr(&runs, cpu)->scratch);
}
