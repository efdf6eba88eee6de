// SPDX-License-Identifier: Apache-2.0
// Prints what this machine does, an event a line as JSON, until Ctrl-C; then how many events there were, and how many were lost.
//
//   monitor [FILTER]            such as: monitor 'evt.type = execve'
#include <libsinsp/sinsp.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/filter_check_list.h>

#include <csignal>
#include <cstdio>
#include <string>

namespace {
volatile std::sig_atomic_t stopped = 0;

void stop(int) {
	stopped = 1;
}
}  // namespace

int main(int argc, char** argv) try {
	std::signal(SIGINT, stop);
	std::signal(SIGTERM, stop);
	std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);

	sinsp inspector;
	inspector.set_filter(argc > 1 ? argv[1] : "evt.type in (execve, open, openat, connect)");
	inspector.open_modern_bpf();
	inspector.start_capture();

	sinsp_filter_check_list fields;
	sinsp_evt_formatter formatter(&inspector, "*%evt.time %proc.name %proc.pid %evt.type %fd.name %evt.res", fields);
	uint64_t shown = 0;
	std::string line;
	while(!stopped) {
		sinsp_evt* evt = nullptr;
		int32_t status = inspector.next(&evt);
		if(status == SCAP_TIMEOUT || status == SCAP_FILTERED_EVENT) {
			continue;
		}
		if(status != SCAP_SUCCESS) {
			throw sinsp_exception(inspector.getlasterr());
		}
		if(formatter.tostring_withformat(evt, line, sinsp_evt_formatter::OF_JSON)) {
			std::puts(line.c_str());
			shown++;
		}
	}

	inspector.stop_capture();
	scap_stats stats;
	inspector.get_capture_stats(&stats);
	std::fprintf(stderr,
	             "%llu events shown of %llu; %llu lost\n",
	             static_cast<unsigned long long>(shown),
	             static_cast<unsigned long long>(stats.n_evts),
	             static_cast<unsigned long long>(stats.n_drops));
	return 0;
} catch(const std::exception& e) {
	std::fprintf(stderr, "monitor: %s\n", e.what());
	return 1;
}
