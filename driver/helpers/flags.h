/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Conversion of the kernel's flags to the values of flags.txt, which are the same on every architecture. */
#pragma once

#include "event.h"


#define MAP_FLAG(from, to) (flags & (from) ? (to) : 0)

/* O_SYNC and O_TMPFILE have two bits each; one of them is enough, which consumers rely on. */
inline_ u32 open_flags_to_ppm(u64 flags)
{
	u32 mode = (flags & O_ACCMODE) == O_WRONLY ? PPM_O_WRONLY :
		   (flags & O_ACCMODE) == O_RDWR   ? PPM_O_RDWR :
						     PPM_O_RDONLY;
	return mode | MAP_FLAG(O_CREAT, PPM_O_CREAT) | MAP_FLAG(O_TMPFILE, PPM_O_TMPFILE) |
	       MAP_FLAG(O_APPEND, PPM_O_APPEND) | MAP_FLAG(O_DSYNC, PPM_O_DSYNC) | MAP_FLAG(O_EXCL, PPM_O_EXCL) |
	       MAP_FLAG(O_NONBLOCK, PPM_O_NONBLOCK) | MAP_FLAG(O_SYNC, PPM_O_SYNC) | MAP_FLAG(O_TRUNC, PPM_O_TRUNC) |
	       MAP_FLAG(O_DIRECT, PPM_O_DIRECT) | MAP_FLAG(O_DIRECTORY, PPM_O_DIRECTORY) |
	       MAP_FLAG(O_LARGEFILE, PPM_O_LARGEFILE) | MAP_FLAG(O_CLOEXEC, PPM_O_CLOEXEC);
}

inline_ u32 v_open_flags_only(u64 flags)
{
	return open_flags_to_ppm(flags);
}

/* The permission bits of a mode equal PPM_S_*. */
_Static_assert(PPM_S_IRUSR == 0400 && PPM_S_IXOTH == 01 && PPM_S_ISUID == 04000 && PPM_S_ISVTX == 01000, "modes are S_*");

inline_ u32 v_open_mode(u64 flags, u64 mode)
{
	return flags & (O_CREAT | O_TMPFILE) ? mode & 07777 : 0;
}

inline_ u32 v_creat_mode(u64 mode)
{
	return mode & 07777;
}

/* openat2(2): RESOLVE_NO_XDEV and the five flags after it. */
inline_ u32 v_resolve(u64 flags)
{
	return MAP_FLAG(0x01, PPM_RESOLVE_NO_XDEV) | MAP_FLAG(0x02, PPM_RESOLVE_NO_MAGICLINKS) |
	       MAP_FLAG(0x04, PPM_RESOLVE_NO_SYMLINKS) | MAP_FLAG(0x08, PPM_RESOLVE_BENEATH) |
	       MAP_FLAG(0x10, PPM_RESOLVE_IN_ROOT) | MAP_FLAG(0x20, PPM_RESOLVE_CACHED);
}

inline_ u32 v_dup_flags(u64 flags)
{
	return MAP_FLAG(O_CLOEXEC, PPM_O_CLOEXEC);
}

inline_ u32 v_pipe_flags(s32 flags)
{
	return flags < 0 ? 0 :
			   MAP_FLAG(O_CLOEXEC, PPM_O_CLOEXEC) | MAP_FLAG(O_DIRECT, PPM_O_DIRECT) |
				   MAP_FLAG(O_NONBLOCK, PPM_O_NONBLOCK);
}

inline_ u32 v_unlinkat_flags(u64 flags)
{
	return MAP_FLAG(0x200, PPM_AT_REMOVEDIR);
}

_Static_assert(PPM_SEEK_SET == 0 && PPM_SEEK_CUR == 1 && PPM_SEEK_END == 2, "SEEK_* are the kernel's");

inline_ u8 v_whence(u64 whence)
{
	return whence <= PPM_SEEK_END ? whence : 0;
}

/* fcntl(2), include/uapi/asm-generic/fcntl.h */
inline_ u8 v_fcntl_command(s32 command)
{
	switch (command) {
	case 0: return PPM_FCNTL_F_DUPFD;
	case 1: return PPM_FCNTL_F_GETFD;
	case 2: return PPM_FCNTL_F_SETFD;
	case 3: return PPM_FCNTL_F_GETFL;
	case 4: return PPM_FCNTL_F_SETFL;
	case 5: return PPM_FCNTL_F_GETLK;
	case 6: return PPM_FCNTL_F_SETLK;
	case 7: return PPM_FCNTL_F_SETLKW;
	case 8: return PPM_FCNTL_F_SETOWN;
	case 9: return PPM_FCNTL_F_GETOWN;
	case 10: return PPM_FCNTL_F_SETSIG;
	case 11: return PPM_FCNTL_F_GETSIG;
	case 12: return PPM_FCNTL_F_GETLK64;
	case 13: return PPM_FCNTL_F_SETLK64;
	case 14: return PPM_FCNTL_F_SETLKW64;
	case 15: return PPM_FCNTL_F_SETOWN_EX;
	case 16: return PPM_FCNTL_F_GETOWN_EX;
	case 36: return PPM_FCNTL_F_OFD_GETLK;
	case 37: return PPM_FCNTL_F_OFD_SETLK;
	case 38: return PPM_FCNTL_F_OFD_SETLKW;
	case 1024: return PPM_FCNTL_F_SETLEASE;
	case 1025: return PPM_FCNTL_F_GETLEASE;
	case 1026: return PPM_FCNTL_F_NOTIFY;
	case 1029: return PPM_FCNTL_F_CANCELLK;
	case 1030: return PPM_FCNTL_F_DUPFD_CLOEXEC;
	case 1031: return PPM_FCNTL_F_SETPIPE_SZ;
	case 1032: return PPM_FCNTL_F_GETPIPE_SZ;
	default: return PPM_FCNTL_UNKNOWN;
	}
}

/* Whether a command is reported in dropping mode: those that create or change an fd. */
inline_ bool v_fcntl_wanted(s32 command)
{
	return !settings.dropping_mode || command == 0 || command == 2 || command == 1030;
}

/* Flags whose values equal those of events: keeps the bits in `known`. */
inline_ u32 v_mask(u64 flags, u32 known)
{
	return flags & known;
}

/* A number if it is not greater than `last`, else `unknown`. */
inline_ u8 v_up_to(u64 number, u8 last, u8 unknown)
{
	return number <= last ? number : unknown;
}

/* The mode of mknod(2); without a file type it means a regular file. */
inline_ u32 v_mknod_mode(u32 mode)
{
	u32 type = mode & 0170000;
	bool known = type == 0140000 || type == 0100000 || type == 0060000 || type == 0020000 || type == 0010000;
	return (mode & 07777) | (type == 0 ? 0100000 : known ? type : 0);
}

inline_ u16 v_nonblock_cloexec(s32 flags)
{
	return flags < 0 ? 0 : MAP_FLAG(O_NONBLOCK, PPM_O_NONBLOCK) | MAP_FLAG(O_CLOEXEC, PPM_O_CLOEXEC);
}

/* The parameter has eight bits; O_CLOEXEC does not fit. */
inline_ u8 v_timerfd_flags(s32 flags)
{
	return v_nonblock_cloexec(flags) & 0xff;
}

inline_ u32 v_epoll_flags(u64 flags)
{
	return MAP_FLAG(O_CLOEXEC, PPM_EPOLL_CLOEXEC);
}

inline_ u32 v_pidfd_flags(u64 flags)
{
	return MAP_FLAG(O_NONBLOCK, PPM_PIDFD_NONBLOCK);
}

inline_ u32 v_delete_module_flags(u64 flags)
{
	return MAP_FLAG(O_NONBLOCK, PPM_DELETE_MODULE_O_NONBLOCK) | MAP_FLAG(O_TRUNC, PPM_DELETE_MODULE_O_TRUNC);
}

/* mmap(2), include/uapi/asm-generic/mman-common.h and mman.h */
inline_ u32 v_prot(u64 flags)
{
	return (flags & 0xf) | MAP_FLAG(0x01000000, PPM_PROT_GROWSDOWN) | MAP_FLAG(0x02000000, PPM_PROT_GROWSUP) |
	       MAP_FLAG(0x10, PPM_PROT_SAO);
}


inline_ u32 v_mmap_flags(u64 flags)
{
	return (flags & 0x3) | MAP_FLAG(0x10, PPM_MAP_FIXED) | MAP_FLAG(0x20, PPM_MAP_ANONYMOUS) |
	       MAP_FLAG(MAP_32BIT, PPM_MAP_32BIT) | MAP_FLAG(MAP_NORESERVE, PPM_MAP_NORESERVE) |
	       MAP_FLAG(0x8000, PPM_MAP_POPULATE) | MAP_FLAG(0x10000, PPM_MAP_NONBLOCK) |
	       MAP_FLAG(0x100, PPM_MAP_GROWSDOWN) | MAP_FLAG(0x800, PPM_MAP_DENYWRITE) |
	       MAP_FLAG(0x1000, PPM_MAP_EXECUTABLE) | MAP_FLAG(MAP_LOCKED, PPM_MAP_LOCKED);
}

/* Removes the magic number that mount(2) required in its flags before Linux 2.4 and still accepts. */
inline_ u32 v_mount_flags(u32 flags)
{
	return (flags & 0xffff0000) == 0xc0ed0000 ? flags & 0xffff : flags;
}

inline_ u16 v_futex_op(u32 op)
{
	u32 command = op & 0x7f;
	return (command <= 12 ? command : 0) | (op & 0x180);
}

/* include/uapi/linux/ipc.h, sem.h */
inline_ u32 v_semget_flags(u64 flags)
{
	return MAP_FLAG(01000, PPM_IPC_CREAT) | MAP_FLAG(02000, PPM_IPC_EXCL);
}

inline_ u16 v_semop_flags(u64 flags)
{
	return MAP_FLAG(04000, PPM_IPC_NOWAIT) | MAP_FLAG(0x1000, PPM_SEM_UNDO);
}

inline_ u16 v_semctl_command(u16 command)
{
	switch (command) {
	case 0: return PPM_IPC_RMID;
	case 1: return PPM_IPC_SET;
	case 2: return PPM_IPC_STAT;
	case 3: return PPM_IPC_INFO;
	case 11: return PPM_GETPID;
	case 12: return PPM_GETVAL;
	case 13: return PPM_GETALL;
	case 14: return PPM_GETNCNT;
	case 15: return PPM_GETZCNT;
	case 16: return PPM_SETVAL;
	case 17: return PPM_SETALL;
	case 18: return PPM_SEM_STAT;
	case 19: return PPM_SEM_INFO;
	default: return 0;
	}
}

/* The value of semctl(2) for SETVAL; 0 for other commands. */
inline_ s32 v_semctl_value(u16 command, s32 value)
{
	return command == 16 ? value : 0;
}

/* The address of the n-th operation of semop(2) if the call succeeded; else 0. */
inline_ u64 v_sembuf(s64 ret, u64 address, u32 count, u32 n)
{
	return ret == 0 && address && n < count ? address + 6 * n : 0;
}

inline_ u8 v_rlimit(u64 resource)
{
	return resource <= PPM_RLIMIT_RTTIME ? resource : PPM_RLIMIT_UNKNOWN;
}

/* io_uring_setup(2): from the third flag on, the value in events is shifted by one bit. */
inline_ u32 v_io_uring_flags(u32 flags)
{
	return (flags & 0x3) | (flags & 0x7c) << 1;
}
_Static_assert(PPM_IORING_SETUP_SQPOLL == 2 && PPM_IORING_SETUP_SQ_AFF == 8 && PPM_IORING_SETUP_R_DISABLED == 0x80,
	       "io_uring_setup(2)");
