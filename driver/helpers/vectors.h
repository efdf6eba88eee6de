/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Arrays of struct iovec, and of struct pollfd. */
#pragma once

#include "flags.h"
#include "memory.h"

/* The largest number of elements of an iovec that are read. */
#define PIECES_MAX 32

#define UNREADABLE (~0ULL)

/* Writes up to `left` bytes of the n-th element. Returns the position after them, or UNREADABLE. */
apart_ u64 write_piece(u64 pos, u64 vector, u32 n, u64 left, bool compat)
{
	u64 from = v_user_pointer(vector, 2 * n, compat);
	u64 size = v_user_pointer(vector, 2 * n + 1, compat);
	u8 *buf = my_scratch();
	if (!buf)
		return UNREADABLE;
	struct out o = { buf, pos };
	if (size > left)
		size = left;
	opaque(size);
	size &= EVENT_MAX - 1;
	if (size && read_user(here(&o), size, (void *)from))
		return UNREADABLE;
	return pos + size;
}

/* Writes up to `limit` bytes of the elements, one after another; stops at one that cannot be read. */
apart_ u64 write_pieces(u64 pos, u64 vector, u64 count, u64 limit, bool compat)
{
	u64 end = pos + limit;
	for (u32 i = 0; i < PIECES_MAX && i < count && pos != end; i++) {
		u64 next = write_piece(pos, vector, i, end - pos, compat);
		if (next == UNREADABLE)
			break;
		pos = next;
	}
	return pos;
}

inline_ void pieces(struct out *o, u64 vector, u64 count, u64 limit, bool compat)
{
	if (limit > EVENT_MAX - 1)
		limit = EVENT_MAX - 1;
	if (vector)
		o->pos = write_pieces(o->pos, vector, count, limit, compat);
	forget(o);
}

/* The data of a read: `returned` bytes. */
inline_ void p_read_pieces(struct out *o, u64 vector, u64 count, s64 returned, u64 limit, bool compat)
{
	if (returned > 0)
		pieces(o, vector, count, (u64)returned < limit ? (u64)returned : limit, compat);
}

/* The data of a write: `returned` bytes, or all of it if the call failed. */
inline_ void p_write_pieces(struct out *o, u64 vector, u64 count, s64 returned, u64 limit, bool compat)
{
	pieces(o, vector, count, returned > 0 && (u64)returned < limit ? (u64)returned : limit, compat);
}

apart_ u32 v_pieces_size(u64 vector, u64 count, bool compat)
{
	u32 size = 0;
	for (u32 i = 0; i < PIECES_MAX && i < count; i++)
		size += v_user_pointer(vector, 2 * i + 1, compat);
	return size;
}

/* The size of the data of a struct msghdr, whose third and fourth words are its vector. */
inline_ void p_message_size(struct out *o, u64 header, bool compat)
{
	u64 words[4] = {};
	u32 halves[4] = {};
	if (compat ? read_user(halves, sizeof(halves), (void *)header) : read_user(words, sizeof(words), (void *)header))
		return;
	store(o, u32, v_pieces_size(compat ? halves[2] : words[2], compat ? halves[3] : words[3], compat));
}

#define POLL_FDS_MAX 16

/* include/uapi/asm-generic/poll.h */
inline_ u16 poll_events(u16 flags)
{
	return MAP_FLAG(0x1, PPM_POLLIN) | MAP_FLAG(0x2, PPM_POLLPRI) | MAP_FLAG(0x4, PPM_POLLOUT) |
	       MAP_FLAG(0x8, PPM_POLLERR) | MAP_FLAG(0x10, PPM_POLLHUP) | MAP_FLAG(0x20, PPM_POLLNVAL) |
	       MAP_FLAG(0x40, PPM_POLLRDNORM) | MAP_FLAG(0x80, PPM_POLLRDBAND) | MAP_FLAG(0x100, PPM_POLLWRNORM) |
	       MAP_FLAG(0x200, PPM_POLLWRBAND) | MAP_FLAG(0x2000, PPM_POLLRDHUP);
}

/* The number of fds, and for each the fd (64 bits) and its events (16 bits). */
inline_ void p_poll_fds(struct out *o, u64 address, u32 count)
{
	struct pollfd *fds = (struct pollfd *)(o->buf + EVENT_MAX);
	if (count > POLL_FDS_MAX)
		count = POLL_FDS_MAX;
	opaque(count);
	if (read_user(fds, (count & 31) * sizeof(*fds), (void *)address))
		count = 0;
	store(o, u16, count);
	for (u32 i = 0; i < POLL_FDS_MAX; i++) {
		if (i >= count)
			break;
		store(o, s64, fds[i].fd);
		store(o, u16, poll_events(fds[i].revents));
		forget(o);
	}
}

/* The ancillary data of a received message. */
inline_ void p_control(struct out *o, s64 ret, u64 address, u64 size)
{
	if (ret >= 0 && size <= EVENT_MAX - 1)
		write_buffer(o, address, size, EVENT_MAX - 1);
}

inline_ u32 v_messages(s64 ret)
{
	return ret > 0 ? ret : 1;
}

/* A word of the n-th struct mmsghdr: words 0 to 6 are its struct msghdr, word 7 its 32-bit length. */
inline_ u64 v_message_word(u64 messages, u32 n, u32 word, bool compat)
{
	u64 value = v_user_pointer(messages, 8 * n + word, compat);
	return word == 7 ? (u32)value : value;
}

inline_ s64 v_message_result(s64 ret, u64 length)
{
	return ret > 0 ? (s64)length : ret;
}

inline_ s64 v_message_count(s64 ret)
{
	return ret > 0 ? ret : -1;
}

inline_ u32 v_if_sent(s64 ret, u32 value)
{
	return ret > 0 ? value : 0;
}
