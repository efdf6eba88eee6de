// The functions of an inspector about the capture in progress, about events by their files, and about fields and words of the filter language.
#include "check.h"

#include <libscap/metrics_v2.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/events/sinsp_events.h>
#include <libsinsp/sinsp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

namespace {

std::string capture;

bool contains(const std::vector<std::string>& all, const std::string& one) {
	return std::find(all.begin(), all.end(), one) != all.end();
}

void a_capture() {
	sinsp inspector;
	CHECK(inspector.get_machine_info() == nullptr && inspector.get_agent_info() == nullptr && inspector.get_num_cpus() == 0);
	CHECK(inspector.get_bytes_read() == 0 && inspector.get_read_progress() == 0 && inspector.get_input_filename().empty());
	CHECK(throws<sinsp_exception>("not open", [&] { inspector.fseek(0); }));
	CHECK(throws<sinsp_exception>("not open", [&] { inspector.grow_buffer(0, 16 << 20); }));
	inspector.open_savefile(capture);
	CHECK(inspector.get_input_filename() == capture);
	CHECK(inspector.get_machine_info()->num_cpus == inspector.get_num_cpus() && inspector.get_num_cpus() > 0);
	CHECK(inspector.get_bytes_read() > 0 && inspector.get_driver_api_version() == 0 && inspector.get_driver_schema_version() == 0);
	uint32_t count = 9;
	int32_t rc = -1;
	CHECK(inspector.get_capture_stats_v2(METRICS_V2_KERNEL_COUNTERS, &count, &rc) == nullptr && count == 0 && rc == SCAP_SUCCESS);

	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	const uint64_t second = inspector.get_bytes_read();
	CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	const uint64_t ts = evt->get_ts();
	double progress = inspector.get_read_progress();
	while(inspector.next(&evt) == SCAP_SUCCESS) {
		CHECK(inspector.get_read_progress() >= progress);
		progress = inspector.get_read_progress();
	}
	std::string plugin = "x";
	CHECK(progress > 99 && progress <= 100 && inspector.get_read_progress_with_str(&plugin) >= progress && plugin.empty());
	CHECK(inspector.get_bytes_read() > second);
	inspector.fseek(second);
	CHECK(inspector.get_bytes_read() == second && inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == ts);
	inspector.close();
	CHECK(inspector.get_input_filename().empty() && inspector.get_bytes_read() == 0);
}

void settings() {
	sinsp inspector;
	CHECK(!inspector.is_debug_enabled() && !inspector.get_track_connection_status() && inspector.get_max_evt_output_len() == 0);
	inspector.set_debug_mode(true);
	inspector.set_track_connection_status(true);
	inspector.set_max_evt_output_len(77);
	CHECK(inspector.is_debug_enabled() && inspector.get_track_connection_status() && inspector.get_max_evt_output_len() == 77);
	CHECK(!inspector.is_hostname_and_port_resolution_enabled() && !inspector.is_syscall_plugin());
	CHECK(inspector.event_sources() == std::vector<std::string>{"syscall"});
	CHECK(std::string(inspector.get_plugin_api_version()) == PLUGIN_API_VERSION_STR);
	CHECK(inspector.get_scap_api_version() == SCAP_MINIMUM_DRIVER_API_VERSION);
	CHECK(inspector.get_scap_schema_version() == SCAP_MINIMUM_DRIVER_SCHEMA_VERSION);
	CHECK(std::strcmp(inspector.get_event_info_tables()->m_event_info[PPME_SYSCALL_CLOSE_E].name, "close") == 0);
}

// A scan with a limit of a millisecond reports how far it came.
void scans_are_limited() {
	static std::string said;
	const auto hear = [](std::string&& text, sinsp_logger::severity) { said += text + "\n"; };
	libsinsp_logger()->add_callback_log(hear);
	libsinsp_logger()->set_severity(sinsp_logger::SEV_TRACE);
	sinsp whole, limited;
	whole.open_nodriver(true);
	limited.set_proc_scan_timeout_ms(1);
	limited.set_proc_scan_log_interval_ms(1);
	said.clear();
	limited.open_nodriver(true);
	libsinsp_logger()->remove_callback_log();
	// A scan of few processes may end in time.
	CHECK(said.find("scap_proc_scan TIMEOUT (1 ms): ") != std::string::npos || said.find("scap_proc_scan DONE: ") != std::string::npos);
	const auto count = whole.m_thread_manager->get_thread_count();
	whole.refresh_proc_list();
	whole.refresh_ifaddr_list();
	CHECK(count > 0 && whole.m_thread_manager->get_thread_count() > 0);
	CHECK(whole.get_machine_info()->num_cpus > 0 && whole.get_agent_info()->uname_r[0] != '\0');
}

// What the logger had.
std::string logged;

// The driver's metrics. Needs the privileges of a live capture.
void live() {
	sinsp inspector;
	try {
		inspector.open_modern_bpf();
	} catch(const scap_open_exception& e) {
		std::printf("SKIPPED: what the driver counts: %s\n", e.what());
		return;
	}
	// One that is not started says so, once.
	logged.clear();
	libsinsp_logger()->add_callback_log([](std::string&& message, sinsp_logger::severity) { logged += message; });
	for(int calls = 0; calls < 3; calls++) {
		sinsp_evt* evt = nullptr;
		CHECK(inspector.next(&evt) == SCAP_TIMEOUT);
	}
	libsinsp_logger()->remove_callback_log();
	CHECK(logged.find("it was not started") != std::string::npos && logged.find("it was not started") == logged.rfind("it was not started"));
	inspector.start_capture();
	sinsp_evt* evt = nullptr;
	for(int seen = 0, tries = 0; seen < 10 && tries < 10000; tries++) {
		seen += inspector.next(&evt) == SCAP_SUCCESS;
	}
	uint32_t count = 0;
	int32_t rc = -1;
	const auto* metrics = inspector.get_capture_stats_v2(METRICS_V2_KERNEL_COUNTERS, &count, &rc);
	CHECK(metrics != nullptr && rc == SCAP_SUCCESS && count > 5);
	CHECK(std::string(metrics[0].name) == "n_evts" && metrics[0].type == METRIC_VALUE_TYPE_U64 && metrics[0].value.u64 >= 10);
	const auto* iterated = inspector.get_capture_stats_v2(METRICS_V2_KERNEL_ITER_COUNTERS, &count, &rc);
	CHECK(iterated != nullptr && count > 0 && iterated[0].flags == METRICS_V2_KERNEL_ITER_COUNTERS);
	// Each kind of entry has a counter of the entries returned, and one of those dropped.
	std::set<std::string> returned, dropped;
	for(uint32_t i = 0; iterated != nullptr && i < count; i++) {
		const std::string name = iterated[i].name;
		(name.rfind("n_evts_", 0) == 0 ? returned : dropped).insert(name.substr(name.find("s_") + 2));
	}
	CHECK(dropped.erase("max_event_size") == 1 && returned.count("task_file_socket_inet6") == 1 && returned == dropped);
	CHECK(inspector.get_capture_stats_v2(0, &count, &rc) != nullptr || count == 0);
	CHECK(inspector.get_driver_api_version() >= inspector.get_scap_api_version());
	CHECK(inspector.get_driver_schema_version() >= inspector.get_scap_schema_version());
	inspector.grow_buffer(0, 16 << 20);
	CHECK(throws<sinsp_exception>("must be a power of two", [&] { inspector.grow_buffer(0, 1000); }));
	CHECK(throws<sinsp_exception>("CPU 100000, which this machine does not have", [&] { inspector.grow_buffer(100000, 16 << 20); }));
	CHECK(inspector.get_bytes_read() == 0 && throws<sinsp_exception>("modern_bpf", [&] { inspector.fseek(0); }));
}

void events_by_their_files() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	std::set<int> subcategories;
	uint64_t errors = 0, opens = 0;
	while(inspector.next(&evt) == SCAP_SUCCESS) {
		sinsp_evt::category category = {};
		evt->get_category(&category);
		CHECK(category.m_category == evt->get_category());
		subcategories.insert(category.m_subcategory);
		const auto* file = evt->get_fd_info();
		if((category.m_category & EC_IO_BASE) != 0 && file != nullptr && file->is_file()) {
			CHECK(category.m_subcategory == sinsp_evt::SC_FILE && evt->is_file_error() && !evt->is_network_error());
		}
		if(evt->is_syscall_error()) {
			errors++;
			CHECK(evt->get_errorcode() < 0 && evt->get_errorcode() != -SE_EAGAIN);
			if(evt->is_file_open_error()) {
				opens++;
				CHECK(file == nullptr && evt->is_file_error());
			}
		}
	}
	CHECK(errors > 0 && opens > 0 && subcategories.count(sinsp_evt::SC_FILE) == 1 && subcategories.count(sinsp_evt::SC_NONE) == 1);
}

void filters_of_the_inspector() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && !inspector.run_filters_on_evt(evt));
	inspector.set_filter("evt.type = close");
	int seen = 0;
	for(int32_t rc = SCAP_SUCCESS; rc != SCAP_EOF && seen < 20;) {
		rc = inspector.next(&evt);
		if(rc == SCAP_SUCCESS) {
			CHECK(inspector.run_filters_on_evt(evt) && std::string(evt->get_name()) == "close");
			seen++;
		}
	}
	CHECK(seen == 20);
}

void fields_of_a_format() {
	sinsp inspector;
	sinsp_filter_check_list checks;
	inspector.open_savefile(capture);
	sinsp_evt_formatter formatter(&inspector, "*%evt.num %toupper(evt.type) %proc.aname[50]", checks);
	std::vector<std::string> names;
	formatter.get_field_names(names);
	CHECK(names == std::vector<std::string>{"evt.num", "evt.type", "toupper(evt.type)", "proc.aname[50]"});
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	std::map<std::string, std::string> values;
	CHECK(formatter.get_field_values(evt, values) && values.size() == 3);
	CHECK(values["evt.num"] == std::to_string(evt->get_num()) && values["evt.type"] == evt->get_name());
	CHECK(values["proc.aname[50]"] == "<NA>" && !formatter.get_resolve_transformed_fields());
	formatter.set_resolve_transformed_fields(true);
	values.clear();
	CHECK(formatter.resolve_tokens(evt, values) && values.size() == 4 && values.count("toupper(evt.type)") == 1);
	sinsp_evt_formatter strict(&inspector, "%proc.aname[50]", checks);
	values.clear();
	CHECK(!strict.get_field_values(evt, values) && values.empty());
	sinsp_evt_formatter empty(&inspector, checks);
	names.clear();
	empty.get_field_names(names);
	CHECK(names.empty() && empty.get_field_values(evt, values) && values.empty());
}

void classes_of_fields() {
	sinsp_filter_factory::filter_fieldclass_info info;
	info.name = "k";
	info.shortdesc = "short";
	info.desc = "A class \"of\" fields";
	info.fields.push_back({"k.one", std::string(100, 'x') + " end", "CHARBUF", {"ARG_REQUIRED", "ARG_KEY", "EPF_IS_LIST"}});
	info.fields.push_back({"k.hidden", "d", "INT", {"EPF_TABLE_ONLY"}});
	info.fields.push_back({"k.old", "o", "INT", {"EPF_DEPRECATED"}});
	const auto text = info.as_string(true, {"syscall"});
	CHECK(text.rfind("-------------------------------\nField Class:                  k (short)\n", 0) == 0);
	CHECK(text.find("Description:                  A class \"of\" fields \n") != std::string::npos);
	CHECK(text.find("Event Sources:                syscall \n\nk.one                         (Type: CHARBUF) (ARG_KEY,ARG_REQUIRED,EPF_IS_LIST) \n"
	                "                              xxx") != std::string::npos);
	CHECK(text.find("k.hidden") == std::string::npos && text.find("k.old") == std::string::npos);
	CHECK(info.as_string(false, {}, true).find("k.old                         (EPF_DEPRECATED) o \n") != std::string::npos);
	CHECK(info.as_markdown({"a", "b"}).find("## Field Class: k\n\nA class \"of\" fields\n\nEvent Sources: a b \n\nName | Type | Description\n"
	                                       ":----|:-----|:-----------\n`k.one` | LIST(CHARBUF) | xxx") == 0);
	info.fields.front().desc = "d\\";
	CHECK(info.as_json() == "{\n  \"desc\" : \"A class \\\"of\\\" fields\",\n  \"fields\" : \n  [\n    {\n      \"argument\" : \n      {\n"
	                        "        \"required\" : true,\n        \"type\" : \n        [\n          \"KEY\"\n        ]\n      },\n"
	                        "      \"desc\" : \"d\\\\\",\n      \"is_list\" : true,\n      \"name\" : \"k.one\",\n"
	                        "      \"type\" : \"CHARBUF\"\n    }\n  ],\n  \"name\" : \"k\"\n}");
	info.fields.pop_front();
	info.fields.pop_front();
	CHECK(info.as_json().empty() && info.as_string(false).empty() && info.as_markdown().empty());
}

void words() {
	using parser = libsinsp::filter::parser;
	CHECK(parser::supported_operators(true) == std::vector<std::string>{"intersects", "in", "pmatch"});
	const auto operators = parser::supported_operators();
	CHECK(operators.size() == 20 && operators.front() == "exists" && contains(operators, "bstartswith") && contains(operators, "pmatch"));
	CHECK(!contains(parser::supported_field_transformers(), "val") && contains(parser::supported_field_transformers(), "getopt"));
	CHECK(parser::supported_field_transformers(true).front() == "val");
	CHECK(std::string(param_type_to_string(PT_DYN)) == "DYNAMIC");

	namespace events = libsinsp::events;
	const auto names = events::event_set_to_names({PPME_SYSCALL_CLOSE_E, PPME_GENERIC_X}, false);
	CHECK(names == std::unordered_set<std::string>{"close"});
	const auto generic = events::event_set_to_names({PPME_GENERIC_X});
	CHECK(generic.size() > 100 && generic.count("sysinfo") == 1 && generic.count("close") == 0 && generic.count("unknown") == 0);
	const auto of_calls = events::sc_set_to_event_names({PPM_SC_CLOSE, PPM_SC_SYSINFO, PPM_SC_ACCEPT});
	CHECK(of_calls == std::unordered_set<std::string>{"close", "sysinfo", "accept"});
	const auto state = events::sinsp_state_event_set();
	CHECK(state.contains(PPME_SYSCALL_CLONE_20_X) && state.contains(PPME_PROCINFO_E) && !state.contains(PPME_SYSCALL_NANOSLEEP_X));
	CHECK(!events::is_iter_event(PPME_SYSCALL_CLOSE_E));
}

void pieces_of_texts() {
	sinsp inspector;
	auto thread = inspector.get_threadinfo_factory().create();
	thread->set_args(std::vector<std::string>{"one", "", std::string(SCAP_MAX_ARGS_SIZE, 'x'), "none"});
	const auto joined = [](const iovec* iov, int count) {
		std::string all;
		for(int i = 0; i < count; i++) {
			all.append(static_cast<const char*>(iov[i].iov_base), iov[i].iov_len);
		}
		return all;
	};
	iovec* iov = nullptr;
	int count = 0;
	std::string rest;
	thread->args_to_iovec(&iov, &count, rest);
	const auto args = joined(iov, count);
	CHECK(count == 3 && args.size() == SCAP_MAX_ARGS_SIZE && args.compare(0, 6, std::string("one\0\0x", 6)) == 0 && args.back() == '\0');
	CHECK(rest.size() == SCAP_MAX_ARGS_SIZE - 6);
	std::free(iov);
	const sinsp_threadinfo::cgroups_t cgroups = {{"cpu", "/a"}, {"memory", "/b"}};
	thread->cgroups_to_iovec(&iov, &count, rest, cgroups);
	CHECK(joined(iov, count) == std::string("cpu=/a\0memory=/b\0", 17));
	std::free(iov);
	thread->env_to_iovec(&iov, &count, rest);
	CHECK(count == 0);
	std::free(iov);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	capture = argv[1];
	return run_tests({{"a capture", a_capture},
	                  {"settings", settings},
	                  {"scans are limited", scans_are_limited},
	                  {"live", live},
	                  {"events by their files", events_by_their_files},
	                  {"filters of the inspector", filters_of_the_inspector},
	                  {"fields of a format", fields_of_a_format},
	                  {"classes of fields", classes_of_fields},
	                  {"words", words},
	                  {"pieces of texts", pieces_of_texts}});
}
