/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The kernel's types, and the primitives of the helpers for a module. bpf/bpf.h has the same primitives for the probe. */
#pragma once

#include <linux/audit.h>
#include <linux/binfmts.h>
#include <linux/cgroup.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/kernfs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <linux/socket.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/un.h>
#include <net/af_unix.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#if defined(CONFIG_X86_64)
#define TARGET_x86_64
#elif defined(CONFIG_ARM64)
#define TARGET_aarch64
#else
#error "the module is for x86_64 and aarch64"
#endif

#define inline_ static inline __attribute__((always_inline, unused))
#define noinline_ noinline
/* A function that the probe's verifier checks separately. */
#define apart_ static noinline __attribute__((unused))
/* What the probe's verifier has to be shown, and a compiler has not. */
#define opaque(var) ((void)0)
#define unrolled_

/* Reads kernel memory that may have been freed; zeroes if it is not mapped. 0, or a negative error. */
inline_ long read_kernel(void *to, u32 size, const void *from)
{
	if (likely(!copy_from_kernel_nofault(to, from, size)))
		return 0;
	memset(to, 0, size);
	return -EFAULT;
}

/* Reads memory of the caller without waiting for a page; zeroes if that fails. */
inline_ long read_user(void *to, u32 size, const void *from)
{
	if (likely(!copy_from_user_nofault(to, (const void __user *)from, size)))
		return 0;
	memset(to, 0, size);
	return -EFAULT;
}

/* Reads a string with its NUL, cut to `size` bytes with the NUL. Returns the number of bytes, or a negative error. */
static noinline long read_user_str(void *to, u32 size, const void *from)
{
	long length;

	if (!size)
		return 0;
	pagefault_disable();
	length = strncpy_from_user(to, (const char __user *)from, size);
	pagefault_enable();
	if (length < 0) {
		*(char *)to = 0;
		return length;
	}
	if (length >= size)
		length = size - 1;
	((char *)to)[length] = 0;
	return length + 1;
}

/* Same for kernel memory. Pieces do not cross a page: what follows the string may not be mapped. */
static noinline long read_kernel_str(void *to, u32 size, const void *from)
{
	const char *at = from;
	char *out = to;
	u32 n = 0;

	if (!size)
		return 0;
	while (n < size) {
		u32 piece = min_t(u32, size - n, 32 - ((unsigned long)at & 31));
		const char *end;

		if (copy_from_kernel_nofault(out + n, at, piece)) {
			*out = 0;
			return -EFAULT;
		}
		end = memchr(out + n, 0, piece);
		if (end)
			return end - out + 1;
		n += piece;
		at += piece;
	}
	out[size - 1] = 0;
	return size;
}

/* The kernel has another meaning for it. */
#undef READ

/* A field behind a kernel pointer; zero if it cannot be read. */
#define READ(ptr, field)                                                       \
	({                                                                     \
		typeof((ptr)->field) value_;                                   \
		read_kernel((void *)&value_, sizeof(value_), &(ptr)->field);   \
		value_;                                                        \
	})
#define READ2(ptr, a, b) READ(READ(ptr, a), b)
#define READ3(ptr, a, b, c) READ(READ2(ptr, a, b), c)
/* A bit-field, which has no address. Only of objects that RCU keeps. */
#define READ_BITS(ptr, field) ((ptr) ? (ptr)->field : 0)

/* A field of a task, or behind a pointer of one. Only for tasks that tracepoints pass, and the current one. */
#define TASK(task, a) ((task)->a)
#define TASK2(task, a, b) READ((task)->a, b)

#define current_task() current
#define this_task() current
#define current_tid() ((u32)current->pid)

/* Whether the caller is a 32-bit process on a 64-bit kernel, with its own call numbers and registers. */
inline_ bool is_compat(struct task_struct *task)
{
#if defined(TARGET_x86_64) && defined(CONFIG_IA32_EMULATION)
	return task_thread_info(task)->status & TS_COMPAT;
#elif defined(TARGET_aarch64) && defined(CONFIG_COMPAT)
	return test_tsk_thread_flag(task, TIF_32BIT);
#else
	return false;
#endif
}
