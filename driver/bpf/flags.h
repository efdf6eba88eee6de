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

/* openat2(2): RESOLVE_NO_XDEV and its five neighbours. */
inline_ u32 v_resolve(u64 flags)
{
	return MAP_FLAG(0x01, PPM_RESOLVE_NO_XDEV) | MAP_FLAG(0x02, PPM_RESOLVE_NO_MAGICLINKS) |
	       MAP_FLAG(0x04, PPM_RESOLVE_NO_SYMLINKS) | MAP_FLAG(0x08, PPM_RESOLVE_BENEATH) |
	       MAP_FLAG(0x10, PPM_RESOLVE_IN_ROOT) | MAP_FLAG(0x20, PPM_RESOLVE_CACHED);
}
