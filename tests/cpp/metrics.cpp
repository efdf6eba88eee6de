// Metrics of an inspector: their names, values and conversions, also while another thread reads events; names of addresses.

#include <libsinsp/dns_manager.h>
#include <libsinsp/sinsp.h>

#include "check.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>

namespace {

std::string capture;
std::string folder;

using namespace libs::metrics;

std::map<std::string, metrics_v2> collect(libs_metrics_collector& collector) {
	collector.snapshot();
	std::map<std::string, metrics_v2> found;
	for(const auto& metric : collector.get_metrics()) {
		CHECK(found.emplace(metric.name, metric).second);
	}
	return found;
}

int read_events(sinsp& inspector) {
	sinsp_evt* evt = nullptr;
	int events = 0;
	for(int32_t status = SCAP_SUCCESS; status != SCAP_EOF;) {
		status = inspector.next(&evt);
		CHECK(status == SCAP_SUCCESS || status == SCAP_EOF || status == SCAP_FILTERED_EVENT || status == SCAP_TIMEOUT);
		events += status == SCAP_SUCCESS;
	}
	return events;
}

void the_state() {
	sinsp inspector(true);
	inspector.open_savefile(capture);
	const auto stats = inspector.get_sinsp_stats_v2();
	CHECK(stats != nullptr && stats->m_n_cached_thread_lookups == 0);
	libs_metrics_collector collector(&inspector, METRICS_V2_STATE_COUNTERS);
	CHECK(read_events(inspector) > 0);
	CHECK(stats->m_n_added_threads > 0 && stats->m_n_added_fds > 0);
	CHECK(stats->m_n_cached_thread_lookups > 0 && stats->m_n_noncached_thread_lookups > 0);
	CHECK(stats->m_n_noncached_fd_lookups > 0 && stats->m_n_removed_fds > 0);
	auto found = collect(collector);
	CHECK(found.size() == 17);
	uint64_t fds = 0;
	inspector.m_thread_manager->get_threads()->loop([&](sinsp_threadinfo& thread) {
		auto* table = thread.get_fd_table();
		fds += table == nullptr ? 0 : table->size();
		return true;
	});
	CHECK(fds > 0 && found.at("n_fds").value.u64 == fds);
	CHECK(found.at("n_threads").value.u64 == inspector.m_thread_manager->get_thread_count());
	CHECK(found.at("n_added_fds").value.u64 == stats->m_n_added_fds);
	CHECK(found.at("n_removed_threads").metric_type == METRIC_VALUE_METRIC_TYPE_MONOTONIC);
	CHECK(found.at("n_drops_full_threadtable").type == METRIC_VALUE_TYPE_U32);
	for(const auto& [name, metric] : found) {
		CHECK(metric.flags == METRICS_V2_STATE_COUNTERS && metric.unit == METRIC_VALUE_UNIT_COUNT);
	}

	inspector.m_thread_manager->set_max_thread_table_size(1);
	auto thread = inspector.get_threadinfo_factory().create();
	thread->m_tid = thread->m_pid = 99999;
	CHECK(inspector.m_thread_manager->add_thread(std::move(thread), false) == nullptr && stats->m_n_drops_full_threadtable == 1);
}

void without_counters() {
	sinsp inspector;
	CHECK(inspector.get_sinsp_stats_v2() == nullptr);
	inspector.open_savefile(capture);
	libs_metrics_collector collector(&inspector, METRICS_V2_STATE_COUNTERS | METRICS_V2_KERNEL_COUNTERS | METRICS_V2_LIBBPF_STATS);
	CHECK(collect(collector).size() == 2);
	libs_metrics_collector none(&inspector, 0), nowhere(nullptr, METRICS_V2_STATE_COUNTERS);
	CHECK(collect(none).empty() && collect(nowhere).empty());
	CHECK(inspector.get_n_tracepoint_hit().empty());
}

void the_counters_outlive_the_inspector() {
	std::shared_ptr<sinsp_stats_v2> stats;
	{
		sinsp inspector(true);
		inspector.open_savefile(capture);
		stats = inspector.get_sinsp_stats_v2();
		read_events(inspector);
	}
	CHECK(stats->m_n_added_threads > 0);
}

void resources() {
	sinsp inspector;
	libs_metrics_collector collector(&inspector, METRICS_V2_RESOURCE_UTILIZATION);
	std::ofstream(folder + "/memory") << "4096000\n";
	setenv("AGENT_CGROUP_MEM_PATH", (folder + "/memory").c_str(), 1);
	auto found = collect(collector);
	CHECK(found.size() == 9 && found.at("container_memory_used_bytes").value.u64 == 4096000);
	CHECK(found.at("memory_rss_kb").value.u32 > 0 && found.at("memory_vsz_kb").value.u32 >= found.at("memory_rss_kb").value.u32);
	CHECK(found.at("host_memory_used_kb").unit == METRIC_VALUE_UNIT_MEMORY_KIBIBYTES && found.at("host_open_fds").value.u64 > 0);
	CHECK(found.at("cpu_usage_perc").value.d >= 0 && found.at("host_cpu_usage_perc").value.d <= 100);
	// A path that leaves its directory is not read.
	setenv("AGENT_CGROUP_MEM_PATH", (folder + "/../" + folder.substr(folder.rfind('/') + 1) + "/memory").c_str(), 1);
	CHECK(collect(collector).at("container_memory_used_bytes").value.u64 != 4096000);
	unsetenv("AGENT_CGROUP_MEM_PATH");
}

void conversions() {
	const auto rss = libsinsp_metrics::new_metric("memory_rss_kb",
	                                              METRICS_V2_RESOURCE_UTILIZATION,
	                                              METRIC_VALUE_TYPE_U32,
	                                              METRIC_VALUE_UNIT_MEMORY_KIBIBYTES,
	                                              METRIC_VALUE_METRIC_TYPE_NON_MONOTONIC_CURRENT,
	                                              1536);
	const prometheus_metrics_converter prometheus;
	const output_rule_metrics_converter output;
	const metrics_converter& base = output;
	CHECK(base.convert_metric_to_text(rss) == "memory_rss_kb 1536\n");
	auto metric = rss;
	output.convert_metric_to_unit_convention(metric);
	CHECK(metric.name == std::string("memory_rss_mb") && metric.value.d == 1.5 && metric.type == METRIC_VALUE_TYPE_D);
	CHECK(metric.unit == METRIC_VALUE_UNIT_MEMORY_MEGABYTES && metric.flags == METRICS_V2_RESOURCE_UTILIZATION);
	metric = rss;
	prometheus.convert_metric_to_unit_convention(metric);
	CHECK(prometheus.convert_metric_to_text_prometheus(metric, "ns", "app", {{"host", "a\"b"}, {"", "x"}}) ==
	      "# HELP ns_app_memory_rss_bytes https://falco.org/docs/metrics/\n"
	      "# TYPE ns_app_memory_rss_bytes gauge\n"
	      "ns_app_memory_rss_bytes{host=\"a\\\"b\"} 1572864.000000\n");
	CHECK(prometheus.convert_metric_to_text_prometheus("version", "app", "", {{"version", "1"}}) ==
	      "# HELP app_version_info https://falco.org/docs/metrics/\n"
	      "# TYPE app_version_info gauge\n"
	      "app_version_info{version=\"1\"} 1\n");
	metric.unit = METRIC_VALUE_UNIT_MAX;
	CHECK(prometheus.convert_metric_to_text_prometheus(metric).empty());
	CHECK(convert_memory(METRIC_VALUE_UNIT_MEMORY_KIBIBYTES, METRIC_VALUE_UNIT_MEMORY_MEGABYTES, 1536) == 1.5);
	CHECK(convert_memory(METRIC_VALUE_UNIT_MEMORY_MEGABYTES, METRIC_VALUE_UNIT_MEMORY_BYTES, uint64_t{2}) == 2097152);
	CHECK(convert_memory(METRIC_VALUE_UNIT_COUNT, METRIC_VALUE_UNIT_MEMORY_BYTES, 1) == 0);
}

// The census is that of one moment, whichever thread asks for it.
void while_events_are_read() {
	sinsp inspector(true);
	inspector.open_savefile(capture);
	libs_metrics_collector collector(&inspector, METRICS_V2_STATE_COUNTERS | METRICS_V2_RESOURCE_UTILIZATION | METRICS_V2_KERNEL_COUNTERS);
	CHECK(collect(collector).size() == 26);
	std::atomic<bool> done{false};
	uint64_t threads = 0, added = 0;
	bool grows = true;
	std::thread other([&] {
		libs_metrics_collector own(&inspector, METRICS_V2_STATE_COUNTERS | METRICS_V2_RESOURCE_UTILIZATION);
		for(bool last = false; !last;) {
			last = done;
			const auto found = collect(own);
			threads = found.at("n_threads").value.u64;
			grows = grows && found.at("n_added_threads").value.u64 >= added;
			added = found.at("n_added_threads").value.u64;
		}
	});
	std::string thrown;
	try {
		for(int i = 0; i < 5; i++) {
			inspector.close();
			inspector.open_savefile(capture);
			CHECK(read_events(inspector) > 0);
		}
	} catch(const std::exception& e) {
		thrown = e.what();
	}
	done = true;
	other.join();
	CHECK(thrown.empty());
	CHECK(threads == inspector.m_thread_manager->get_thread_count() && threads > 0);
	CHECK(grows && added == inspector.get_sinsp_stats_v2()->m_n_added_threads);
}

void names_of_addresses() {
	sinsp inspector;
	inspector.open_savefile(capture);
	inspector.set_filter("fd.sip.name = 192.0.2.77 or fd.cip.name in (192.0.2.78, 192.0.2.79)");
	CHECK(read_events(inspector) == 0);
	CHECK(throws<sinsp_exception>("fd.sip.name", [] {
		sinsp other;
		other.set_filter("fd.sip.name startswith x");
	}));
	auto& names = sinsp_dns_manager::get();
	const uint8_t four[] = {192, 0, 2, 77}, five[] = {192, 0, 2, 75};
	uint8_t address[4];
	std::copy(five, five + 4, address);
	CHECK(!names.match("192.0.2.77", AF_INET, address, 0) && names.size() == 1 && names.name_of(AF_INET, address, 0).empty());
	std::copy(four, four + 4, address);
	CHECK(names.match("192.0.2.77", AF_INET, address, 0) && names.name_of(AF_INET, address, 0) == "192.0.2.77");
	CHECK(!names.match("192.0.2.77", AF_UNIX, address, 0) && names.name_of(AF_UNIX, address, 0).empty());
	names.cleanup();
	CHECK(names.size() == 0);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 3) {
		return 2;
	}
	capture = argv[1];
	folder = argv[2];
	return run_tests({
	        {"the metrics of the state are those of its tables", the_state},
	        {"without counters there are two", without_counters},
	        {"the counters outlive the inspector", the_counters_outlive_the_inspector},
	        {"the resources of this process and this host", resources},
	        {"conversions", conversions},
	        {"metrics while events are read", while_events_are_read},
	        {"names of addresses", names_of_addresses},
	});
}
