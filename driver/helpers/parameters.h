/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The arguments of the generated programs, by tracepoint and index (see schema/helpers.txt). `ctx`: the words that the tracepoint passes. */
#pragma once

#define parameter_drop_e_0(ctx) ((ctx)[1])
#define parameter_drop_x_0(ctx) ((ctx)[1])
#define parameter_sys_exit_0(ctx) ((ctx)[0])
#define parameter_sys_exit_1(ctx) ((ctx)[1])
#define parameter_sys_exit_2(ctx) current_task()
#define parameter_sys_exit_3(ctx) is_compat(task)
#define parameter_sys_exit_4(ctx) call_number(regs, compat)
/* (regs, number) */
#define parameter_sys_enter_0(ctx) ((ctx)[0])
#define parameter_sys_enter_1(ctx) current_task()
#define parameter_sys_enter_2(ctx) is_compat(task)
#define parameter_sys_enter_3(ctx) call_number(regs, compat)
/* (task, old pid, bprm) */
#define parameter_sched_process_exec_0(ctx) ((ctx)[0])
#define parameter_sched_process_exec_1(ctx) ((ctx)[2])
/* (parent, child) */
#define parameter_sched_process_fork_0(ctx) ((ctx)[0])
#define parameter_sched_process_fork_1(ctx) ((ctx)[1])
/* (task) */
#define parameter_sched_process_exit_0(ctx) ((ctx)[0])
/* (is it preempted, task, next task) */
#define parameter_sched_switch_0(ctx) ((ctx)[1])
#define parameter_sched_switch_1(ctx) ((ctx)[2])
/* (signal, info, action) */
#define parameter_signal_deliver_0(ctx) ((ctx)[0])
#define parameter_signal_deliver_1(ctx) ((ctx)[1])
#define parameter_signal_deliver_2(ctx) current_task()
/* (address, regs, error code) */
#define parameter_page_fault_user_0(ctx) ((ctx)[0])
#define parameter_page_fault_user_1(ctx) ((ctx)[1])
#define parameter_page_fault_user_2(ctx) ((ctx)[2])
#define parameter_page_fault_kernel_0(ctx) ((ctx)[0])
#define parameter_page_fault_kernel_1(ctx) ((ctx)[1])
#define parameter_page_fault_kernel_2(ctx) ((ctx)[2])
