/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The kernel's flags as the numbers of flags.txt, which are the same on every architecture. */
#pragma once

#include "event.h"

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

#define MAP_FLAG(from, to) (flags & (from) ? (to) : 0)

/* O_SYNC and O_TMPFILE consist of two bits; either counts, as it does for every consumer so far. */
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

/* The permission bits of stat(2) have the values of PPM_S_*. */
_Static_assert(PPM_S_IRUSR == 0400 && PPM_S_IXOTH == 01 && PPM_S_ISUID == 04000 && PPM_S_ISVTX == 01000, "modes are S_*");

inline_ u32 v_open_mode(u64 flags, u64 mode)
{
	return flags & (O_CREAT | O_TMPFILE) ? mode & 07777 : 0;
}

inline_ u32 v_creat_mode(u64 mode)
{
	return mode & 07777;
}

/* openat2(2): RESOLVE_NO_XDEV and its five neighbours. */
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

/* In dropping mode only the commands that make fds or change them are kept. */
inline_ bool v_fcntl_wanted(s32 command)
{
	return !settings.dropping_mode || command == 0 || command == 2 || command == 1030;
}
