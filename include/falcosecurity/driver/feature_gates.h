/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the drivers can do on the architecture that this is compiled for.
 */
#ifndef FEATURE_GATES_H
#define FEATURE_GATES_H

/* Switches between threads, and signals, make events. */
#define CAPTURE_CONTEXT_SWITCHES
#define CAPTURE_SIGNAL_DELIVERIES

/* Page faults have tracepoints on x86-64 alone. */
#if defined(__x86_64__) || defined(__TARGET_ARCH_x86)
#define CAPTURE_PAGE_FAULTS
#endif

/* Where the exit of clone is not seen in the child, sched_process_fork stands in for it. */
#if defined(__aarch64__) || defined(__s390x__) || defined(__riscv) || defined(__loongarch64) || \
        defined(__TARGET_ARCH_arm64) || defined(__TARGET_ARCH_s390) || defined(__TARGET_ARCH_riscv) || \
        defined(__TARGET_ARCH_loongarch64)
#define CAPTURE_SCHED_PROC_FORK
#endif

/* A 64-bit argument of a system call takes one register. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__loongarch64)
#define CAPTURE_64BIT_ARGS_SINGLE_REGISTER
#endif

/* Iterators list the threads and fds that exist already. */
#define BPF_ITERATOR_SUPPORT

#endif /* FEATURE_GATES_H */
