// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <cstdio>
#include <getopt.h>

namespace {

const char* const help = R"(Usage: sinsp-example [OPTION...] [FILTER]

Prints the events of this machine, or of a capture file, that match a filter; at the end, or after Ctrl-C, a summary. Events go to
the standard output, all else to the standard error.

  -r, --read FILE       read a capture file; without it, capture live by the BPF probe (takes CAP_BPF and CAP_PERFMON)
  -k, --kmod            capture live by the kernel module
  -f, --filter FILTER   such as: evt.type = openat and proc.name != bash
  -o, --output FORMAT   such as: %evt.time %proc.name %fd.name; after a * at its start, a missing field is shown as <NA>, otherwise
                        events that lack a field are not printed
  -j, --json            print each event as a JSON object with the fields of the format
  -w, --write FILE      write the events to a capture file, and do not print them without -p
  -z, --gzip            compress that file
  -p, --print           print them also
  -n, --num-events N    end after N events that match
  -q, --quiet           no summary
  -l, --list WHAT       list the `fields` of filters and formats, or the `events`, and end
  -h, --help            this text

Exit status: 0 at the end of the events or when interrupted, 1 after an error, 2 for a wrong command line.
)";

const option known[] = {
        {"read", required_argument, nullptr, 'r'},
        {"kmod", no_argument, nullptr, 'k'},
        {"filter", required_argument, nullptr, 'f'},
        {"output", required_argument, nullptr, 'o'},
        {"json", no_argument, nullptr, 'j'},
        {"write", required_argument, nullptr, 'w'},
        {"gzip", no_argument, nullptr, 'z'},
        {"print", no_argument, nullptr, 'p'},
        {"num-events", required_argument, nullptr, 'n'},
        {"quiet", no_argument, nullptr, 'q'},
        {"list", required_argument, nullptr, 'l'},
        {"help", no_argument, nullptr, 'h'},
        {nullptr, 0, nullptr, 0},
};

uint64_t number(const std::string& text) {
	// Digits that fit in 64 bits.
	if(text.empty() || text.size() > 19 || text.find_first_not_of("0123456789") != std::string::npos) {
		throw usage_error("--num-events takes a number of events, not '" + text + "'");
	}
	return std::stoull(text);
}

options::action list_of(const std::string& text) {
	if(text != "fields" && text != "events") {
		throw usage_error("--list takes 'fields' or 'events', not '" + text + "'");
	}
	return text == "fields" ? options::action::list_fields : options::action::list_events;
}

}  // namespace

void print_help() {
	std::fputs(help, stdout);
}

options parse_options(int argc, char** argv) {
	options chosen;
	bool print = false;
	opterr = 0;
	for(;;) {
		const int at = optind;
		const int letter = getopt_long(argc, argv, ":r:kf:o:jw:zpn:ql:h", known, nullptr);
		if(letter == -1) {
			break;
		}
		switch(letter) {
		case 'r':
			chosen.read = optarg;
			break;
		case 'k':
			chosen.module = true;
			break;
		case 'f':
			chosen.filter = optarg;
			break;
		case 'o':
			chosen.format = optarg;
			break;
		case 'j':
			chosen.json = true;
			break;
		case 'w':
			chosen.write = optarg;
			break;
		case 'z':
			chosen.gzip = true;
			break;
		case 'p':
			print = true;
			break;
		case 'n':
			chosen.max_events = number(optarg);
			break;
		case 'q':
			chosen.summary = false;
			break;
		case 'l':
			chosen.what = list_of(optarg);
			return chosen;
		case 'h':
			chosen.what = options::action::help;
			return chosen;
		case ':':
			throw usage_error(std::string(argv[optind - 1]) + " takes a value");
		default:
			throw usage_error(std::string("no option '") + argv[at] + "'");
		}
	}
	if(optind < argc && chosen.filter.empty()) {
		chosen.filter = argv[optind++];
	}
	if(optind < argc) {
		throw usage_error(std::string("what is '") + argv[optind] + "'? A filter with spaces is quoted");
	}
	if(!chosen.read.empty() && chosen.module) {
		throw usage_error("more than one source: take --read or --kmod");
	}
	if(chosen.gzip && chosen.write.empty()) {
		throw usage_error("--gzip without a file to write");
	}
	if(chosen.format.empty()) {
		chosen.format = "*%evt.num %evt.time %evt.cpu %proc.name %thread.tid %evt.dir %evt.type %evt.args";
	}
	chosen.print = print || chosen.write.empty();
	return chosen;
}
