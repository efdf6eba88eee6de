/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Strings and buffers from the caller's memory. */
#pragma once

#include "event.h"

/* Writes a string with its NUL, cut at `limit`; nothing if it cannot be read. For an empty user string, kernels before 6.13 return 0 although they
 * wrote the NUL. */
#define write_string(o, read, limit, from)                      \
	({                                                      \
		long got_ = read(here(o), limit, (void *)(from)); \
		if (got_ >= 0)                                  \
			(o)->pos += got_ ? got_ : 1;            \
		forget(o);                                       \
	})

inline_ void p_path(struct out *o, u64 address)
{
	if (address)
		write_string(o, read_user_str, PATH_MAX, address);
}

inline_ void p_path_if(struct out *o, bool wanted, u64 address)
{
	if (wanted)
		p_path(o, address);
}

/* The n-th pointer of an array of the caller; `compat`: a 32-bit process. */
inline_ u64 v_user_pointer(u64 address, u32 n, bool compat)
{
	u32 half = 0;
	u64 word = 0;
	if (compat)
		return read_user(&half, sizeof(half), (u32 *)address + n) ? 0 : half;
	read_user(&word, sizeof(word), (u64 *)address + n);
	return word;
}

inline_ u64 v_user_u64(u64 address, u32 n)
{
	u64 word = 0;
	read_user(&word, sizeof(word), (u64 *)address + n);
	return word;
}

inline_ u32 v_user_u32(u64 address, u32 n)
{
	u32 word = 0;
	read_user(&word, sizeof(word), (u32 *)address + n);
	return word;
}

inline_ u16 v_user_u16(u64 address, u32 n)
{
	u16 word = 0;
	read_user(&word, sizeof(word), (u16 *)address + n);
	return word;
}

/* A struct timespec, in nanoseconds. */
inline_ u64 v_timespec(u64 address, bool compat)
{
	return v_user_pointer(address, 0, compat) * 1000000000ULL + v_user_pointer(address, 1, compat);
}

/* One of a pair of fds; -1 if it cannot be read. */
inline_ s32 v_pair_fd(u64 address, u32 n)
{
	s32 fd = -1;
	return read_user(&fd, sizeof(fd), (s32 *)address + n) ? -1 : fd;
}

/* Writes a buffer of the caller, `limit` bytes of it at most; nothing if it cannot be read. */
inline_ void write_buffer(struct out *o, u64 address, u64 size, u64 limit)
{
	if (size > limit)
		size = limit;
	if (size > EVENT_MAX - 1)
		size = EVENT_MAX - 1;
	opaque(size);
	size &= EVENT_MAX - 1;
	if (!address || !size || read_user(here(o), size, (void *)address))
		return;
	o->pos += size;
}

/* Writes a buffer; `limit` applies instead of the snaplen. */
inline_ void p_buffer(struct out *o, u64 address, u64 size, u64 limit)
{
	write_buffer(o, address, size, limit);
}

inline_ void p_read_data(struct out *o, u64 address, s64 returned, u64 limit)
{
	if (returned > 0)
		write_buffer(o, address, returned, limit);
}

/* Writes the data of a write: `returned` bytes, or all of the buffer if the call failed. */
inline_ void p_write_data(struct out *o, u64 address, s64 returned, u64 size, u64 limit)
{
	write_buffer(o, address, returned > 0 ? (u64)returned : size, limit);
}
