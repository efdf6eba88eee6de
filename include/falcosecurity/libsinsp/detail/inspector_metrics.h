// SPDX-License-Identifier: Apache-2.0
// How the metrics of an inspector are collected. Internal.
#pragma once

#include <libsinsp/metrics_collector.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace libsinsp {
namespace detail {

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

}  // namespace detail
}  // namespace libsinsp
