/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The snaplen: the number of bytes of a buffer in an event. With dynamic_snaplen it depends on the ports of the connection and on the first bytes
 * of the buffer, so that whole requests of known protocols are captured. */
#pragma once

#include "net.h"

enum { SNAPLEN_DNS = 512, SNAPLEN_EXTENDED = 2000, SNAPLEN_FULLCAPTURE = 16000 };
enum { PORT_DNS = 53, PORT_MYSQL = 3306, PORT_POSTGRES = 5432, PORT_MONGODB = 27017 };
#define LOOKAHEAD 16

inline_ bool is_mysql(const u8 *b)
{
	return b[0] == 3 || b[1] == 3 || b[2] == 3 || b[3] == 3 || b[4] == 3 || (b[2] == 0 && b[3] == 0);
}

/* The messages Query, Parse and Execute, or the start of a session. */
inline_ bool is_postgres(const u8 *b)
{
	return ((b[0] == 'Q' || b[0] == 'P' || b[0] == 'E') && b[1] == 0) || (b[4] == 0 && b[5] == 3 && b[6] == 0);
}

inline_ bool is_mongodb(const u8 *b)
{
	u32 operation = b[12] | b[13] << 8 | b[14] << 16 | (u32)b[15] << 24;
	return operation == 1 || (operation >= 2001 && operation <= 2007);
}

#define BEGINS(b, a0, a1, a2, a3) ((b)[0] == (a0) && (b)[1] == (a1) && (b)[2] == (a2) && (b)[3] == (a3))

inline_ bool is_http(const u8 *b)
{
	return BEGINS(b, 'G', 'E', 'T', ' ') || BEGINS(b, 'P', 'O', 'S', 'T') || BEGINS(b, 'P', 'U', 'T', ' ') ||
	       BEGINS(b, 'D', 'E', 'L', 'E') || BEGINS(b, 'T', 'R', 'A', 'C') || BEGINS(b, 'C', 'O', 'N', 'N') ||
	       BEGINS(b, 'O', 'P', 'T', 'I') || (BEGINS(b, 'H', 'T', 'T', 'P') && b[4] == '/');
}

apart_ u32 dynamic_snaplen(s64 fd, u64 buffer, u32 size, u64 address)
{
	u32 limit = settings.snaplen;
	struct sock *sock = v_sock(fd);
	if (!sock)
		return limit;

	u16 own = 0, other = 0, family = READ(sock, __sk_common.skc_family);
	if (family == AF_INET || family == AF_INET6) {
		own = port_number(READ((struct inet_sock *)sock, inet_sport));
		other = READ(sock, __sk_common.skc_dport);
		if (!other && address)
			read_user(&other, sizeof(other), (u16 *)address + 1);
		other = port_number(other);
	}

	u16 first = settings.fullcapture_port_start, last = settings.fullcapture_port_end;
	u32 wanted = 0;
	u8 b[LOOKAHEAD] = {};
	if (last && ((own >= first && own <= last) || (other >= first && other <= last)))
		wanted = SNAPLEN_FULLCAPTURE;
	/* The port of statsd may be 0, as `other` is where no port is known. */
	else if (other && other == settings.statsd_port)
		wanted = SNAPLEN_EXTENDED;
	else if (other == PORT_DNS)
		wanted = SNAPLEN_DNS;
	else if (read_user(b, sizeof(b), (void *)buffer))
		return limit;
	else if ((own == PORT_MYSQL || other == PORT_MYSQL) && size >= 5)
		wanted = is_mysql(b) ? SNAPLEN_EXTENDED : 0;
	else if ((own == PORT_POSTGRES || other == PORT_POSTGRES) && size >= 7)
		wanted = is_postgres(b) ? SNAPLEN_EXTENDED : 0;
	else if (own == PORT_MONGODB || other == PORT_MONGODB || (size >= 16 && is_mongodb(b)))
		wanted = SNAPLEN_EXTENDED;
	else if (size >= 5 && is_http(b))
		wanted = SNAPLEN_EXTENDED;
	return wanted > limit ? wanted : limit;
}

inline_ u32 v_snaplen(s64 fd, u64 buffer, u32 size, u64 address)
{
	return settings.dynamic_snaplen ? dynamic_snaplen(fd, buffer, size, address) : settings.snaplen;
}
