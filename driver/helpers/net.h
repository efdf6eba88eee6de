/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Sockets: families, addresses, connection tuples, the queue of a listening socket. */
#pragma once

#include "files.h"
#include "memory.h"

/* The values of AF_* and PPM_AF_* are equal. */
_Static_assert(PPM_AF_UNIX == 1 && PPM_AF_INET6 == 10 && PPM_AF_NFC == 39, "families are AF_*");

inline_ u8 v_family(u8 family)
{
	return family > PPM_AF_NFC || family == 27 || family == 28 ? PPM_AF_UNSPEC : family;
}

/* The flags in the type argument of socket(2). */
inline_ u32 v_socket_flags(u64 flags)
{
	return MAP_FLAG(O_NONBLOCK, PPM_O_NONBLOCK) | MAP_FLAG(O_CLOEXEC, PPM_O_CLOEXEC);
}

/* The socket of an fd of the current thread; null if the fd is of another type. The file of a socket's path opened with O_PATH has no private
 * data. */
inline_ struct sock *v_sock(s64 fd)
{
	struct file *file = v_file(fd);
	if (!file || (READ2(file, f_inode, i_mode) & 0170000) != 0140000 /* S_IFSOCK */)
		return NULL;
	struct socket *socket = READ(file, private_data);
	return socket ? READ(socket, sk) : NULL;
}

/* Socket addresses in the caller's memory, include/uapi/linux/in.h, in6.h, un.h. */
struct ipv4_address { u16 family, port; u32 ip; };
struct ipv6_address { u16 family, port; u32 flow; u64 ip[2]; };

inline_ u16 port_number(u16 in_network_order)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap16(in_network_order);
#else
	return in_network_order;
#endif
}

inline_ void write_ipv6(struct out *o, u64 *ip)
{
	store(o, u64, ip[0]);
	store(o, u64, ip[1]);
}

/* A socket's name: `size` bytes at most, and terminated. A name that begins with a zero byte is not one in the file system:
 * it is reported without that byte, and others within are a part of it, if the size is the name's (`exact`). */
#define write_unix_name(o, read, from, size, exact)                                                    \
	({                                                                                      \
		u64 from_ = (u64)(from), size_ = (size);                                        \
		u8 first_ = 0;                                                                  \
		if (size_ > UNIX_PATH_MAX)                                                      \
			size_ = UNIX_PATH_MAX;                                                  \
		bool abstract_ = from_ && size_ && !read(&first_, 1, (void *)from_) && !first_; \
		if (abstract_) {                                                                \
			from_++;                                                                \
			size_--;                                                                \
		}                                                                               \
		opaque(size_);                                                                  \
		size_ &= 127;                                                                   \
		u64 start_ = (o)->pos;                                                          \
		if ((exact) && abstract_ && size_ && !read(here(o), size_, (void *)from_)) {    \
			(o)->pos += size_;                                                      \
			forget(o);                                                              \
			store(o, u8, 0);                                                        \
		} else if (from_ && !((exact) && abstract_)) {                                  \
			write_string(o, read##_str, size_ + 1, from_);                          \
		}                                                                               \
		if ((o)->pos == start_)                                                         \
			store(o, u8, 0);                                                        \
	})

/* Writes a socket address of the caller: family, ip, port; or family, name. Nothing for other families. */
inline_ void p_sockaddr(struct out *o, u64 address, u64 length)
{
	u16 family = 0;
	if (length < sizeof(family) || read_user(&family, sizeof(family), (void *)address))
		return;
	if (family == AF_INET) {
		struct ipv4_address in = {};
		read_user(&in, sizeof(in), (void *)address);
		store(o, u8, PPM_AF_INET);
		store(o, u32, in.ip);
		store(o, u16, port_number(in.port));
	} else if (family == AF_INET6) {
		struct ipv6_address in = {};
		read_user(&in, sizeof(in), (void *)address);
		store(o, u8, PPM_AF_INET6);
		write_ipv6(o, in.ip);
		store(o, u16, port_number(in.port));
	} else if (family == AF_UNIX) {
		store(o, u8, PPM_AF_UNIX);
		write_unix_name(o, read_user, address + 2, length - 2, true);
	}
}

/* Writes both ends of a connection, source first: the own end if `outbound`, else the peer. If the kernel does not know the peer, e.g. before a
 * datagram is sent, the address that the caller passed is used. */
apart_ u64 write_tuple(u64 pos, u64 of, u64 address, bool outbound)
{
	struct sock *sock = (struct sock *)of;
	u8 *buf = my_scratch();
	if (!buf)
		return pos;
	struct out o = { buf, pos };
	u16 family = READ(sock, __sk_common.skc_family);
	struct inet_sock *inet = (struct inet_sock *)sock;

	if (family == AF_INET) {
		struct ipv4_address own = {}, other = {};
		own.ip = READ(inet, inet_saddr);
		own.port = READ(inet, inet_sport);
		other.ip = READ(sock, __sk_common.skc_daddr);
		other.port = READ(sock, __sk_common.skc_dport);
		if (!other.port && address)
			read_user(&other, sizeof(other), (void *)address);
		store(&o, u8, PPM_AF_INET);
		store(&o, u32, outbound ? own.ip : other.ip);
		store(&o, u16, port_number(outbound ? own.port : other.port));
		store(&o, u32, outbound ? other.ip : own.ip);
		store(&o, u16, port_number(outbound ? other.port : own.port));
	} else if (family == AF_INET6) {
		struct ipv6_address own = {}, other = {};
		struct ipv6_pinfo *more = READ(inet, pinet6);
		read_kernel(own.ip, sizeof(own.ip), &more->saddr);
		own.port = READ(inet, inet_sport);
		read_kernel(other.ip, sizeof(other.ip), &sock->__sk_common.skc_v6_daddr);
		other.port = READ(sock, __sk_common.skc_dport);
		if (!other.port && address)
			read_user(&other, sizeof(other), (void *)address);
		store(&o, u8, PPM_AF_INET6);
		write_ipv6(&o, outbound ? own.ip : other.ip);
		store(&o, u16, port_number(outbound ? own.port : other.port));
		write_ipv6(&o, outbound ? other.ip : own.ip);
		store(&o, u16, port_number(outbound ? other.port : own.port));
	} else if (family == AF_UNIX) {
		struct unix_sock *own = (struct unix_sock *)sock;
		struct unix_sock *peer = (struct unix_sock *)READ(own, peer);
		store(&o, u8, PPM_AF_UNIX);
		store(&o, u64, (u64)(outbound ? peer : own));
		store(&o, u64, (u64)(outbound ? own : peer));
		if (outbound && !peer && address) {
			write_unix_name(&o, read_user, address + 2, UNIX_PATH_MAX, false);
		} else {
			struct unix_address *name = outbound ? READ(peer, addr) : READ(own, addr);
			u64 length = name ? READ(name, len) : 0;
			write_unix_name(&o, read_kernel, name ? (u64)&name->name + 2 : 0, length > 2 ? length - 2 : 0, true);
		}
	}
	return o.pos;
}

inline_ void p_connected(struct out *o, s64 ret, struct sock *sock, u64 address)
{
	if (sock && (ret == 0 || ret == -EINPROGRESS))
		o->pos = write_tuple(o->pos, (u64)sock, address, true);
	forget(o);
}

inline_ void p_sent(struct out *o, s64 ret, struct sock *sock, u64 address)
{
	if (sock && ret >= 0)
		o->pos = write_tuple(o->pos, (u64)sock, address, true);
	forget(o);
}

inline_ void p_received(struct out *o, s64 ret, struct sock *sock, u64 address)
{
	if (sock && ret >= 0)
		o->pos = write_tuple(o->pos, (u64)sock, address, false);
	forget(o);
}

inline_ u32 v_queue_length(s64 ret, struct sock *server)
{
	return ret >= 0 && server ? READ(server, sk_ack_backlog) : 0;
}

inline_ u32 v_queue_limit(s64 ret, struct sock *server)
{
	return ret >= 0 && server ? READ(server, sk_max_ack_backlog) : 0;
}

inline_ u8 v_percent(u32 part, u32 whole)
{
	return whole ? (u64)part * 100 / whole : 0;
}

inline_ u64 v_sock_address(struct sock *sock)
{
	return (u64)sock;
}

inline_ u64 v_peer_address(struct sock *sock)
{
	return sock ? (u64)READ((struct unix_sock *)sock, peer) : 0;
}
