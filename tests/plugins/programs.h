// Shared by the programs of this folder: PROGRAM CAPTURE FOLDER OWN. The capture is a recorded one, the first folder has the plugins of this folder as
// shared objects, and the second one is for files of the program.
#pragma once

#include "../cpp/check.h"

#include <libsinsp/plugin.h>
#include <libsinsp/sinsp.h>

#include <memory>
#include <string>
#include <vector>

inline std::string capture;
inline std::string folder;
inline std::string own;

// The second half of a check that says more than its text.
inline bool fails(const std::string& why) {
	throw std::logic_error(why);
}

// A plugin of the folder, registered and initialised.
inline std::shared_ptr<sinsp_plugin> added(sinsp& inspector, const std::string& name, const std::string& config = "") {
	auto plugin = inspector.register_plugin(folder + "/" + name + ".so");
	std::string error;
	CHECK(plugin->init(config, error) || fails(error));
	return plugin;
}

// The value of a metric.
inline uint64_t metric(const sinsp_plugin& plugin, const std::string& name) {
	for(const auto& metric : plugin.get_metrics()) {
		if(metric.name == plugin.name() + "." + name) {
			return metric.value.u64;
		}
	}
	return fails("no metric " + name);
}

// Calls `each` with the events until the end of the capture; returns how many there were.
template<typename Each>
uint64_t events(sinsp& inspector, Each each) {
	uint64_t count = 0;
	sinsp_evt* evt = nullptr;
	int32_t rc;
	while((rc = inspector.next(&evt)) != SCAP_EOF) {
		if(rc == SCAP_SUCCESS) {
			count++;
			each(evt);
		} else {
			CHECK(rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT || fails(std::to_string(rc) + ": " + inspector.getlasterr()));
		}
	}
	return count;
}

// What the format prints for an event.
inline std::string shown(sinsp& inspector, filter_check_list& checks, sinsp_evt* evt, const std::string& format) {
	sinsp_evt_formatter formatter(&inspector, "*" + format, checks);
	std::string line;
	formatter.tostring(evt, line);
	return line;
}

// The program: its arguments and tests.
inline int run_program(char** argv, const std::vector<test_case>& tests) {
	capture = argv[1];
	folder = argv[2];
	own = argv[3];
	return run_tests(tests);
}

#define TEST(name) test_case{#name, name}
