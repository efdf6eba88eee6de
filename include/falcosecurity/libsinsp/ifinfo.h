// SPDX-License-Identifier: Apache-2.0
// The network interfaces and addresses of the machine.
#pragma once

#include <libsinsp/detail/standard.h>

#include <arpa/inet.h>

#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/tuples.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

// An IPv4 address of an interface. Addresses are in network order.
class SINSP_PUBLIC sinsp_ipv4_ifinfo {
public:
	sinsp_ipv4_ifinfo() = default;
	sinsp_ipv4_ifinfo(uint32_t addr, uint32_t netmask, uint32_t bcast, const char* name):
	        m_addr(addr),
	        m_netmask(netmask),
	        m_bcast(bcast),
	        m_name(name) {}

	static std::string addr_to_string(uint32_t addr) {
		char text[INET_ADDRSTRLEN] = {};
		inet_ntop(AF_INET, &addr, text, sizeof(text));
		return text;
	}
	std::string addr_to_string() const { return addr_to_string(m_addr); }
	std::string address() const { return addr_to_string(); }

	std::string to_string() const {
		return m_name + " inet " + addr_to_string() + " netmask " + addr_to_string(m_netmask) + " broadcast " +
		       addr_to_string(m_bcast);
	}

	uint32_t m_addr = 0;
	uint32_t m_netmask = 0;
	uint32_t m_bcast = 0;
	std::string m_name;
};

// An IPv6 address of an interface.
class SINSP_PUBLIC sinsp_ipv6_ifinfo {
public:
	sinsp_ipv6_ifinfo() = default;

	// The address as eight groups, without leading zeros and without "::".
	std::string addr_to_string() const {
		uint8_t bytes[16];
		std::memcpy(bytes, m_net.m_b, sizeof(bytes));
		std::string text;
		for(int i = 0; i < 16; i += 2) {
			char group[8];
			std::snprintf(group, sizeof(group), "%s%x", i == 0 ? "" : ":", bytes[i] << 8 | bytes[i + 1]);
			text += group;
		}
		return text;
	}

	ipv6addr m_net{};
	std::string m_name;
};

// The addresses of all interfaces of a machine.
class SINSP_PUBLIC sinsp_network_interfaces {
public:
	std::vector<sinsp_ipv4_ifinfo>* get_ipv4_list() { return &m_ipv4; }
	std::vector<sinsp_ipv6_ifinfo>* get_ipv6_list() { return &m_ipv6; }

	void clear() {
		m_ipv4.clear();
		m_ipv6.clear();
	}

	void import_ipv4_interface(const sinsp_ipv4_ifinfo& interface) { m_ipv4.push_back(interface); }
	void import_ipv6_interface(const sinsp_ipv6_ifinfo& interface) { m_ipv6.push_back(interface); }

	void import_ipv4_ifaddr_list(uint32_t count, const scap_ifinfo_ipv4* list) {
		for(uint32_t i = 0; i < count; i++) {
			m_ipv4.emplace_back(list[i].addr, list[i].netmask, list[i].bcast, list[i].ifname);
		}
	}

	void import_ipv6_ifaddr_list(uint32_t count, const scap_ifinfo_ipv6* list) {
		for(uint32_t i = 0; i < count; i++) {
			sinsp_ipv6_ifinfo info;
			std::memcpy(info.m_net.m_b, list[i].addr, sizeof(info.m_net.m_b));
			info.m_name = list[i].ifname;
			m_ipv6.push_back(info);
		}
	}

	// Replaces the list with that of a platform; does nothing for null.
	void import_interfaces(const scap_addrlist* list) {
		if(list != nullptr) {
			clear();
			import_ipv4_ifaddr_list(list->n_v4_addrs, list->v4list);
			import_ipv6_ifaddr_list(list->n_v6_addrs, list->v6list);
		}
	}

	// The machine's address that a peer at `destination_address` sees: the same address if the machine has it, else one in the same network, else
	// the first that is not the loopback address; 0 if there is none.
	uint32_t infer_ipv4_address(uint32_t destination_address) const {
		std::vector<sinsp_ipv4_net> nets;
		for(const auto& interface : m_ipv4) {
			nets.push_back({interface.m_addr, interface.m_netmask});
		}
		return sinsp_own_ipv4(destination_address, nets.data(), nets.size());
	}

	ipv6addr infer_ipv6_address(const ipv6addr& destination_address) const {
		const auto bytes_of = [](const ipv6addr& addr) {
			sinsp_ipv6_addr bytes;
			std::memcpy(bytes.bytes, addr.m_b, sizeof(bytes.bytes));
			return bytes;
		};
		std::vector<sinsp_ipv6_addr> addrs;
		for(const auto& interface : m_ipv6) {
			addrs.push_back(bytes_of(interface.m_net));
		}
		const auto own = sinsp_own_ipv6(bytes_of(destination_address), addrs.data(), addrs.size());
		ipv6addr addr;
		std::memcpy(addr.m_b, own.bytes, sizeof(own.bytes));
		return addr;
	}

	// Sets the unknown (all-zero) address of a connection to the machine's address. `Fd` is sinsp_fdinfo.
	template<typename Fd>
	void update_fd(Fd& fd) const {
		if(fd.m_type == SCAP_FD_IPV4_SOCK) {
			complete(fd.m_sockinfo.m_ipv4info.m_fields, uint32_t{0}, [this](uint32_t addr) { return infer_ipv4_address(addr); });
		} else if(fd.m_type == SCAP_FD_IPV6_SOCK) {
			complete(fd.m_sockinfo.m_ipv6info.m_fields, ipv6addr{}, [this](const ipv6addr& addr) {
				return infer_ipv6_address(addr);
			});
		}
	}

	// Makes these the addresses that an inspector uses. Throws if it is in use.
	void hand_over(sinsp_inspector* inspector) const {
		std::vector<sinsp_interface> list;
		const auto fill = [](uint8_t (&to)[16], const void* from, size_t size) { std::memcpy(to, from, size); };
		for(const auto& interface : m_ipv4) {
			sinsp_interface known = {libsinsp::detail::str(interface.m_name), false, {}, {}, {}};
			fill(known.addr, &interface.m_addr, sizeof(interface.m_addr));
			fill(known.netmask, &interface.m_netmask, sizeof(interface.m_netmask));
			fill(known.broadcast, &interface.m_bcast, sizeof(interface.m_bcast));
			list.push_back(known);
		}
		for(const auto& interface : m_ipv6) {
			sinsp_interface known = {libsinsp::detail::str(interface.m_name), true, {}, {}, {}};
			fill(known.addr, interface.m_net.m_b, sizeof(interface.m_net.m_b));
			list.push_back(known);
		}
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_interfaces(inspector, list.data(), list.size(), error.out()));
	}

private:
	template<typename Fields, typename Address, typename Infer>
	static void complete(Fields& ends, const Address& unknown, Infer infer) {
		if(ends.m_sip != unknown && ends.m_dip != unknown) {
			return;
		}
		const bool source = !(ends.m_sip != unknown);
		const Address other = source ? ends.m_dip : ends.m_sip;
		const Address own = infer(other);
		// Does not make both ends the same.
		if(own != other || ends.m_sport != ends.m_dport) {
			(source ? ends.m_sip : ends.m_dip) = own;
		}
	}

	std::vector<sinsp_ipv4_ifinfo> m_ipv4;
	std::vector<sinsp_ipv6_ifinfo> m_ipv6;
};
