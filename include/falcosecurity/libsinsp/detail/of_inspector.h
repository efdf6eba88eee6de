// SPDX-License-Identifier: Apache-2.0
// What the headers before it need of an inspector. Included by sinsp.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/sinsp_class.h>
#include <libsinsp/event.h>
#include <libsinsp/metrics_collector.h>
#include <libsinsp/plugin_manager.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace libsinsp {
namespace detail {

template<typename Inspector>
sinsp_inspector* handle_of_inspector(Inspector* inspector) {
	return inspector->c_handle();
}

template<typename Inspector>
core_link* link_of_inspector(Inspector* inspector) {
	return inspector->c_link();
}

template<typename Inspector>
bool shows_json_for(Inspector* inspector) {
	constexpr int json = sinsp_evt::PF_JSON | sinsp_evt::PF_JSONEOLS | sinsp_evt::PF_JSONHEX | sinsp_evt::PF_JSONHEXASCII |
	                     sinsp_evt::PF_JSONBASE64;
	return (inspector->get_buffer_format() & json) != 0;
}

template<typename Inspector>
void set_dumping_of(Inspector* inspector, bool dumping) {
	inspector->set_dumping(dumping);
}

template<typename Event>
sinsp_inspector* handle_of_event(Event* evt) {
	const sinsp* inspector = evt->get_inspector();
	return inspector == nullptr ? nullptr : handle_of_inspector(const_cast<sinsp*>(inspector));
}

template<typename Inspector>
std::shared_ptr<sinsp_stats_v2> state_counters_of(Inspector* inspector) {
	return inspector->get_sinsp_stats_v2();
}

template<typename Inspector>
std::vector<metrics_v2> metrics_of(Inspector& inspector, uint32_t flags, const std::shared_ptr<sinsp_stats_v2>& counters) {
	constexpr uint32_t of_driver = METRICS_V2_KERNEL_COUNTERS | METRICS_V2_LIBBPF_STATS | METRICS_V2_KERNEL_COUNTERS_PER_CPU |
	                               METRICS_V2_KERNEL_ITER_COUNTERS;
	std::vector<metrics_v2> all;
	const auto add = [&all](const std::vector<metrics_v2>& more) { all.insert(all.end(), more.begin(), more.end()); };
	if((flags & of_driver) != 0) {
		add(collected([&](uint32_t* count) -> const metrics_v2* {
			int32_t status = SCAP_FAILURE;
			const auto* metrics = inspector.get_capture_stats_v2(flags, count, &status);
			return status == SCAP_SUCCESS ? metrics : nullptr;
		}));
	}
	if((flags & METRICS_V2_RESOURCE_UTILIZATION) != 0) {
		add(collected([&](uint32_t* count) {
			return sinsp_resource_metrics(str(inspector.get_host_root()), str(SINSP_AGENT_CGROUP_MEM_PATH_ENV_VAR), count);
		}));
	}
	if((flags & METRICS_V2_STATE_COUNTERS) != 0) {
		add(libs::metrics::libs_state_counters(counters, inspector.m_thread_manager.get()).to_metrics());
	}
	if((flags & METRICS_V2_PLUGINS) != 0) {
		for(const auto& plugin : inspector.get_plugin_manager()->plugins()) {
			add(plugin->get_metrics());
		}
	}
	return all;
}

template<typename Inspector>
size_t source_of_plugin(Inspector* inspector, uint32_t plugin) {
	bool found = false;
	return plugin == 0 ? 0 : inspector->get_plugin_manager()->source_idx_by_plugin_id(plugin, found);
}

template<typename Inspector>
const char* name_of_source(Inspector* inspector, size_t index) {
	return inspector->event_sources()[index].c_str();
}

}  // namespace detail
}  // namespace libsinsp
