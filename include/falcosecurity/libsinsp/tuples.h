// SPDX-License-Identifier: Apache-2.0
// Socket addresses and connection tuples.
#pragma once

#include <libsinsp/detail/standard.h>

#include <arpa/inet.h>

#include <libsinsp/sinsp_exception.h>

#include <cstdint>
#include <cstring>
#include <string>

// The two ends of an IPv4 connection: addresses in network order, ports in host order.
union ipv4tuple {
	struct {
		uint32_t m_sip;
		uint32_t m_dip;
		uint16_t m_sport;
		uint16_t m_dport;
		uint8_t m_l4proto;
	} m_fields;
	uint8_t m_all[13];
};

struct ipv4net {
	uint32_t m_ip;
	uint32_t m_netmask;
};

struct ipv6addr {
	ipv6addr() = default;

	// Throws if `text` is not an IPv6 address.
	explicit ipv6addr(const std::string& text) {
		if(inet_pton(AF_INET6, text.c_str(), m_b) != 1) {
			throw sinsp_exception("unrecognized IPv6 address " + text);
		}
	}

	uint32_t m_b[4];

	bool operator==(const ipv6addr& other) const { return std::memcmp(m_b, other.m_b, sizeof(m_b)) == 0; }
	bool operator!=(const ipv6addr& other) const { return !(*this == other); }
	bool operator<(const ipv6addr& other) const { return std::memcmp(m_b, other.m_b, sizeof(m_b)) < 0; }
	// Whether both addresses are in the same /64 network.
	bool in_subnet(const ipv6addr& other) const { return std::memcmp(m_b, other.m_b, 8) == 0; }
};

// Same for IPv6.
union ipv6tuple {
	struct {
		ipv6addr m_sip;
		ipv6addr m_dip;
		uint16_t m_sport;
		uint16_t m_dport;
		uint8_t m_l4proto;
	} m_fields;
	uint8_t m_all[37];
};

// The address of a listening IPv4 socket: address in network order, port in host order.
struct ipv4serverinfo {
	uint32_t m_ip;
	uint16_t m_port;
	uint8_t m_l4proto;
};

// Same for IPv6.
struct ipv6serverinfo {
	ipv6addr m_ip;
	uint16_t m_port;
	uint8_t m_l4proto;
};

// The kernel addresses of the two ends of a unix socket.
union unix_tuple {
	struct {
		uint64_t m_source;
		uint64_t m_dest;
	} m_fields;
	uint8_t m_all[16];
};
