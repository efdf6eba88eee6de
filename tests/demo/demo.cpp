// SPDX-License-Identifier: Apache-2.0
// Captures this machine while a small workload runs, and prints what the workload did. If the kernel or the privileges do not allow that, it
// prints the reason in one line and replays a recorded capture.
//
//   demo WORKLOAD CAPTURE [--lines]      --lines: the workload's events, a line each, instead of the account
#include <libsinsp/sinsp.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/filter_check_list.h>

#include "account.h"

#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

const char* const format =
        "*%evt.num %evt.time %proc.name(%proc.pid) parent=%proc.pname %evt.type fd=%fd.name res=%evt.res "
        "args=[%proc.args] %evt.args";

// The system calls that characterize the workload, without those of its start-up.
const char* const interesting =
        "evt.type in (execve, execveat, clone, clone3, fork, vfork, open, openat, openat2, socket, connect, accept4, "
        "mkdir, mkdirat, rename, renameat, renameat2, rmdir, unlink, unlinkat, kill, chdir, procexit)";

struct outcome {
	uint64_t events = 0;
	uint64_t shown = 0;
	double seconds = 0;
};

// Starts the workload with an empty environment; it waits until `go` is closed.
pid_t start_workload(const char* path, int& go) {
	int gate[2];
	if(pipe(gate) != 0) {
		return -1;
	}
	pid_t pid = fork();
	if(pid == 0) {
		close(gate[1]);
		char byte;
		while(read(gate[0], &byte, 1) > 0) {
		}
		char* const argv[] = {const_cast<char*>("sh"), const_cast<char*>(path), nullptr};
		char* const envp[] = {const_cast<char*>("PATH=/usr/bin:/bin"), nullptr};
		execve("/bin/sh", argv, envp);
		_exit(127);
	}
	close(gate[0]);
	go = gate[1];
	return pid;
}

// Whether the standard output is a terminal whose user did not ask for plain text (https://no-color.org).
bool wants_colour() {
	const char* no = getenv("NO_COLOR");
	return isatty(STDOUT_FILENO) && (no == nullptr || *no == '\0');
}

// Takes the events that match the filter until the input ends; live, until those from before the end of the workload have come. Prints them, or what
// they amount to.
outcome show_events(sinsp& inspector, pid_t workload, bool lines) {
	using clock = std::chrono::steady_clock;
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(&inspector, format, checks);
	account story(inspector, wants_colour());
	outcome sum;
	std::string line;
	auto begin = clock::now();
	bool ended = false;
	for(;;) {
		if(workload > 0 && !ended && waitpid(workload, nullptr, WNOHANG) == workload) {
			ended = true;
			inspector.stop_capture();
		}
		sinsp_evt* evt = nullptr;
		int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			break;
		}
		if(rc == SCAP_TIMEOUT) {
			// After the stop, the first one comes when all events have.
			if(ended) {
				break;
			}
			continue;
		}
		if(rc != SCAP_SUCCESS && rc != SCAP_FILTERED_EVENT) {
			throw sinsp_exception(inspector.getlasterr());
		}
		sum.events++;
		if(rc != SCAP_SUCCESS) {
			continue;
		}
		if(!lines) {
			story.take(evt);
		} else if(formatter.tostring(evt, line)) {
			puts(line.c_str());
		}
		sum.shown++;
	}
	sum.seconds = std::chrono::duration<double>(clock::now() - begin).count();
	if(!lines) {
		story.print();
	}
	return sum;
}

void capture_live(const char* workload, bool lines) {
	sinsp inspector;
	inspector.set_hostname_and_port_resolution_mode(false);
	int go = -1;
	inspector.open_modern_bpf();
	pid_t pid = start_workload(workload, go);
	if(pid < 0) {
		throw sinsp_exception(std::string("cannot start the workload: ") + strerror(errno));
	}
	try {
		std::string who = std::to_string(pid);
		inspector.set_filter(std::string(interesting) + " and (proc.pid = " + who + " or proc.apid = " + who + ")");
		inspector.start_capture();
	} catch(...) {
		kill(pid, SIGKILL);
		waitpid(pid, nullptr, 0);
		throw;
	}
	close(go);
	outcome sum = show_events(inspector, pid, lines);
	scap_stats stats;
	inspector.get_capture_stats(&stats);
	printf("live: %" PRIu64 " events read, %" PRIu64 " of the workload, %" PRIu64 " dropped by the driver, %.0f events/s over %.1f s\n",
	       sum.events,
	       sum.shown,
	       stats.n_drops,
	       sum.events / sum.seconds,
	       sum.seconds);
	inspector.close();
}

void replay(const char* capture, bool lines) {
	sinsp inspector;
	inspector.set_hostname_and_port_resolution_mode(false);
	inspector.open_savefile(capture);
	inspector.set_filter(interesting);
	outcome sum = show_events(inspector, 0, lines);
	printf("capture: %" PRIu64 " events read, %" PRIu64 " of the workload, %.0f events/s\n",
	       sum.events,
	       sum.shown,
	       sum.events / sum.seconds);
	inspector.close();
}

}  // namespace

int main(int argc, char** argv) {
	const bool lines = argc == 4 && strcmp(argv[3], "--lines") == 0;
	if(argc != 3 && !lines) {
		fprintf(stderr, "usage: %s WORKLOAD CAPTURE [--lines]\n", argv[0]);
		return 2;
	}
	try {
		capture_live(argv[1], lines);
		return 0;
	} catch(const std::exception& e) {
		printf("no live capture here (%s): replaying a recorded one\n", e.what());
	}
	try {
		replay(argv[2], lines);
	} catch(const std::exception& e) {
		fprintf(stderr, "%s\n", e.what());
		return 1;
	}
	return 0;
}
