// SPDX-License-Identifier: Apache-2.0
// Measures the speed of replaying a capture:
//
//   replay -r CAPTURE [-q] [-o FORMAT] [--filters FILE]
//
// -q only reads events and keeps the state; -o formats every event; --filters runs the filters of a file, one per line, on every event. Uses the
// public API only, so that it can be built against any library that has it.
#include <libsinsp/sinsp.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter_check_list.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

int main(int argc, char** argv) {
	std::string file, format, rules;
	for(int i = 1; i < argc; i++) {
		std::string option = argv[i];
		std::string* value = option == "-r" ? &file : option == "-o" ? &format : option == "--filters" ? &rules : nullptr;
		if(value != nullptr && i + 1 < argc) {
			*value = argv[++i];
		} else if(option != "-q") {
			fprintf(stderr, "usage: %s -r CAPTURE [-q] [-o FORMAT] [--filters FILE]\n", argv[0]);
			return 2;
		}
	}
	try {
		sinsp inspector;
		inspector.set_hostname_and_port_resolution_mode(false);
		inspector.open_savefile(file);
		auto checks = std::make_shared<sinsp_filter_check_list>();
		auto factory = std::make_shared<sinsp_filter_factory>(&inspector, *checks);
		std::unique_ptr<sinsp_evt_formatter> formatter;
		if(!format.empty()) {
			formatter = std::make_unique<sinsp_evt_formatter>(&inspector, format, *checks);
		}
		std::vector<std::unique_ptr<sinsp_filter>> filters;
		std::ifstream in(rules);
		std::string line;
		while(!rules.empty() && std::getline(in, line)) {
			if(!line.empty() && line[0] != '#') {
				filters.push_back(sinsp_filter_compiler(factory, line).compile());
			}
		}
		uint64_t events = 0, hits = 0, bytes = 0;
		auto begin = std::chrono::steady_clock::now();
		sinsp_evt* evt = nullptr;
		for(int32_t rc; (rc = inspector.next(&evt)) != SCAP_EOF;) {
			if(rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT) {
				continue;
			}
			if(rc != SCAP_SUCCESS) {
				throw sinsp_exception(inspector.getlasterr());
			}
			events++;
			for(auto& filter : filters) {
				hits += filter->run(evt);
			}
			if(formatter && formatter->tostring(evt, line)) {
				bytes += line.size();
			}
		}
		double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
		fprintf(stderr,
		        "events=%" PRIu64 " seconds=%.3f rate=%.0f hits=%" PRIu64 " bytes=%" PRIu64 "\n",
		        events,
		        seconds,
		        events / seconds,
		        hits,
		        bytes);
	} catch(const std::exception& e) {
		fprintf(stderr, "%s\n", e.what());
		return 1;
	}
	return 0;
}
