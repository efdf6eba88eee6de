// SPDX-License-Identifier: Apache-2.0
// Functions of an inspector about the capture in progress: how far it was read, sources and versions; and the options of the scan.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/metrics_v2.h>
#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/event_tables.h>
#include <libsinsp/sinsp_drops.h>
#include <plugin/plugin_api.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace libsinsp {
namespace detail {

template<typename Inspector>
class about_capture {
public:
	// How many bytes of a capture file were read, uncompressed, and how many percent of the file; 0 for other inputs.
	uint64_t get_bytes_read() const { return sinsp_inspector_bytes_read(handle()); }
	double get_read_progress() const { return sinsp_inspector_read_progress(handle()); }
	// Goes on reading a capture file where get_bytes_read() once was. Throws for other inputs.
	void fseek(uint64_t filepos) {
		error error;
		error.check(sinsp_inspector_seek(handle(), filepos, error.out()));
	}

	// The versions of the driver that captures, and of its events; 0 if none does.
	uint64_t get_driver_api_version() const { return sinsp_inspector_driver_version(handle(), false); }
	uint64_t get_driver_schema_version() const { return sinsp_inspector_driver_version(handle(), true); }
	// The lowest versions of these that this library works with.
	uint64_t get_scap_api_version() const { return SCAP_MINIMUM_DRIVER_API_VERSION; }
	uint64_t get_scap_schema_version() const { return SCAP_MINIMUM_DRIVER_SCHEMA_VERSION; }
	// The version of the interface of plugins that the headers describe.
	const char* get_plugin_api_version() const { return PLUGIN_API_VERSION_STR; }

	// How many events each processor of the machine had that may be there; empty where no driver captures.
	std::vector<long> get_n_tracepoint_hit() const {
		uint32_t count = 0;
		error error;
		const metrics_v2* metrics = sinsp_inspector_metrics(handle(), METRICS_V2_KERNEL_COUNTERS_PER_CPU, &count, error.out());
		error.check(error.status());
		std::vector<long> hits;
		for(uint32_t i = 0; i < count; i++) {
			const std::string_view name = metrics[i].name;
			// The kernel module counts by device: one for each CPU that was online.
			if(name.rfind(N_EVENTS_PER_CPU_PREFIX, 0) == 0 || name.rfind(N_EVENTS_PER_DEVICE_PREFIX, 0) == 0) {
				hits.push_back(static_cast<long>(metrics[i].value.u64));
			}
		}
		return hits;
	}
	// How many events were dropped so far, of each system call and tracepoint that has any, the most first. The sum is that of n_drops_buffer and
	// n_drops_scratch_map of get_capture_stats(). Any thread may call it. Throws if nothing is open, or an engine other than modern_bpf.
	// Not in the reference.
	std::vector<sinsp_drops> get_drops_by_sc() const {
		std::vector<sinsp_drops_row> rows(PPM_SC_MAX);
		size_t count = 0;
		error error;
		error.check(sinsp_inspector_drops(handle(), rows.data(), rows.size(), &count, error.out()));
		std::vector<sinsp_drops> drops;
		drops.reserve(count);
		for(size_t i = 0; i < count && i < rows.size(); i++) {
			drops.push_back({static_cast<ppm_sc_code>(rows[i].sc), text(rows[i].name), rows[i].drops});
		}
		return drops;
	}

	// What the engines do not measure: 0.
	uint64_t max_buf_used() const { return 0; }

	// Whether ports are shown by their names in /etc/services, in names of sockets that are made from now on and in texts of events.
	void set_hostname_and_port_resolution_mode(bool enable) {
		set(SINSP_OPTION_RESOLVE_NAMES, enable);
		m_resolves_ports = enable;
	}
	bool is_hostname_and_port_resolution_enabled() const { return m_resolves_ports; }

	const sinsp_evttables* get_event_info_tables() const { return &g_infotables; }

	// The time limit of a scan of the running system, and the interval at which it logs its progress; 0 for none. Effective at the next open.
	void set_proc_scan_timeout_ms(uint64_t val) { set(SINSP_OPTION_SCAN_TIMEOUT, val); }
	void set_proc_scan_log_interval_ms(uint64_t val) { set(SINSP_OPTION_SCAN_LOG_INTERVAL, val); }

private:
	void set(sinsp_option option, uint64_t value) {
		error error;
		error.check(sinsp_inspector_set_option(handle(), option, value, error.out()));
	}
	sinsp_inspector* handle() const { return static_cast<const Inspector*>(this)->c_handle(); }

	bool m_resolves_ports = false;
};

}  // namespace detail
}  // namespace libsinsp
