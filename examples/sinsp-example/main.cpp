// SPDX-License-Identifier: Apache-2.0
// sinsp-example: prints or writes the events of this machine or of a capture file, and ends with a summary. See options.cpp.
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <libsinsp/dumper.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/filter/parser.h>
#include <libsinsp/filter/ppm_codes.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include "lists.h"
#include "options.h"
#include "summary.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

// The first signal ends the capture and restores the default action, so that a second one ends the program.
void catch_signals() {
	struct sigaction action = {};
	action.sa_handler = [](int) { interrupted = 1; };
	action.sa_flags = static_cast<int>(SA_RESETHAND);
	sigaction(SIGINT, &action, nullptr);
	sigaction(SIGTERM, &action, nullptr);
}

// The calls that are captured live: those that the filter can accept, and those that the state of threads and files depends on. What the kernel
// does not capture costs nothing.
libsinsp::events::set<ppm_sc_code> wanted_calls(const std::string& filter) {
	if(filter.empty()) {
		return libsinsp::events::all_sc_set();
	}
	const auto ast = libsinsp::filter::parser(filter).parse();
	return libsinsp::filter::ast::ppm_sc_codes(ast.get()).merge(libsinsp::events::sinsp_state_sc_set());
}

void open_source(sinsp& inspector, const options& chosen) {
	if(!chosen.read.empty()) {
		inspector.open_savefile(chosen.read);
	} else if(chosen.module) {
		inspector.open_kmod(DEFAULT_DRIVER_BUFFER_BYTES_DIM, wanted_calls(chosen.filter));
	} else {
		inspector.open_modern_bpf(DEFAULT_DRIVER_BUFFER_BYTES_DIM, DEFAULT_CPU_FOR_EACH_BUFFER, true, wanted_calls(chosen.filter));
	}
}

void open_dumper(sinsp_dumper& dumper, sinsp& inspector, const options& chosen) {
	// The file is emptied when it is opened.
	std::error_code absent;
	if(!chosen.read.empty() && std::filesystem::equivalent(chosen.read, chosen.write, absent)) {
		throw sinsp_exception(chosen.write + " is the file that is read");
	}
	dumper.open(&inspector, chosen.write, chosen.gzip);
}

// The counters of a live capture.
scap_stats counters(const sinsp& inspector) {
	scap_stats stats = {};
	inspector.get_capture_stats(&stats);
	return stats;
}

// Reports lost events, once a second at most.
class loss_report {
public:
	void check(const sinsp& inspector) {
		const auto now = std::chrono::steady_clock::now();
		if(now < m_next) {
			return;
		}
		m_next = now + std::chrono::seconds(1);
		if(const uint64_t lost = counters(inspector).n_drops; lost != m_lost) {
			std::fprintf(stderr, "sinsp-example: %" PRIu64 " events lost: they come faster than they are read\n", lost - m_lost);
			m_lost = lost;
		}
	}

private:
	std::chrono::steady_clock::time_point m_next = {};
	uint64_t m_lost = 0;
};

void capture(const options& chosen) {
	sinsp inspector;
	sinsp_filter_check_list fields;
	sinsp_evt_formatter formatter(&inspector, chosen.format, fields);
	summary counted(inspector, fields);
	sinsp_dumper dumper;
	loss_report losses;
	const bool live = chosen.read.empty();
	const auto form = chosen.json ? sinsp_evt_formatter::OF_JSON : sinsp_evt_formatter::OF_NORMAL;

	if(!chosen.filter.empty()) {
		inspector.set_filter(chosen.filter);
	}
	open_source(inspector, chosen);
	if(!chosen.write.empty()) {
		open_dumper(dumper, inspector, chosen);
	}
	if(live) {
		inspector.start_capture();
		std::fputs("Capturing; Ctrl-C ends it\n", stderr);
	}
	uint64_t read = 0;
	std::string line, error;
	while(!interrupted && counted.events() < chosen.max_events) {
		sinsp_evt* evt = nullptr;
		const int32_t status = inspector.next(&evt);
		if(live) {
			losses.check(inspector);
		}
		if(status == SCAP_TIMEOUT) {
			// No event now: show what was printed.
			std::fflush(stdout);
			continue;
		}
		if(status == SCAP_EOF) {
			break;
		}
		if(status != SCAP_SUCCESS && status != SCAP_FILTERED_EVENT) {
			// What was read until here is counted.
			error = inspector.getlasterr();
			break;
		}
		read++;
		if(status == SCAP_FILTERED_EVENT) {
			continue;
		}
		counted.count(evt);
		if(dumper.is_open()) {
			dumper.dump(evt);
		}
		if(chosen.print && formatter.tostring_withformat(evt, line, form)) {
			std::puts(line.c_str());
		}
	}
	if(live) {
		inspector.stop_capture();
	}
	const uint64_t written = dumper.written_events();
	dumper.close();
	std::fflush(stdout);
	if(chosen.summary) {
		std::fprintf(stderr, "\n%" PRIu64 " events read, %" PRIu64 " of them match", read, counted.events());
		if(live) {
			std::fprintf(stderr, "; %" PRIu64 " lost", counters(inspector).n_drops);
		}
		std::fputc('\n', stderr);
		if(!chosen.write.empty()) {
			std::fprintf(stderr, "%" PRIu64 " events written to %s\n", written, chosen.write.c_str());
		}
		counted.print();
	}
	if(!error.empty()) {
		throw sinsp_exception(error);
	}
}

}  // namespace

int main(int argc, char** argv) try {
	const options chosen = parse_options(argc, argv);
	switch(chosen.what) {
	case options::action::help:
		print_help();
		break;
	case options::action::list_fields:
		list_fields();
		break;
	case options::action::list_events:
		list_events();
		break;
	case options::action::capture:
		catch_signals();
		capture(chosen);
		break;
	}
	if(std::fflush(stdout) != 0 || std::ferror(stdout)) {
		throw std::runtime_error(std::string("cannot write: ") + std::strerror(errno));
	}
	return 0;
} catch(const usage_error& e) {
	std::fprintf(stderr, "sinsp-example: %s (see --help)\n", e.what());
	return 2;
} catch(const std::exception& e) {
	std::fprintf(stderr, "sinsp-example: %s\n", e.what());
	return 1;
}
