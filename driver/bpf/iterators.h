/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The interface between the iterators and their reader: the reader's options and the records. The reader decodes the fields of a record in this
 * order, without gaps; change both sides together. */
#pragma once

#include "bpf.h"

/* The reader's options. It may change them between two passes. */
struct selection {
	u32 tid;        /* threads: only this tid; 0: all */
	u32 pid;        /* fds: only those of this process; 0: all */
	s32 fd;         /* fds: only this number; -1: all */
	u8 sockets;     /* fds: include sockets */
	u8 others;      /* fds: include other types */
	u8 whole;       /* threads: also report what a thread shares with its process */
	/* Set by the iterator with the first record: this kernel can restrict a link to one thread. */
	u8 restricts;
};

/* Flags of a thread's record. */
enum {
	THREAD_HAS_EXE = 1 << 0,        /* the fields exe_* and the path of the executable are valid */
	THREAD_EXE_UPPER = 1 << 1,      /* on the upper layer of an overlay */
	THREAD_EXE_LOWER = 1 << 2,
	THREAD_EXE_READ_ONLY = 1 << 3,  /* its file system or mount is read-only */
	THREAD_EXE_OWNER_MAPPED = 1 << 4, /* its mount has an id mapping: exe_uid and exe_gid are the ids on disk */
	THREAD_SHARES_FS = 1 << 5,      /* cwd and root are those of the main thread, and left out */
	THREAD_HAS_FS = 1 << 6,         /* it has a cwd and a root: it is not exiting */
	THREAD_EXE_PATH_CUT = 1 << 7,   /* the path was too long or changed meanwhile, and is left out */
	THREAD_CWD_CUT = 1 << 8,
	THREAD_ROOT_CUT = 1 << 9,
	THREAD_OF_KERNEL = 1 << 10,     /* a kernel thread: only its ids are reported */
};

struct thread_record {
	u32 size;       /* of the record and the texts after it, in bytes */
	u32 flags;
	u32 tid, pid, ptid, sid, pgid;
	u32 vtid, vpid, vpgid;
	u32 uid, gid, loginuid, tty;
	char comm[16];
	u64 cap_permitted, cap_effective, cap_inheritable;
	u64 start, pidns_start; /* nanoseconds since the boot */
	u64 vm_pages, rss_pages, swap_pages;
	u64 pfminor, pfmajor;
	u64 past_pfminor, past_pfmajor; /* of the threads of its process that have ended */
	u64 fdlimit;
	u64 cgroup_set, cgroup_ids; /* threads with the same two are in the same control groups */
	u64 exe_ino, exe_ctime, exe_mtime;
	u32 exe_uid, exe_gid, exe_mode;
	u32 threads;    /* of its process */
	u32 exepath_length, cwd_length, root_length; /* the texts, in this order */
	u32 pad;
};

/* Flags of a file's record. */
enum {
	FILE_CLOSE_ON_EXEC = 1 << 0,
	FILE_SOCKET = 1 << 1,           /* the fields of sockets say something */
	FILE_SOCKET_HASHED = 1 << 2,    /* an internet socket that is in a table of its protocol */
	FILE_TEXT_CUT = 1 << 3,
};

struct file_record {
	u32 size;
	u32 flags;
	u32 pid, fd;
	u32 mode, open_flags;
	u64 ino;
	u32 mount_id, dev; /* dev: 0 if the mount is in no mount namespace */
	u32 family, type, protocol;
	u32 own_port, other_port;
	u32 text_length; /* the path; the name of a Unix socket */
	u64 own, other; /* the addresses of a Unix socket and of its peer */
	u8 own_ip[16], other_ip[16];
};
_Static_assert(sizeof(struct thread_record) == 248 && sizeof(struct file_record) == 112, "records have no gaps");
