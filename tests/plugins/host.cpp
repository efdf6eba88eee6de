// Plugins in a C++ program: host CAPTURE FOLDER. The folder has the plugins of this folder as shared objects.
#include "programs.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/plugin_filtercheck.h>
#include <libsinsp/plugin_manager.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace {

std::unique_ptr<filter_check_list> checks_with(const std::shared_ptr<sinsp_plugin>& plugin) {
	auto list = std::make_unique<sinsp_filter_check_list>();
	list->add_filter_check(sinsp_plugin::new_filtercheck(plugin));
	return list;
}

void it_describes_itself() {
	sinsp inspector;
	const auto path = folder + "/fields.so";
	auto plugin = inspector.register_plugin(path);
	CHECK(sinsp_plugin::is_plugin_loaded(path) && !sinsp_plugin::is_plugin_loaded(path + "x"));
	CHECK(plugin->name() == "test_fields" && plugin->description() == "fields of every type");
	CHECK(plugin->contact() == "the tests" && plugin->plugin_version().as_string() == "0.2.1");
	CHECK(plugin->required_api_version().as_string() == PLUGIN_API_VERSION_STR);
	CHECK(plugin->caps() == (CAP_EXTRACTION | CAP_PARSING) && plugin->id() == 0 && plugin->event_source().empty());
	CHECK(plugin->extract_event_sources() == std::unordered_set<std::string>{"syscall"});
	CHECK(throws<sinsp_exception>("not initialized", [&] { plugin->extract_event_codes(); }));
	std::string error;
	CHECK(plugin->init("", error) && error.empty());
	CHECK(plugin->extract_event_codes().contains(PPME_SYSCALL_OPENAT_2_X) && plugin->parse_event_codes().contains(PPME_SYSCALL_READ_X));
	CHECK(!plugin->init("", error) && error.find("twice") != std::string::npos);
	CHECK(plugin->fields().size() == 14 && plugin->fields_info()->m_nfields == 14);
	const auto& numbers = plugin->fields()[2];
	CHECK(numbers.m_name == "t.nums" && numbers.m_display == "Numbers" && numbers.m_type == PT_UINT64 && numbers.is_list());
	CHECK(plugin->fields()[0].m_flags & EPF_FORMAT_SUGGESTED);
	CHECK(plugin->fields()[9].is_arg_supported() && !plugin->fields()[9].is_arg_required());
	ss_plugin_schema_type kind = SS_PLUGIN_SCHEMA_JSON;
	CHECK(plugin->get_init_schema(kind).empty() && kind == SS_PLUGIN_SCHEMA_NONE);
	CHECK(plugin->get_metrics().empty() && !plugin->set_config("new"));
	CHECK(inspector.event_sources() == std::vector<std::string>{"syscall"});
	const auto manager = inspector.get_plugin_manager();
	CHECK(manager->plugins().size() == 1 && manager->plugins()[0] == plugin);
	bool found = true;
	CHECK(manager->source_idx_by_plugin_id(1, found) == sinsp_no_event_source_idx && !found);
}

void fields_of_every_type_stand_in_formats() {
	sinsp inspector;
	auto checks = checks_with(added(inspector, "fields"));
	inspector.open_savefile(capture);
	const std::string format = "*%t.num %t.texts %t.nums %t.rel %t.truth %t.addr %t.addr6 %t.net %t.arg %t.arg[3] %t.arg[a.b] %t.none";
	sinsp_evt_formatter formatter(&inspector, format, *checks);
	sinsp_evt_formatter times(&inspector, "%t.abs=%evt.rawtime", *checks);
	sinsp_evt_formatter threads(&inspector, "*%t.comm=%proc.name %t.fds", *checks);
	uint64_t same = 0;
	const uint64_t count = events(inspector, [&](sinsp_evt* evt) {
		const auto n = std::to_string(evt->get_num());
		std::string line;
		CHECK(formatter.tostring(evt, line));
		const auto expected = n + " (" + n + ",one,two) (" + n + ",1,2) 2000000000 " +
		                      (evt->get_num() % 2 == 0 ? "true" : "false") + " 192.168.0.1 ::1 <IPNET> none index 3 key a.b ";
		CHECK((line.substr(0, expected.size()) == expected && line.substr(expected.size()) == "<NA>") || fails(line + " for " + expected));
		CHECK(times.tostring(evt, line));
		CHECK(threads.tostring(evt, line));
		const auto at = line.find('=');
		same += at != std::string::npos && line.compare(0, at, line, at + 1, at) == 0;
	});
	CHECK(count > 100 && same * 2 > count);
}

void fields_stand_in_filters() {
	sinsp inspector;
	auto plugin = added(inspector, "fields");
	auto checks = std::shared_ptr<filter_check_list>(checks_with(plugin));
	auto factory = std::make_shared<sinsp_filter_factory>(&inspector, *checks);
	const auto compiled = [&](const std::string& text) {
		sinsp_filter_compiler compiler(factory, text);
		return compiler.compile();
	};
	inspector.open_savefile(capture);
	const std::vector<std::string> always = {
	        "t.num = val(evt.num)",
	        "t.num > 0 and not t.num < 1",
	        "t.texts intersects (one, x)",
	        "t.nums in (1, 2) or t.nums intersects (1, 2)",
	        "t.rel = 2000000000",
	        "t.addr = 192.168.0.1 and t.addr in (192.168.0.1, 10.0.0.1) and t.addr != 10.0.0.1",
	        "t.addr6 = ::1",
	        "t.arg = none and t.arg[7] = 'index 7' and t.arg[07] = 'key 07'",
	        "not t.none exists",
	};
	std::vector<std::pair<std::string, std::unique_ptr<sinsp_filter>>> filters;
	for(const auto& text : always) {
		filters.emplace_back(text, compiled(text));
	}
	const auto even = compiled("t.truth = true");
	uint64_t counted = 0;
	const auto count = events(inspector, [&](sinsp_evt* evt) {
		for(const auto& [text, filter] : filters) {
			CHECK(filter->run(evt) || fails(text));
		}
		CHECK(even->run(evt) == (evt->get_num() % 2 == 0));
		counted += even->run(evt);
	});
	CHECK(count > 100 && counted > 0);
	for(const auto& bad : std::vector<std::pair<std::string, std::string>>{
	            {"t.num[1] = 1", "takes no argument"}, {"t.num = x", "x"}, {"t.nothing = 1", "t.nothing"}, {"t.arg[1", ""}}) {
		CHECK(throws<sinsp_exception>(bad.second, [&] { compiled(bad.first); }) || fails(bad.first));
	}
}

void checks_of_a_plugin_work_alone() {
	sinsp inspector;
	auto plugin = added(inspector, "fields");
	auto check = sinsp_plugin::new_filtercheck(plugin);
	CHECK(check->get_fields()->m_nfields == 14 && check->get_fields()->m_name == "test_fields (plugin)");
	check->set_inspector(&inspector);
	CHECK(check->parse_field_name("t.arg[12] and more", true, true) == 9);
	CHECK(check->get_field_info()->m_name == "t.arg");
	auto other = check->allocate_new();
	CHECK(other->parse_field_name("x.y", true, false) <= 0);
	inspector.open_savefile(capture);
	events(inspector, [&](sinsp_evt* evt) {
		std::vector<extract_value_t> values;
		CHECK(check->extract(evt, values) && values.size() == 1);
		CHECK(std::string(reinterpret_cast<const char*>(values[0].ptr)) == "index 12");
	});
}

// What the plugin's parser counted in a field of its own is what the program counts, and that field is one of the table's.
void it_parses_events_into_the_table_of_threads() {
	sinsp inspector;
	auto checks = checks_with(added(inspector, "fields"));
	inspector.open_savefile(capture);
	sinsp_evt_formatter formatter(&inspector, "%t.calls", *checks);
	std::map<int64_t, uint64_t> seen;
	uint64_t checked = 0;
	events(inspector, [&](sinsp_evt* evt) {
		std::string line;
		if(formatter.tostring(evt, line)) {
			checked += std::stoull(line) >= ++seen[evt->get_tid()];
		}
	});
	uint64_t total = 0;
	for(const auto& [tid, count] : seen) {
		total += count;
	}
	CHECK(checked == total && total > 100);
}

// Events that a filter keeps back are parsed as well.
void it_parses_events_that_are_not_shown() {
	sinsp inspector;
	auto checks = checks_with(added(inspector, "fields"));
	inspector.open_savefile(capture);
	inspector.set_filter("evt.type = close");
	sinsp_evt_formatter formatter(&inspector, "%t.calls", *checks);
	uint64_t more = 0;
	std::map<int64_t, uint64_t> seen;
	events(inspector, [&](sinsp_evt* evt) {
		std::string line;
		if(formatter.tostring(evt, line)) {
			more += std::stoull(line) > ++seen[evt->get_tid()];
		}
	});
	CHECK(more > 10);
}

void a_failed_init_leaves_nothing() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/fields.so");
	std::string error;
	CHECK(!plugin->init("fail", error) && error.find("the configuration says so") != std::string::npos);
	CHECK(inspector.get_table_registry()->tables().count("test_fields_own") == 0);
	// It can be initialised anew, and adds its table then.
	CHECK(plugin->init("", error) || fails(error));
	CHECK(inspector.get_table_registry()->tables().count("test_fields_own") == 1);
}

void what_is_wrong_is_said() {
	sinsp inspector;
	CHECK(throws<sinsp_exception>("cannot load plugin /nonexistent.so", [&] { inspector.register_plugin("/nonexistent.so"); }));
	auto plugin = added(inspector, "fields");
	CHECK(throws<sinsp_exception>("another plugin with name test_fields", [&] { inspector.register_plugin(folder + "/fields.so"); }));
	CHECK(throws<sinsp_exception>("cannot load plugin with custom vtable", [&] {
		plugin_api none = {};
		inspector.register_plugin(&none);
	}));
	CHECK(inspector.get_plugin_manager()->plugins().size() == 1);
}

// A plugin of the program itself: its fields need no state.
const char* own_version() { return "1.0.0"; }
const char* own_api_version() { return PLUGIN_API_VERSION_STR; }
const char* own_name() { return "own"; }
const char* own_text() { return "a plugin of the program"; }
const char* own_fields() { return R"([{"type": "string", "name": "own.config", "desc": "the configuration"}])"; }
struct own_state {
	std::string config;
	const char* text;
};
ss_plugin_t* own_init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	*rc = SS_PLUGIN_SUCCESS;
	return new own_state{in->config, nullptr};
}
void own_destroy(ss_plugin_t* s) { delete static_cast<own_state*>(s); }
const char* own_error(ss_plugin_t*) { return "nothing"; }
ss_plugin_rc own_set(ss_plugin_t* s, const ss_plugin_set_config_input* in) {
	static_cast<own_state*>(s)->config = in->config;
	return SS_PLUGIN_SUCCESS;
}
ss_plugin_rc own_extract(ss_plugin_t* s, const ss_plugin_event_input*, const ss_plugin_field_extract_input* in) {
	auto& state = *static_cast<own_state*>(s);
	state.text = state.config.c_str();
	in->fields[0].res.str = &state.text;
	in->fields[0].res_len = 1;
	return SS_PLUGIN_SUCCESS;
}
ss_plugin_metric* own_metrics(ss_plugin_t*, uint32_t* count) {
	static ss_plugin_metric metric = {"answers", SS_PLUGIN_METRIC_TYPE_MONOTONIC, {}, SS_PLUGIN_METRIC_VALUE_TYPE_U64};
	metric.value.u64 = 42;
	*count = 1;
	return &metric;
}

plugin_api own_api() {
	plugin_api api = {};
	api.get_required_api_version = own_api_version;
	api.get_version = own_version;
	api.get_name = own_name;
	api.get_description = own_text;
	api.get_contact = own_text;
	api.init = own_init;
	api.destroy = own_destroy;
	api.get_last_error = own_error;
	api.get_fields = own_fields;
	api.extract_fields = own_extract;
	api.set_config = own_set;
	api.get_metrics = own_metrics;
	return api;
}

void a_plugin_of_the_program_works_beside_others() {
	std::shared_ptr<sinsp_plugin> held;
	{
		sinsp inspector;
		auto loaded = added(inspector, "fields");
		const auto api = own_api();
		held = inspector.register_plugin(&api);
		std::string error;
		CHECK(held->init("first", error));
		auto checks = checks_with(loaded);
		checks->add_filter_check(sinsp_plugin::new_filtercheck(held));
		inspector.open_savefile(capture);
		sinsp_evt_formatter formatter(&inspector, "%own.config %t.num", *checks);
		std::string line;
		CHECK(events(inspector, [&](sinsp_evt* evt) {
			      CHECK(formatter.tostring(evt, line));
			      CHECK(line == (evt->get_num() < 10 ? "first " : "second ") + std::to_string(evt->get_num()));
			      if(evt->get_num() == 9) {
				      CHECK(held->set_config("second"));
			      }
		      }) > 100);
		const auto metrics = held->get_metrics();
		CHECK(metrics.size() == 1 && std::string(metrics[0].name) == "own.answers" && metrics[0].value.u64 == 42);
	}
	// The state ends with the inspector, the description with the plugin.
	CHECK(held->name() == "own" && throws<sinsp_exception>("not initialized", [&] { held->get_metrics(); }));
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(it_describes_itself),
	        TEST(fields_of_every_type_stand_in_formats),
	        TEST(fields_stand_in_filters),
	        TEST(checks_of_a_plugin_work_alone),
	        TEST(it_parses_events_into_the_table_of_threads),
	        TEST(it_parses_events_that_are_not_shown),
	        TEST(a_failed_init_leaves_nothing),
	        TEST(what_is_wrong_is_said),
	        TEST(a_plugin_of_the_program_works_beside_others),
	});
}
