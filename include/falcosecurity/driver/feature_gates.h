/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The events that the drivers produce on the architecture for which this is compiled. */
#ifndef FEATURE_GATES_H
#define FEATURE_GATES_H

/* The drivers produce events for context switches and for signals. */
#define CAPTURE_CONTEXT_SWITCHES
#define CAPTURE_SIGNAL_DELIVERIES

/* Only x86-64 has tracepoints for page faults. */
#if defined(__x86_64__) || defined(__TARGET_ARCH_x86)
#define CAPTURE_PAGE_FAULTS
#endif

/* On these architectures the exit of clone is not seen in the child: sched_process_fork reports it instead. */
#if defined(__aarch64__) || defined(__s390x__) || defined(__riscv) || defined(__loongarch64) || \
        defined(__TARGET_ARCH_arm64) || defined(__TARGET_ARCH_s390) || defined(__TARGET_ARCH_riscv) || \
        defined(__TARGET_ARCH_loongarch64)
#define CAPTURE_SCHED_PROC_FORK
#endif

/* One register holds a 64-bit argument of a system call. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__loongarch64)
#define CAPTURE_64BIT_ARGS_SINGLE_REGISTER
#endif

/* BPF iterators list the threads and fds that exist when the capture starts. */
#define BPF_ITERATOR_SUPPORT

#endif /* FEATURE_GATES_H */
