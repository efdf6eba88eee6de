// Plugins as sources of events in a C++ program: sources CAPTURE FOLDER OWN. The folder has the plugins of this folder as shared objects.
#include "programs.h"

#include <libsinsp/dumper.h>
#include <libsinsp/filter_check_list.h>

#include <cstring>

namespace {

// Calls `each` with the events; returns how often there was none.
template<typename Each>
uint64_t events_and_waits(sinsp& inspector, Each each) {
	uint64_t timeouts = 0;
	sinsp_evt* evt = nullptr;
	int32_t rc;
	while((rc = inspector.next(&evt)) != SCAP_EOF) {
		if(rc == SCAP_SUCCESS) {
			each(evt);
		} else {
			CHECK(rc == SCAP_TIMEOUT || fails(std::to_string(rc) + ": " + inspector.getlasterr()));
			timeouts++;
		}
	}
	return timeouts;
}

void it_describes_itself() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/source.so");
	CHECK(plugin->caps() == (CAP_SOURCING | CAP_EXTRACTION) && plugin->id() == 4242 && plugin->event_source() == "test");
	CHECK(inspector.event_sources() == std::vector<std::string>({"syscall", "test"}));
	bool found = false;
	const auto manager = inspector.get_plugin_manager();
	CHECK(manager->source_idx_by_plugin_id(4242, found) == 1 && found && manager->plugin_by_id(4242) == plugin);
	CHECK(throws<sinsp_exception>("not initialized", [&] { plugin->list_open_params(); }));
	std::string error;
	CHECK(plugin->init("", error));
	const auto params = plugin->list_open_params();
	CHECK(params.size() == 2 && params[0].value == "events 10" && params[0].desc == "ten events" && params[0].separator == ",");
	CHECK(params[1].value == "mixed" && params[1].separator.empty());
	uint32_t progress = 7;
	CHECK(plugin->get_progress(progress).empty() && progress == 0);
	CHECK(plugin->extract_event_codes().contains(PPME_PLUGINEVENT_E) && !plugin->extract_event_codes().contains(PPME_SYSCALL_READ_X));
}

void its_events_come_in_batches() {
	for(const auto platform : {sinsp_plugin_platform::SINSP_PLATFORM_GENERIC, sinsp_plugin_platform::SINSP_PLATFORM_HOSTINFO,
	                           sinsp_plugin_platform::SINSP_PLATFORM_FULL}) {
		sinsp inspector;
		auto plugin = added(inspector, "source");
		sinsp_filter_check_list checks;
		checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
		inspector.open_plugin("test_source", "events 105", platform);
		const bool full = platform == sinsp_plugin_platform::SINSP_PLATFORM_FULL;
		CHECK(inspector.is_plugin() != full && inspector.is_live() == full && !inspector.is_syscall_plugin());
		CHECK((inspector.m_thread_manager->get_thread_count() > 0) == full);
		const auto* machine = inspector.get_machine_info();
		CHECK(machine != nullptr && (machine->num_cpus > 0) == (platform != sinsp_plugin_platform::SINSP_PLATFORM_GENERIC));
		inspector.start_capture();
		uint64_t count = 0;
		events_and_waits(inspector, [&](sinsp_evt* evt) {
			count++;
			const auto n = std::to_string(count);
			CHECK(evt->get_type() == PPME_PLUGINEVENT_E && evt->get_num() == count && evt->get_ts() == 1600000000000000000ull + count);
			CHECK(evt->get_source_idx() == 1 && std::string(evt->get_source_name()) == "test" && evt->get_tid() == -1);
			CHECK(evt->get_param(0)->as<uint32_t>() == 4242 && inspector.get_plugin_manager()->plugin_by_evt(evt) == plugin);
			CHECK(plugin->event_to_string(evt) == "event " + n + " of test");
			const auto line = shown(inspector, checks, evt, "%evt.source %evt.pluginname %evt.plugininfo %s.text");
			CHECK(line == "test test_source event " + n + " of test test: number " + n || fails(line));
			std::string text;
			const auto progress = inspector.get_read_progress_with_str(&text);
			if(count == 50) {
				CHECK(text == "55 left" && progress > 47.6 && progress < 47.7 && inspector.get_read_progress() == progress);
			}
			const sinsp_evt copy = *evt;
			CHECK(copy.get_source_idx() == 1);
		});
		CHECK(count == 105);
		inspector.close();
		uint32_t progress = 7;
		CHECK(plugin->get_progress(progress).empty() && progress == 0 && !inspector.is_plugin());
		// It can be opened anew.
		inspector.open_plugin("test_source", "events 3", platform);
		count = 0;
		events_and_waits(inspector, [&](sinsp_evt*) { count++; });
		CHECK(count == 3);
	}
}

void an_event_without_a_time_gets_one() {
	sinsp inspector;
	auto plugin = added(inspector, "source");
	inspector.open_plugin("test_source", "mixed", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	std::vector<std::string> texts;
	CHECK(events_and_waits(inspector, [&](sinsp_evt* evt) {
		      CHECK(evt->get_ts() > 1600000000000000000ull && evt->get_ts() != UINT64_MAX);
		      texts.push_back(plugin->event_to_string(evt));
	      }) == 1);
	CHECK(texts == std::vector<std::string>({"datalen=2 data=<binary>", "datalen=55 data=the last event, which has more text than is shown ..."}) ||
	      fails(texts.back()));
}

void a_filter_keeps_events_back() {
	sinsp inspector;
	auto plugin = added(inspector, "source");
	sinsp_filter_check_list checks;
	checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
	auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	inspector.open_plugin("test_source", "events 20", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	inspector.set_filter(sinsp_filter_compiler(factory, "s.text endswith 7 and evt.source = test and evt.pluginname = test_source").compile());
	uint64_t count = 0;
	sinsp_evt* evt = nullptr;
	int32_t rc;
	while((rc = inspector.next(&evt)) != SCAP_EOF) {
		count += rc == SCAP_SUCCESS;
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT);
	}
	CHECK(count == 2);
}

void its_events_are_written_and_replayed() {
	const auto file = own + "/plugin.scap";
	{
		sinsp inspector;
		added(inspector, "source");
		inspector.open_plugin("test_source", "events 25", sinsp_plugin_platform::SINSP_PLATFORM_HOSTINFO);
		sinsp_dumper dumper;
		dumper.open(&inspector, file, true);
		events_and_waits(inspector, [&](sinsp_evt* evt) { dumper.dump(evt); });
		dumper.close();
	}
	for(const bool known : {true, false}) {
		sinsp inspector;
		sinsp_filter_check_list checks;
		if(known) {
			checks.add_filter_check(sinsp_plugin::new_filtercheck(added(inspector, "source")));
		}
		inspector.open_savefile(file);
		uint64_t count = 0;
		events_and_waits(inspector, [&](sinsp_evt* evt) {
			if(evt->get_type() != PPME_PLUGINEVENT_E) {
				return;
			}
			count++;
			CHECK(evt->get_ts() == 1600000000000000000ull + count);
			if(known) {
				CHECK(evt->get_source_idx() == 1 && shown(inspector, checks, evt, "%s.text") == "test: number " + std::to_string(count));
			} else {
				CHECK(evt->get_source_idx() == sinsp_no_event_source_idx && evt->get_source_name() == sinsp_no_event_source_name);
				CHECK(shown(inspector, checks, evt, "%evt.source %evt.pluginname") == "<NA> <NA>");
			}
		});
		CHECK(count == 25 || fails(std::to_string(count)));
	}
}

// Other events of the same inspector are of the source of system calls, and have no fields of the plugin.
void a_capture_beside_it() {
	sinsp inspector;
	auto plugin = added(inspector, "source");
	sinsp_filter_check_list checks;
	checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
	inspector.open_plugin("test_source", "events 1000", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_source_idx() == 1);
	inspector.close();
	inspector.open_savefile(capture);
	uint64_t count = 0;
	events_and_waits(inspector, [&](sinsp_evt* evt) {
		CHECK(evt->get_source_idx() == 0 && std::string(evt->get_source_name()) == "syscall");
		if(count++ == 0) {
			CHECK(shown(inspector, checks, evt, "%evt.source %evt.pluginname %evt.plugininfo %s.text") == "syscall <NA> <NA> <NA>");
			CHECK(throws<sinsp_exception>("can't format unknown non-plugin event", [&] { plugin->event_to_string(evt); }));
		}
	});
	CHECK(count > 100);
}

void failures_say_why() {
	sinsp inspector;
	const auto generic = sinsp_plugin_platform::SINSP_PLATFORM_GENERIC;
	CHECK(throws<sinsp_exception>("plugin test_source does not exist", [&] { inspector.open_plugin("test_source", "", generic); }));
	auto plugin = inspector.register_plugin(folder + "/source.so");
	CHECK(throws<sinsp_exception>("not initialized", [&] { inspector.open_plugin("test_source", "", generic); }));
	std::string error;
	CHECK(plugin->init("", error));
	CHECK(throws<scap_open_exception>("the parameters say so", [&] { inspector.open_plugin("test_source", "fail", generic); }));
	CHECK(!inspector.is_plugin());
	CHECK(inspector.register_plugin(folder + "/fields.so")->init("", error));
	CHECK(throws<sinsp_exception>("has not event sourcing capabilities", [&] { inspector.open_plugin("test_fields", "", generic); }));
	const std::vector<std::pair<std::string, std::string>> lies = {
	        {"next fails", "no event today"},
	        {"no events", "0 size event"},
	        {"null array", "gave none"},
	        {"null event", "gave no event"},
	        {"short", "shorter than its header"},
	        {"parameters", "malformed"},
	        {"length", "malformed"},
	        {"number", "actual_id=17"},
	        {"type", "malformed"},
	};
	for(const auto& lie : lies) {
		inspector.open_plugin("test_source", lie.first, generic);
		sinsp_evt* evt = nullptr;
		CHECK(inspector.next(&evt) == SCAP_FAILURE || fails(lie.first));
		CHECK(inspector.getlasterr().find(lie.second) != std::string::npos || fails(lie.first + ": " + inspector.getlasterr()));
		inspector.close();
	}
	inspector.open_plugin("test_source", "events 1", generic);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && inspector.next(&evt) == SCAP_EOF);
}

// The inspector goes while the source is open, and the program still holds the plugin.
void an_open_source_ends_with_its_inspector() {
	std::shared_ptr<sinsp_plugin> plugin;
	{
		sinsp inspector;
		plugin = added(inspector, "source");
		inspector.open_plugin("test_source", "events 100", sinsp_plugin_platform::SINSP_PLATFORM_FULL);
		sinsp_evt* evt = nullptr;
		CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	}
	CHECK(throws<sinsp_exception>("not initialized", [&] { plugin->list_open_params(); }));
}

// Each event that is none is one error, which says where it stands; the others come.
void faults_in_a_batch_are_reported_once() {
	sinsp inspector;
	added(inspector, "source");
	inspector.open_plugin("test_source", "faults between", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	std::vector<std::string> came;
	uint64_t good = 0;
	sinsp_evt* evt = nullptr;
	for(int32_t rc; (rc = inspector.next(&evt)) != SCAP_EOF && came.size() < 100;) {
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_FAILURE);
		came.push_back(rc == SCAP_SUCCESS ? "good" : inspector.getlasterr());
		CHECK(rc == SCAP_FAILURE || evt->get_num() == ++good);
	}
	CHECK(came.size() == 18 || fails(std::to_string(came.size())));
	for(size_t at = 0; at < came.size(); at++) {
		const bool wrong = at % 6 == 0 || at % 6 == 2 || at % 6 == 5;
		const auto place = "(event " + std::to_string(at % 6 + 1) + " of 6 in its batch)";
		CHECK(wrong ? came[at].find(place) != std::string::npos : came[at] == "good" || fails(came[at]));
		CHECK(!wrong || came[at].find("test_source") != std::string::npos || fails(came[at]));
	}
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(faults_in_a_batch_are_reported_once),
	        TEST(it_describes_itself),
	        TEST(its_events_come_in_batches),
	        TEST(an_event_without_a_time_gets_one),
	        TEST(a_filter_keeps_events_back),
	        TEST(its_events_are_written_and_replayed),
	        TEST(a_capture_beside_it),
	        TEST(failures_say_why),
	        TEST(an_open_source_ends_with_its_inspector),
	});
}
