// A plugin that is written in Rust with the published SDK, in a C++ program: rust CAPTURE FOLDER OWN. The folder has rust.so, built from rust/.
#include "programs.h"

#include <libsinsp/dumper.h>
#include <libsinsp/filter_check_list.h>

#include <map>

namespace {

bool is(const std::string& found, const std::string& expected) {
	return found == expected || fails("'" + found + "' is not '" + expected + "'");
}

// The number in a field of a table's entry, or the length of the text in it; 0 if there is no such entry.
uint64_t in_table(sinsp& inspector, const std::string& name, const ss_plugin_state_data& key, const char* field, ss_plugin_state_type type) {
	auto* table = inspector.get_table_registry()->tables().at(name);
	libsinsp::state::sinsp_table_owner owner;
	auto* entry = table->get_entry(&owner, &key);
	if(entry == nullptr) {
		return 0;
	}
	ss_plugin_state_data value = {};
	CHECK(table->read_entry_field(&owner, entry, table->get_field(&owner, field, type), &value) == SS_PLUGIN_SUCCESS ||
	      fails(owner.m_last_owner_err));
	const uint64_t found = type == SS_PLUGIN_ST_STRING ? std::string(value.str).size() : value.u64;
	table->release_table_entry(&owner, entry);
	return found;
}

// An inspector with the plugin, and its fields.
struct setting {
	sinsp inspector;
	std::shared_ptr<sinsp_plugin> plugin;
	sinsp_filter_check_list checks;

	explicit setting(const std::string& config = R"({"events": 10, "batch": 4})") {
		plugin = inspector.register_plugin(folder + "/rust.so");
		std::string error;
		CHECK(plugin->init(config, error) || fails(error));
		checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
	}

	std::string shown(sinsp_evt* evt, const std::string& format) {
		sinsp_evt_formatter formatter(&inspector, "*" + format, checks);
		std::string line;
		formatter.tostring(evt, line);
		return line;
	}

	uint64_t metric(const std::string& name) {
		for(const auto& metric : plugin->get_metrics()) {
			if(metric.name == "test_rust." + name) {
				return metric.value.u64;
			}
		}
		return fails("no metric " + name);
	}

	// Calls `each` with the events, up to the end or until it returns false.
	template<typename Each>
	void events(Each each) {
		sinsp_evt* evt = nullptr;
		int32_t rc;
		while((rc = inspector.next(&evt)) != SCAP_EOF) {
			CHECK(rc == SCAP_SUCCESS || rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT || fails(inspector.getlasterr()));
			if(rc == SCAP_SUCCESS && !each(evt)) {
				return;
			}
		}
	}

	// The names of the async events of the plugin and their data, until so many came.
	std::map<std::string, int> async(size_t count) {
		std::map<std::string, int> seen;
		events([&](sinsp_evt* evt) {
			if(evt->get_type() == PPME_ASYNCEVENT_E) {
				seen[evt->get_param(1)->as<std::string>() + " " + std::string(evt->get_param(2)->data(), evt->get_param(2)->len())]++;
				count--;
			}
			return count > 0;
		});
		return seen;
	}
};

void it_describes_itself() {
	setting s;
	CHECK(s.plugin->name() == "test_rust" && s.plugin->plugin_version().as_string() == "0.3.1" && s.plugin->id() == 999);
	CHECK(s.plugin->caps() == (CAP_SOURCING | CAP_EXTRACTION | CAP_PARSING | CAP_ASYNC | CAP_CAPTURE_LISTENING));
	CHECK(s.inspector.event_sources() == std::vector<std::string>({"syscall", "test_rust"}));
	CHECK(s.plugin->fields().size() == 13 && s.plugin->fields()[1].m_display == "Text" && s.plugin->fields()[3].is_list());
	CHECK(s.plugin->fields()[2].is_arg_required() && (s.plugin->fields()[2].m_flags & EPF_ARG_INDEX) != 0);
	CHECK((s.plugin->fields()[4].m_flags & EPF_ARG_KEY) != 0 && !s.plugin->fields()[4].is_arg_required());
	const auto params = s.plugin->list_open_params();
	CHECK(params.size() == 2 && params[0].value == "from=5" && params[1].value == "from=1;from=2" && params[1].separator == ";");
}

void its_configuration_is_checked() {
	ss_plugin_schema_type kind = SS_PLUGIN_SCHEMA_NONE;
	setting s;
	CHECK(s.plugin->get_init_schema(kind).find("draft/2020-12") != std::string::npos && kind == SS_PLUGIN_SCHEMA_JSON);
	const std::vector<std::pair<std::string, std::string>> wrong = {
	        {R"({"events": "x", "batch": 1})", "at '/events'"},
	        {R"({"events": 1})", "batch"},
	        {R"({"events": 1, "batch": 1, "more": 2})", "more"},
	        {"{", "JSON"},
	        {R"({"events": 1, "batch": 0})", "a batch has at least one event"},
	};
	for(const auto& [config, part] : wrong) {
		sinsp inspector;
		auto plugin = inspector.register_plugin(folder + "/rust.so");
		std::string error;
		bool thrown = false;
		// The schema's errors are thrown, the plugin's own returned.
		try {
			CHECK(!plugin->init(config, error));
		} catch(const sinsp_exception& e) {
			error = e.what();
			thrown = true;
		}
		CHECK((thrown == (part != wrong.back().second) && error.find(part) != std::string::npos) || fails(error));
	}
	CHECK(!s.plugin->set_config(R"({"events": 1, "batch": 0})") && s.plugin->get_last_error().find("at least one") != std::string::npos);
	CHECK(throws<sinsp_exception>("at '/events'", [&] { s.plugin->set_config(R"({"events": [], "batch": 1})"); }));
	CHECK(s.plugin->set_config(R"({"events": 3, "batch": 1})"));
	s.inspector.open_plugin("test_rust", "", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	uint64_t count = 0;
	s.events([&](sinsp_evt* evt) {
		count += evt->get_type() == PPME_PLUGINEVENT_E;
		return true;
	});
	CHECK(count == 3);
}

void fields_of_every_type_have_its_values() {
	setting s;
	s.inspector.open_plugin("test_rust", "from=5", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	uint64_t next = 5;
	s.events([&](sinsp_evt* evt) {
		if(evt->get_type() != PPME_PLUGINEVENT_E) {
			return true;
		}
		const auto number = std::to_string(evt->get_num());
		const auto n = std::to_string(next);
		CHECK(is(s.plugin->event_to_string(evt), "the event " + n));
		CHECK(is(s.shown(evt, "%rust.number/%rust.text/%rust.word[1]/%rust.word[2]/%rust.words/%evt.plugininfo"),
		         number + "/event " + n + "/" + n + "/<NA>/(event," + n + ")/the event " + n));
		CHECK(is(s.shown(evt, "%rust.echo/%rust.echo[a.b]/%rust.even/%rust.span/%rust.addresses/%rust.net/%rust.comm"),
		         std::string("nothing/a.b/") + (evt->get_num() % 2 == 0 ? "true" : "false") + "/" + number + "000000/(10.0.0.1,::1)/<IPNET>/<NA>"));
		libsinsp::state::sinsp_table_owner owner;
		CHECK(s.inspector.get_table_registry()->get_table<uint64_t>("test_rust_events")->get_size(&owner) == next - 4);
		ss_plugin_state_data key = {};
		key.u64 = evt->get_num();
		CHECK(in_table(s.inspector, "test_rust_events", key, "text", SS_PLUGIN_ST_STRING) == 7);
		CHECK(in_table(s.inspector, "test_rust_events", key, "length", SS_PLUGIN_ST_UINT64) == 7);
		uint32_t hundredths = 0;
		CHECK(s.plugin->get_progress(hundredths).find(" events") != std::string::npos && hundredths == 2500);
		next++;
		return true;
	});
	CHECK(next == 10 || fails(std::to_string(next)));
	CHECK(throws<sinsp_exception>("cannot open 'x'", [&] {
		s.inspector.close();
		s.inspector.open_plugin("test_rust", "x", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	}));
}

// A plugin with a source of its own parses and extracts from that alone; it reads the table of threads when a capture is opened.
void it_reads_the_table_of_threads() {
	setting s;
	s.inspector.open_savefile(capture);
	s.events([](sinsp_evt*) { return true; });
	CHECK(s.metric("parsed") == 0);
	s.inspector.close();
	CHECK(s.metric("closed") == 1);
	s.inspector.open_plugin("test_rust", "", sinsp_plugin_platform::SINSP_PLATFORM_FULL);
	CHECK(s.metric("threads_at_open") > 0);
}

void it_sends_events_and_listens() {
	setting s;
	for(uint32_t round = 1; round <= 2; round++) {
		s.inspector.open_nodriver();
		const std::map<std::string, int> expected = {{"rust_started now", 1}, {"rust_tick tick 0", 1}, {"rust_tick tick 1", 1}, {"rust_tick tick 2", 1}};
		CHECK(s.async(4) == expected);
		while(s.metric("routine_calls") < 10 * round) {
		}
		s.inspector.close();
		const auto calls = s.metric("routine_calls");
		CHECK(s.metric("closed") == round && s.metric("routine_calls") == calls);
	}
	const auto metrics = s.plugin->get_metrics();
	CHECK(metrics.size() == 6 && metrics[4].value.s64 == -3 && metrics[5].value.d == 0.5);
	CHECK(metrics[0].metric_type == METRIC_VALUE_METRIC_TYPE_MONOTONIC && metrics[3].metric_type == METRIC_VALUE_METRIC_TYPE_NON_MONOTONIC_CURRENT);
}

void its_events_and_state_go_into_captures() {
	const auto file = own + "/rust.scap";
	{
		setting s;
		s.inspector.open_plugin("test_rust", "", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
		sinsp_dumper dumper;
		dumper.open(&s.inspector, file, false);
		s.events([&](sinsp_evt* evt) {
			dumper.dump(evt);
			return true;
		});
		dumper.close();
	}
	setting s;
	s.inspector.open_savefile(file);
	uint64_t events = 0;
	s.events([&](sinsp_evt* evt) {
		CHECK(evt->get_source_idx() == 1);
		if(evt->get_type() == PPME_PLUGINEVENT_E) {
			CHECK(is(s.shown(evt, "%rust.text"), "event " + std::to_string(events)));
			events++;
		}
		return true;
	});
	CHECK(events == 10 || fails(std::to_string(events)));
}

void it_logs() {
	static std::string logged;
	logged.clear();
	libsinsp_logger()->add_callback_log([](std::string&& line, sinsp_logger::severity) { logged += line + "\n"; });
	setting s;
	libsinsp_logger()->remove_callback_log();
	CHECK(logged.find("test_rust: ") != std::string::npos || fails(logged));
	CHECK(logged.find("started with 10 events") != std::string::npos || fails(logged));
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(it_describes_itself),
	        TEST(its_configuration_is_checked),
	        TEST(fields_of_every_type_have_its_values),
	        TEST(it_reads_the_table_of_threads),
	        TEST(it_sends_events_and_listens),
	        TEST(its_events_and_state_go_into_captures),
	        TEST(it_logs),
	});
}
