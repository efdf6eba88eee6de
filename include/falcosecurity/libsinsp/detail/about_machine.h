// SPDX-License-Identifier: Apache-2.0
// Functions of an inspector about the machine that the events come from.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libscap/scap_platform_api.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/ifinfo.h>
#include <libsinsp/logger.h>
#include <libsinsp/utils.h>

#include <cstdint>

namespace libsinsp {
namespace detail {

template<typename Inspector>
class about_machine {
public:
	// The platform of the open engine, for the functions of scap_platform_api.h; null if nothing is open. A scap_linux_platform while the running
	// system is inspected. Its scans update the inspector's state. The inspector owns it; close() and the next open clear its data.
	scap_platform* get_scap_platform() { return platform(); }
	const scap_platform* get_scap_platform() const { return platform(); }

	// The machine that the events come from, and the program that captures them; null if nothing is open. Both are valid until the inspector
	// is closed. Any thread may call these, the versions of the driver, and check_current_engine().
	const scap_machine_info* get_machine_info() const {
		return m_set_machine != nullptr ? m_set_machine : sinsp_inspector_machine(handle());
	}
	const scap_agent_info* get_agent_info() const { return sinsp_inspector_agent(handle()); }
	// How many processors that machine has; 0 if nothing is open.
	uint32_t get_num_cpus() const {
		const auto* machine = get_machine_info();
		return machine == nullptr ? 0 : machine->num_cpus;
	}
	// Replaces the machine until another capture is opened. It must stay valid until then.
	void set_machine_info(const scap_machine_info* machine) {
		error error;
		error.check(sinsp_inspector_set_machine(handle(), machine, error.out()));
		m_set_machine = machine;
	}

	// The addresses of the machine of the open engine, or of the last one. To change those of the inspector, use the functions below.
	sinsp_network_interfaces& get_ifaddr_list() {
		m_network_interfaces.import_interfaces(scap_get_ifaddr_list(platform()));
		return m_network_interfaces;
	}
	// Replaces the addresses of the machine, or adds one, until another capture is opened or they are read again.
	void set_ifaddr_list(const sinsp_network_interfaces& interfaces) {
		interfaces.hand_over(handle());
		m_network_interfaces = interfaces;
	}
	void import_ipv4_interface(const sinsp_ipv4_ifinfo& interface) {
		auto interfaces = get_ifaddr_list();
		interfaces.import_ipv4_interface(interface);
		set_ifaddr_list(interfaces);
	}

	// Reads the machine's threads and files, or its network interfaces, once more.
	void refresh_proc_list() { scap_refresh_proc_table(platform()); }
	void refresh_ifaddr_list() { scap_refresh_iflist(platform()); }

	// How many CPUs this machine may bring up; 128, with a logged warning, if that cannot be read.
	static unsigned num_possible_cpus() {
		const unsigned count = read_num_possible_cpus();
		if(count == 0) {
			libsinsp_logger()->log("the number of possible CPUs cannot be read; 128 are assumed", sinsp_logger::SEV_WARNING);
			return 128;
		}
		return count;
	}

protected:
	// What the program set holds for one capture.
	void forget_machine() { m_set_machine = nullptr; }

private:
	sinsp_inspector* handle() const { return static_cast<const Inspector*>(this)->c_handle(); }
	scap_platform* platform() const { return sinsp_inspector_platform(handle()); }

	const scap_machine_info* m_set_machine = nullptr;
	sinsp_network_interfaces m_network_interfaces;
};

}  // namespace detail
}  // namespace libsinsp
