// Plugins that send events from threads of their own and listen to captures: async CAPTURE FOLDER OWN. The folder has the plugins of this folder.
#include "programs.h"

#include <libsinsp/dumper.h>
#include <libsinsp/filter_check_list.h>

#include <algorithm>

namespace {

bool is_tick(sinsp_evt* evt) {
	return evt->get_type() == PPME_ASYNCEVENT_E && std::string(evt->get_param(1)->as<std::string>()) == "tick";
}

// Reads events until so many ticks came; returns the others.
uint64_t read_ticks(sinsp& inspector, uint64_t ticks, uint32_t plugin_id, size_t source) {
	uint64_t others = 0;
	sinsp_evt* evt = nullptr;
	while(ticks > 0) {
		const auto rc = inspector.next(&evt);
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT);
		if(rc != SCAP_SUCCESS || !is_tick(evt)) {
			others++;
			continue;
		}
		ticks--;
		CHECK(evt->get_param(0)->as<uint32_t>() == plugin_id && evt->get_source_idx() == source && evt->get_ts() != UINT64_MAX);
		static sinsp_filter_check_list checks;
		sinsp_evt_formatter formatter(&inspector, "%evt.source %evt.asynctype %evt.is_async", checks);
		std::string line;
		CHECK(formatter.tostring(evt, line) && line == inspector.event_sources()[source] + " tick true");
	}
	return others;
}

void events_come_from_eight_threads() {
	sinsp inspector;
	auto plugin = added(inspector, "async", "8 100");
	CHECK(plugin->caps() == (CAP_ASYNC | CAP_CAPTURE_LISTENING));
	CHECK(plugin->async_event_names() == std::unordered_set<std::string>({"tick", "tock"}));
	CHECK(plugin->async_event_sources() == std::unordered_set<std::string>({"syscall", "test"}));
	for(uint64_t round = 1; round <= 2; round++) {
		inspector.open_nodriver();
		read_ticks(inspector, 800, 0, 0);
		inspector.close();
		CHECK(metric(*plugin, "sent") == 800 * round && metric(*plugin, "refused") == 0);
		CHECK(metric(*plugin, "opened") == round && metric(*plugin, "closed") == round && metric(*plugin, "late") == round);
		CHECK(plugin->get_last_error().find("NULL handler") != std::string::npos || fails(plugin->get_last_error()));
	}
}

void events_have_the_source_of_the_open_plugin() {
	sinsp inspector;
	auto plugin = added(inspector, "async", "1 10");
	added(inspector, "source", "");
	inspector.open_plugin("test_source", "events 1000", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	while(metric(*plugin, "sent") < 10) {
	}
	read_ticks(inspector, 10, 4242, 1);
	inspector.close();
	CHECK(metric(*plugin, "refused") == 0);
}

// Events stand in the order of their times.
void events_with_a_time_wait_for_it() {
	sinsp inspector;
	auto plugin = added(inspector, "async", "1 1 at");
	added(inspector, "source", "");
	inspector.open_plugin("test_source", "events 1000", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	while(metric(*plugin, "sent") < 1) {
	}
	uint64_t last = 0, ticks = 0;
	sinsp_evt* evt = nullptr;
	while(inspector.next(&evt) == SCAP_SUCCESS) {
		ticks += is_tick(evt);
		CHECK(evt->get_ts() >= last);
		last = evt->get_ts();
	}
	CHECK(last == 1600000000000001000ull && ticks == 1);
}

void events_that_are_wrong_are_refused() {
	const std::vector<std::pair<std::string, std::string>> wrong = {
	        {"name", "incompatible async event 'other' produced by plugin: test_async"},
	        {"type", "malformed async event produced by plugin: test_async"},
	        {"length", "malformed async event produced by plugin: test_async"},
	        {"null", "null async event"},
	        {"tid", "can have no thread associated with open event source 'test'"},
	};
	for(const auto& bad : wrong) {
		sinsp inspector;
		auto plugin = added(inspector, "async", "2 5 " + bad.first);
		added(inspector, "source", "");
		inspector.open_plugin("test_source", "events 10", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
		sinsp_evt* evt = nullptr;
		uint64_t count = 0;
		while(metric(*plugin, "refused") < 10) {
		}
		const auto error = plugin->get_last_error();
		while(inspector.next(&evt) == SCAP_SUCCESS) {
			count++;
		}
		CHECK(count == 10 && metric(*plugin, "sent") == 0);
		CHECK(error.find(bad.second) != std::string::npos || fails(bad.first + ": " + error));
	}
}

// A capture file has the async events already.
void a_capture_file_takes_none() {
	sinsp inspector;
	auto plugin = added(inspector, "async", "1 10");
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	int32_t rc;
	while((rc = inspector.next(&evt)) != SCAP_EOF) {
		CHECK(rc != SCAP_SUCCESS || !is_tick(evt));
	}
	CHECK(metric(*plugin, "opened") == 1 && metric(*plugin, "sent") == 0 && metric(*plugin, "refused") == 0);
	while(metric(*plugin, "called") < 10) {
	}
	inspector.close();
	const auto called = metric(*plugin, "called");
	CHECK(metric(*plugin, "closed") == 1 && metric(*plugin, "called") == called);
}

void the_state_goes_into_captures() {
	const auto file = own + "/state.scap";
	{
		sinsp inspector;
		added(inspector, "async", "0 0");
		inspector.open_nodriver();
		sinsp_dumper dumper;
		dumper.open(&inspector, file, false);
		dumper.close();
	}
	sinsp inspector;
	struct counter: libsinsp::event_processor {
		uint64_t states = 0;
		void on_capture_start() override {}
		void process_event(sinsp_evt* evt, libsinsp::event_return) override {
			states += evt != nullptr && is_tick(evt) && evt->get_param(2)->as<std::string>() == "state";
		}
	} seen;
	inspector.register_external_event_processor(seen);
	inspector.open_savefile(file);
	sinsp_evt* evt = nullptr;
	while(inspector.next(&evt) != SCAP_EOF) {
	}
	CHECK(seen.states == 1 || fails(std::to_string(seen.states)));
}

void what_is_wrong_is_said() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/async.so");
	CHECK(throws<scap_open_exception>("not initialized", [&] { inspector.open_nodriver(); }));
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_FAILURE);
	std::string error;
	CHECK(!plugin->init("nothing", error) && error.find("no configuration") != std::string::npos);
	CHECK(plugin->init("1 1", error));
	inspector.open_nodriver();
	read_ticks(inspector, 1, 0, 0);
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(events_come_from_eight_threads),
	        TEST(events_have_the_source_of_the_open_plugin),
	        TEST(events_with_a_time_wait_for_it),
	        TEST(events_that_are_wrong_are_refused),
	        TEST(a_capture_file_takes_none),
	        TEST(the_state_goes_into_captures),
	        TEST(what_is_wrong_is_said),
	});
}
