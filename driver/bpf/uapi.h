/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Constants of the kernel's headers that the helpers use; a module has them from there. */
#pragma once

#include "bpf.h"

/* open(2), include/uapi/asm-generic/fcntl.h; three flags differ between architectures. */
enum {
	O_ACCMODE = 03, O_WRONLY = 01, O_RDWR = 02, O_CREAT = 0100, O_EXCL = 0200, O_TRUNC = 01000, O_APPEND = 02000,
	O_NONBLOCK = 04000, O_DSYNC = 010000, O_CLOEXEC = 02000000, O_SYNC = 04010000,
#if defined(TARGET_aarch64)
	O_DIRECTORY = 040000, O_DIRECT = 0200000, O_LARGEFILE = 0400000,
#elif defined(TARGET_powerpc64)
	O_DIRECTORY = 040000, O_LARGEFILE = 0200000, O_DIRECT = 0400000,
#else
	O_DIRECT = 040000, O_LARGEFILE = 0100000, O_DIRECTORY = 0200000,
#endif
	O_TMPFILE = 020000000 | O_DIRECTORY,
};

/* mmap(2) */
#if defined(TARGET_powerpc64)
enum { MAP_NORESERVE = 0x40, MAP_LOCKED = 0x80 };
#else
enum { MAP_NORESERVE = 0x4000, MAP_LOCKED = 0x2000 };
#endif
#if defined(TARGET_x86_64)
enum { MAP_32BIT = 0x40 };
#else
enum { MAP_32BIT = 0 };
#endif

#define PATH_MAX 4096

enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10 };
#define UNIX_PATH_MAX 108
#define EINPROGRESS 115
#define SOL_SOCKET 1
#define SOL_TCP 6

struct pollfd { s32 fd; u16 events, revents; };

#define PF_EXITING 4
#define SB_RDONLY 1
#define S_IMMUTABLE 8
#define FMODE_CREATED 0x100000

/* signal(7) */
enum { SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGKILL = 9, SIGTERM = 15, SIGCHLD = 17, SIGTSTP = 20, SIGRTMIN = 32, SIGRTMAX = 64 };

/* clone(2), include/uapi/linux/sched.h */
enum {
	CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800, CLONE_PTRACE = 0x2000,
	CLONE_VFORK = 0x4000, CLONE_PARENT = 0x8000, CLONE_THREAD = 0x10000, CLONE_NEWNS = 0x20000, CLONE_SYSVSEM = 0x40000,
	CLONE_SETTLS = 0x80000, CLONE_PARENT_SETTID = 0x100000, CLONE_CHILD_CLEARTID = 0x200000, CLONE_UNTRACED = 0x800000,
	CLONE_CHILD_SETTID = 0x1000000, CLONE_NEWCGROUP = 0x2000000, CLONE_NEWUTS = 0x4000000, CLONE_NEWIPC = 0x8000000,
	CLONE_NEWUSER = 0x10000000, CLONE_NEWPID = 0x20000000, CLONE_NEWNET = 0x40000000,
};
#define CLONE_IO 0x80000000U
