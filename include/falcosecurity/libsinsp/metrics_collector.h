// SPDX-License-Identifier: Apache-2.0
// The metrics of an inspector, of its state and of this process, and their conversion for Prometheus and for the outputs of rules.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/metrics_v2.h>
#include <libscap/scap_machine_info.h>
#include <libscap/strl.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/thread_manager.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The name of the environment variable with the file of the memory of this process's cgroup.
#if !defined(SINSP_AGENT_CGROUP_MEM_PATH_ENV_VAR)
#define SINSP_AGENT_CGROUP_MEM_PATH_ENV_VAR "AGENT_CGROUP_MEM_PATH"
#endif

// Counters of an inspector's state since the inspector was created. Those of sinsp::get_sinsp_stats_v2() change while events are read; another
// operating-system thread than the one that reads events uses libs_metrics_collector. A cached lookup is one of what was looked up last.
struct sinsp_stats_v2 {
	uint64_t m_n_noncached_fd_lookups = 0;
	uint64_t m_n_cached_fd_lookups = 0;
	uint64_t m_n_failed_fd_lookups = 0;
	uint64_t m_n_added_fds = 0;
	uint64_t m_n_removed_fds = 0;
	// Enter events that were stored for their exit events, or could not be stored, and exit events that found theirs, or did not.
	uint64_t m_n_stored_evts = 0;
	uint64_t m_n_store_evts_drops = 0;
	uint64_t m_n_retrieved_evts = 0;
	uint64_t m_n_retrieve_evts_drops = 0;
	uint64_t m_n_noncached_thread_lookups = 0;
	uint64_t m_n_cached_thread_lookups = 0;
	uint64_t m_n_failed_thread_lookups = 0;
	uint64_t m_n_added_threads = 0;
	uint64_t m_n_removed_threads = 0;
	// Threads that were not added because the table was full.
	uint32_t m_n_drops_full_threadtable = 0;
};

// The library's counters have this layout.
static_assert(sizeof(sinsp_stats_v2) == sizeof(sinsp_state_counters) &&
              offsetof(sinsp_stats_v2, m_n_removed_fds) == offsetof(sinsp_state_counters, fds_removed) &&
              offsetof(sinsp_stats_v2, m_n_retrieve_evts_drops) == offsetof(sinsp_state_counters, enter_events_missed) &&
              offsetof(sinsp_stats_v2, m_n_removed_threads) == offsetof(sinsp_state_counters, threads_removed) &&
              offsetof(sinsp_stats_v2, m_n_drops_full_threadtable) == offsetof(sinsp_state_counters, threads_dropped));

namespace libsinsp {
namespace detail {

// Defined in sinsp.h.
template<typename Inspector>
std::shared_ptr<sinsp_stats_v2> state_counters_of(Inspector* inspector);
template<typename Inspector>
std::vector<metrics_v2> metrics_of(Inspector& inspector, uint32_t flags, const std::shared_ptr<sinsp_stats_v2>& counters);

// The metrics that `collect`, a function of the C ABI, returns.
template<typename Collect>
std::vector<metrics_v2> collected(Collect collect) {
	uint32_t count = 0;
	const metrics_v2* metrics = collect(&count);
	return metrics == nullptr ? std::vector<metrics_v2>() : std::vector<metrics_v2>(metrics, metrics + count);
}

}  // namespace detail
}  // namespace libsinsp

namespace libs {
namespace metrics {

// Converts an amount of memory. Kibibytes and megabytes are rounded to one decimal. Returns 0 if a unit is not one of memory.
template<typename T>
double convert_memory(metrics_v2_value_unit source_unit, metrics_v2_value_unit dest_unit, T val) {
	const auto size = [](metrics_v2_value_unit unit) -> double {
		switch(unit) {
		case METRIC_VALUE_UNIT_MEMORY_BYTES:
			return 1;
		case METRIC_VALUE_UNIT_MEMORY_KIBIBYTES:
			return 1024;
		case METRIC_VALUE_UNIT_MEMORY_MEGABYTES:
			return 1024 * 1024;
		default:
			return 0;
		}
	};
	if(size(source_unit) == 0 || size(dest_unit) == 0) {
		return 0;
	}
	const double bytes = static_cast<double>(val) * size(source_unit);
	return dest_unit == METRIC_VALUE_UNIT_MEMORY_BYTES ? bytes : std::round(bytes / size(dest_unit) * 10) / 10;
}

// Converts metrics for a consumer.
class metrics_converter {
public:
	virtual ~metrics_converter() = default;

	// The metric as a line: its name, a space and its value.
	virtual std::string convert_metric_to_text(const metrics_v2& metric) const {
		return libsinsp::detail::text(sinsp_metric_text(&metric));
	}

	// Converts value and unit, and the abbreviation of the unit in the name.
	virtual void convert_metric_to_unit_convention(metrics_v2& metric) const = 0;
};

inline void metrics_converter::convert_metric_to_unit_convention(metrics_v2&) const {}

// Converts metrics for Prometheus.
class prometheus_metrics_converter : public metrics_converter {
public:
	// The metric in Prometheus's text format: three lines with its help, its type and its value. Namespace and subsystem come before the name
	// unless they are empty; the unit comes behind it. Labels without a name are left out.
	std::string convert_metric_to_text_prometheus(const metrics_v2& metric,
	                                              std::string_view prometheus_namespace = "",
	                                              std::string_view prometheus_subsystem = "",
	                                              const std::map<std::string, std::string>& const_labels = {}) const {
		using namespace libsinsp::detail;
		const auto labels = c_labels(const_labels);
		return text(sinsp_metric_prometheus_text(
		        &metric, str(prometheus_namespace), str(prometheus_subsystem), labels.data(), labels.size()));
	}

	// A fact that the labels have, such as a version, as a metric `NAME_info` with the value 1.
	std::string convert_metric_to_text_prometheus(std::string_view metric_name,
	                                              std::string_view prometheus_namespace = "",
	                                              std::string_view prometheus_subsystem = "",
	                                              const std::map<std::string, std::string>& const_labels = {}) const {
		using namespace libsinsp::detail;
		const auto labels = c_labels(const_labels);
		return text(sinsp_info_prometheus_text(
		        str(metric_name), str(prometheus_namespace), str(prometheus_subsystem), labels.data(), labels.size()));
	}

	// Memory becomes bytes, a percentage a ratio.
	void convert_metric_to_unit_convention(metrics_v2& metric) const override {
		sinsp_metric_convert(&metric, SINSP_METRIC_PROMETHEUS);
	}

private:
	static std::vector<sinsp_metric_label> c_labels(const std::map<std::string, std::string>& labels) {
		std::vector<sinsp_metric_label> list;
		for(const auto& [name, value] : labels) {
			list.push_back({libsinsp::detail::str(name), libsinsp::detail::str(value)});
		}
		return list;
	}
};

// Converts metrics for the outputs of rules.
class output_rule_metrics_converter : public metrics_converter {
public:
	// Memory becomes megabytes with one decimal.
	void convert_metric_to_unit_convention(metrics_v2& metric) const override {
		sinsp_metric_convert(&metric, SINSP_METRIC_RULE_OUTPUT);
	}
};

// Makes metrics.
class libsinsp_metrics {
public:
	template<typename T>
	static void set_metric_value(metrics_v2& metric, metrics_v2_value_type type, T val) {
		switch(type) {
		case METRIC_VALUE_TYPE_U32:
			metric.value.u32 = static_cast<uint32_t>(val);
			break;
		case METRIC_VALUE_TYPE_S32:
			metric.value.s32 = static_cast<int32_t>(val);
			break;
		case METRIC_VALUE_TYPE_U64:
			metric.value.u64 = static_cast<uint64_t>(val);
			break;
		case METRIC_VALUE_TYPE_S64:
			metric.value.s64 = static_cast<int64_t>(val);
			break;
		case METRIC_VALUE_TYPE_D:
			metric.value.d = static_cast<double>(val);
			break;
		case METRIC_VALUE_TYPE_F:
			metric.value.f = static_cast<float>(val);
			break;
		case METRIC_VALUE_TYPE_I:
			metric.value.i = static_cast<int>(val);
			break;
		default:
			break;
		}
	}

	// A metric; a name of METRIC_NAME_MAX characters or more is cut.
	template<typename T>
	static metrics_v2 new_metric(const char* name,
	                             uint32_t flags,
	                             metrics_v2_value_type type,
	                             metrics_v2_value_unit unit,
	                             metrics_v2_metric_type metric_type,
	                             T val) {
		metrics_v2 metric = {};
		strlcpy(metric.name, name, METRIC_NAME_MAX);
		metric.flags = flags;
		metric.type = type;
		metric.unit = unit;
		metric.metric_type = metric_type;
		set_metric_value(metric, type, val);
		return metric;
	}

	libsinsp_metrics() = default;
	libsinsp_metrics(const libsinsp_metrics&) = default;
	libsinsp_metrics(libsinsp_metrics&&) = delete;
	libsinsp_metrics& operator=(const libsinsp_metrics&) = default;
	libsinsp_metrics& operator=(libsinsp_metrics&&) = delete;
	virtual ~libsinsp_metrics() = default;
	virtual std::vector<metrics_v2> to_metrics() { return {}; }
};

// The metrics of a state: how many threads and fds it has now, and its counters unless they are null.
class libs_state_counters : libsinsp_metrics {
public:
	libs_state_counters(const std::shared_ptr<sinsp_stats_v2>& sinsp_stats_v2, sinsp_thread_manager* thread_manager):
	        m_counters(sinsp_stats_v2) {
		if(thread_manager != nullptr) {
			thread_manager->census(m_threads, m_fds);
		}
	}

	std::vector<metrics_v2> to_metrics() override {
		return libsinsp::detail::collected([this](uint32_t* count) {
			return sinsp_state_metrics(reinterpret_cast<const sinsp_state_counters*>(m_counters.get()), m_threads, m_fds, count);
		});
	}

private:
	std::shared_ptr<sinsp_stats_v2> m_counters;
	uint64_t m_threads = 0;
	uint64_t m_fds = 0;
};

// Collects the metrics of an inspector, of the kinds in `flags` (METRICS_V2_*). A collector of no inspector has none. Collectors of one inspector may
// be used by any thread each, also while another thread reads events; they must not outlive the inspector.
class libs_metrics_collector {
public:
	libs_metrics_collector(sinsp* inspector, uint32_t flags): m_inspector(inspector), m_flags(flags) {
		if(m_inspector != nullptr) {
			m_counters = libsinsp::detail::state_counters_of(m_inspector);
		}
	}

	// Replaces the metrics by the current ones.
	void snapshot() {
		m_metrics.clear();
		if(m_inspector != nullptr) {
			m_metrics = libsinsp::detail::metrics_of(*m_inspector, m_flags, m_counters);
		}
	}

	// The metrics of the last snapshot.
	const std::vector<metrics_v2>& get_metrics() const { return m_metrics; }
	std::vector<metrics_v2>& get_metrics() { return m_metrics; }

private:
	sinsp* m_inspector;
	uint32_t m_flags;
	std::shared_ptr<sinsp_stats_v2> m_counters;
	std::vector<metrics_v2> m_metrics;
};

}  // namespace metrics
}  // namespace libs
