// SPDX-License-Identifier: Apache-2.0
// Prints the alerts of a rule set, one a line.
//
//   rules RULES capture CAPTURE [json]    of a capture
//   rules RULES live WORKLOAD             of this machine while a shell script runs, and how often each rule fired
//   rules RULES selected WORKLOAD         the same, while the driver leaves out what no rule wants, with a table of that
#include "rule_set.h"

#include <libsinsp/token_bucket.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// Reads events until the input ends or `ended()`.
template<typename Ended>
void run(sinsp& inspector, rules::rule_set& set, Ended ended) {
	// More alerts than this are not printed.
	token_bucket limit;
	limit.init(1000, 10000);
	uint64_t withheld = 0;
	while(!ended()) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			break;
		}
		if(rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT) {
			continue;
		}
		if(rc != SCAP_SUCCESS) {
			throw sinsp_exception(inspector.getlasterr());
		}
		set.evaluate(evt, [&](const rules::rule& fired, const std::string& text) {
			if(limit.claim(1, evt->get_ts())) {
				std::printf("%" PRIu64 " %s: %s: %s\n", evt->get_num(), fired.priority.c_str(), fired.name.c_str(), text.c_str());
			} else {
				withheld++;
			}
		});
	}
	if(withheld > 0) {
		std::printf("%" PRIu64 " alerts withheld\n", withheld);
	}
}

// Starts the workload, which waits until `go` is closed.
pid_t start(const char* script, int& go) {
	int gate[2];
	if(pipe(gate) != 0) {
		throw sinsp_exception(std::string("pipe: ") + std::strerror(errno));
	}
	const pid_t pid = fork();
	if(pid == 0) {
		close(gate[1]);
		char byte;
		while(read(gate[0], &byte, 1) > 0) {
		}
		execl("/bin/sh", "sh", script, nullptr);
		_exit(127);
	}
	close(gate[0]);
	go = gate[1];
	return pid;
}

// `selects`: the driver leaves out what no rule wants.
void live(sinsp& inspector, rules::rule_set& set, const char* script, bool selects) {
	// The system calls of the rules, and those from which libsinsp learns the state.
	inspector.open_modern_bpf(DEFAULT_DRIVER_BUFFER_BYTES_DIM,
	                          DEFAULT_CPU_FOR_EACH_BUFFER,
	                          true,
	                          set.calls().merge(libsinsp::events::sinsp_state_sc_set()));
	if(selects) {
		std::vector<const sinsp_filter*> conditions;
		for(const auto& each : set.all()) {
			conditions.push_back(each->condition.get());
		}
		const auto selection = inspector.start_event_selection(conditions);
		std::fputs(selection.text().c_str(), stdout);
		if(!selection.is_active()) {
			throw std::runtime_error("nothing is left out");
		}
	}
	int go = -1;
	const pid_t pid = start(script, go);
	inspector.start_capture();
	close(go);
	using clock = std::chrono::steady_clock;
	auto end = clock::time_point::max();
	run(inspector, set, [&] {
		if(end == clock::time_point::max() && waitpid(pid, nullptr, WNOHANG) == pid) {
			end = clock::now() + std::chrono::milliseconds(500);
		}
		return clock::now() > end;
	});
	inspector.stop_capture();
	for(const auto& each : set.all()) {
		std::printf("fired %" PRIu64 " times: %s\n", each->fired, each->name.c_str());
	}
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 4) {
		std::fprintf(stderr, "usage: %s RULES capture|live|selected FILE [json]\n", argv[0]);
		return 2;
	}
	const bool json = argc > 4 && std::strcmp(argv[4], "json") == 0;
	try {
		sinsp inspector;
		sinsp_filter_check_list checks;
		rules::rule_set set(inspector, checks, json ? sinsp_evt_formatter::OF_JSON : sinsp_evt_formatter::OF_NORMAL);
		set.load(argv[1]);
		const bool selects = std::strcmp(argv[2], "selected") == 0;
		if(selects || std::strcmp(argv[2], "live") == 0) {
			live(inspector, set, argv[3], selects);
		} else {
			inspector.open_savefile(argv[3]);
			run(inspector, set, [] { return false; });
		}
	} catch(const std::exception& e) {
		std::fprintf(stderr, "%s\n", e.what());
		return 1;
	}
	return 0;
}
