// SPDX-License-Identifier: Apache-2.0
// The names of addresses.
#pragma once

#include <libsinsp/detail/standard.h>

#include <sys/socket.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp.h>

#include <cstddef>
#include <cstdint>
#include <string>

// Looks names up, beside those that filters look up (fd.sip.name = ...), and keeps their addresses up to date in the background. Thread-safe.
class sinsp_dns_manager {
public:
	static sinsp_dns_manager& get() {
		static sinsp_dns_manager manager;
		return manager;
	}
	sinsp_dns_manager(const sinsp_dns_manager&) = delete;
	sinsp_dns_manager& operator=(const sinsp_dns_manager&) = delete;

	// Whether a name has the address of the family `af` (AF_INET, AF_INET6). The first call for a name waits for its addresses, one second at most.
	bool match(const char* name, int af, void* addr, uint64_t) {
		return is_family(af) &&
		       sinsp_name_has_address(libsinsp::detail::str(name), static_cast<const uint8_t*>(addr), af == AF_INET6);
	}
	// The first of the names that has the address; empty if none has.
	std::string name_of(int af, void* addr, uint64_t) {
		return is_family(af) ? libsinsp::detail::text(sinsp_name_of_address(static_cast<const uint8_t*>(addr), af == AF_INET6)) : "";
	}
	// Forgets the names that match() was called with.
	void cleanup() { sinsp_names_forget(); }
	size_t size() const { return sinsp_names_kept(); }

	// In nanoseconds: after how long without a call of match() a name is forgotten; the first and the longest time after which a name is looked up
	// anew.
	void set_erase_timeout(uint64_t ns) { sinsp_names_set_times(ns, 0, 0); }
	void set_base_refresh_timeout(uint64_t ns) { sinsp_names_set_times(0, ns, 0); }
	void set_max_refresh_timeout(uint64_t ns) { sinsp_names_set_times(0, 0, ns); }

private:
	sinsp_dns_manager() = default;

	static bool is_family(int af) { return af == AF_INET || af == AF_INET6; }
};
