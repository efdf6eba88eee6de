// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

static const char help[] =
        "Usage: scap-open SOURCE [OPTION...]\n"
        "\n"
        "Reads the events of a source, prints those that are asked for, and ends with statistics: at the end of a capture\n"
        "file, after --num_events events, or when interrupted (Ctrl-C).\n"
        "\n"
        "Sources:\n"
        "  --modern_bpf            the running kernel, by the BPF probe; takes CAP_BPF and CAP_PERFMON\n"
        "  --kmod                  the running kernel, by the kernel module\n"
        "  --scap_file FILE        a capture file, plain or compressed\n"
        "\n"
        "What is captured live:\n"
        "  --ppm_sc CALL           this system call or tracepoint, by code or name; may be repeated; without it, all. With -1\n"
        "                          nothing but what other --ppm_sc options ask for\n"
        "  --simple_set            the calls that make, open, connect or end something, without reads and writes\n"
        "  --drop-failed           leave out the exit of calls that failed\n"
        "  --buffer_dim BYTES      the size of each ring buffer: a power of 2 and a multiple of the page size (default 8 MiB)\n"
        "  --cpus_for_buf N        how many CPUs share a ring buffer; 0: one for all (default 1; --modern_bpf alone)\n"
        "  --available_cpus        ring buffers for CPUs that are offline too (--modern_bpf alone)\n"
        "\n"
        "What is printed:\n"
        "  --evt_type TYPE         every event of this type, by code or name, a line each; `all` for every event, -1 for none\n"
        "                          (the default); may be repeated\n"
        "  --num_events N          end after N events\n"
        "  --verbose LEVEL         messages of the library up to this level, from 1 (fatal) to 8 (trace); default 4 (warning)\n"
        "  --print_syscalls        list the system calls and tracepoints with their codes, and end\n"
        "  -h, --help              this text\n"
        "\n"
        "A printed event: its time in nanoseconds since the epoch, the CPU (0 if a file does not tell), the thread, its name and\n"
        "code, its length in bytes, how many parameters it carries, and each of them as NAME:LENGTH=VALUE.\n"
        "\n"
        "Exit status: 0 at the end of the events or when interrupted, 1 if the source cannot be opened or read, 2 for a wrong\n"
        "command line.\n";

void print_help(void) {
	fputs(help, stdout);
}

enum {
	OPTION_KMOD = 256, // above every character
	OPTION_MODERN_BPF,
	OPTION_SCAP_FILE,
	OPTION_PPM_SC,
	OPTION_SIMPLE_SET,
	OPTION_DROP_FAILED,
	OPTION_BUFFER_DIM,
	OPTION_CPUS_FOR_BUF,
	OPTION_AVAILABLE_CPUS,
	OPTION_EVT_TYPE,
	OPTION_NUM_EVENTS,
	OPTION_VERBOSE,
	OPTION_PRINT_SYSCALLS,
};

static const struct option known[] = {
        {"kmod", no_argument, NULL, OPTION_KMOD},
        {"modern_bpf", no_argument, NULL, OPTION_MODERN_BPF},
        {"scap_file", required_argument, NULL, OPTION_SCAP_FILE},
        {"ppm_sc", required_argument, NULL, OPTION_PPM_SC},
        {"simple_set", no_argument, NULL, OPTION_SIMPLE_SET},
        {"drop-failed", no_argument, NULL, OPTION_DROP_FAILED},
        {"buffer_dim", required_argument, NULL, OPTION_BUFFER_DIM},
        {"cpus_for_buf", required_argument, NULL, OPTION_CPUS_FOR_BUF},
        {"available_cpus", no_argument, NULL, OPTION_AVAILABLE_CPUS},
        {"evt_type", required_argument, NULL, OPTION_EVT_TYPE},
        {"num_events", required_argument, NULL, OPTION_NUM_EVENTS},
        {"verbose", required_argument, NULL, OPTION_VERBOSE},
        {"print_syscalls", no_argument, NULL, OPTION_PRINT_SYSCALLS},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
};

static const char *name_of(int option) {
	const struct option *o = known;
	while(o->name && o->val != option) {
		o++;
	}
	return o->name ? o->name : "?";
}

static bool wrong(int option, const char *value, const char *wanted) {
	fprintf(stderr, "scap-open: --%s takes %s, not '%s'\n", name_of(option), wanted, value);
	return false;
}

// Parses a decimal number from `min` to `max`. Returns false for anything else.
static bool number(const char *text, uint64_t min, uint64_t max, uint64_t *value) {
	if(*text < '0' || *text > '9') {
		return false; // strtoull takes signs and blanks
	}
	char *end;
	errno = 0;
	unsigned long long n = strtoull(text, &end, 10);
	if(errno != 0 || *end != '\0' || n < min || n > max) {
		return false;
	}
	*value = n;
	return true;
}

static bool set_source(struct options *options, enum source source) {
	if(options->source != SOURCE_NONE && options->source != source) {
		fputs("scap-open: more than one source; take one of --modern_bpf, --kmod and --scap_file\n", stderr);
		return false;
	}
	options->source = source;
	return true;
}

static bool add_call(struct options *options, const char *text) {
	uint64_t code;
	options->calls_chosen = true;
	if(strcmp(text, "-1") == 0) {
		return true;
	}
	if(!number(text, 0, UINT64_MAX, &code)) {
		code = scap_ppm_sc_from_name(text);
	}
	if(!call_exists(code)) {
		return wrong(OPTION_PPM_SC, text, "the code or name of a system call or tracepoint (see --print_syscalls)");
	}
	options->calls[code] = true;
	return true;
}

static bool add_printed(struct options *options, const char *text) {
	uint64_t code;
	if(strcmp(text, "-1") == 0) {
		memset(options->printed, false, sizeof(options->printed));
		return true;
	}
	if(number(text, 0, UINT64_MAX, &code)) {
		if(code >= PPM_EVENT_MAX) {
			return wrong(OPTION_EVT_TYPE, text, "the code or name of an event");
		}
		options->printed[code] = true;
		return true;
	}
	// A name selects enter and exit events, and older versions of the event.
	bool all = strcmp(text, "all") == 0, found = false;
	const struct ppm_event_info *table = scap_get_event_info_table();
	for(int i = 0; i < PPM_EVENT_MAX; i++) {
		if(all || strcmp(table[i].name, text) == 0) {
			options->printed[i] = true;
			found = true;
		}
	}
	return found || wrong(OPTION_EVT_TYPE, text, "the code or name of an event");
}

// Takes one option. Returns false if its value is invalid.
static bool take(struct options *options, int option, const char *value) {
	uint64_t n = 0;
	switch(option) {
	case OPTION_KMOD:
		return set_source(options, SOURCE_KMOD);
	case OPTION_MODERN_BPF:
		return set_source(options, SOURCE_MODERN_BPF);
	case OPTION_SCAP_FILE:
		options->file = value;
		return set_source(options, SOURCE_FILE);
	case OPTION_PPM_SC:
		return add_call(options, value);
	case OPTION_SIMPLE_SET:
		options->calls_chosen = true;
		add_simple_set(options->calls);
		return true;
	case OPTION_DROP_FAILED:
		options->drop_failed = true;
		return true;
	case OPTION_BUFFER_DIM:
		if(!number(value, 1, ULONG_MAX, &n)) {
			return wrong(option, value, "a number of bytes");
		}
		options->buffer_bytes = (unsigned long)n;
		return true;
	case OPTION_CPUS_FOR_BUF:
		if(!number(value, 0, UINT16_MAX, &n)) {
			return wrong(option, value, "a number of CPUs");
		}
		options->cpus_per_buffer = (uint16_t)n;
		return true;
	case OPTION_AVAILABLE_CPUS:
		options->online_cpus_only = false;
		return true;
	case OPTION_EVT_TYPE:
		return add_printed(options, value);
	case OPTION_NUM_EVENTS:
		return number(value, 0, UINT64_MAX, &options->max_events) || wrong(option, value, "a number of events");
	case OPTION_VERBOSE:
		if(!number(value, FALCOSECURITY_LOG_SEV_FATAL, FALCOSECURITY_LOG_SEV_TRACE, &n)) {
			return wrong(option, value, "a level from 1 to 8");
		}
		options->log_level = (enum falcosecurity_log_severity)n;
		return true;
	default:
		return false;
	}
}

// Prints why getopt_long refused an argument.
static void refuse(int result, const char *argument) {
	if(result == ':') {
		fprintf(stderr, "scap-open: --%s takes a value (see --help)\n", name_of(optopt));
	} else if(optopt > UCHAR_MAX) {
		fprintf(stderr, "scap-open: --%s takes no value (see --help)\n", name_of(optopt));
	} else if(strcmp(argument, "--tp") == 0) {
		fputs("scap-open: no option --tp: tracepoints are chosen with --ppm_sc, like system calls\n", stderr);
	} else {
		fprintf(stderr, "scap-open: no option '%s' (see --help)\n", argument);
	}
}

enum action parse_options(int argc, char **argv, struct options *options) {
	*options = (struct options){
	        .buffer_bytes = DEFAULT_DRIVER_BUFFER_BYTES_DIM,
	        .cpus_per_buffer = DEFAULT_CPU_FOR_EACH_BUFFER,
	        .online_cpus_only = true,
	        .max_events = UINT64_MAX,
	        .log_level = FALCOSECURITY_LOG_SEV_WARNING,
	};
	for(;;) {
		int at = optind;
		int option = getopt_long(argc, argv, "+:h", known, NULL);
		if(option == -1) {
			break;
		}
		if(option == 'h') {
			return ACTION_HELP;
		}
		if(option == OPTION_PRINT_SYSCALLS) {
			return ACTION_LIST_CALLS;
		}
		if(option == '?' || option == ':') {
			refuse(option, argv[at]);
			return ACTION_NONE;
		}
		if(!take(options, option, optarg)) {
			return ACTION_NONE;
		}
	}
	if(optind < argc) {
		fprintf(stderr, "scap-open: what is '%s'? (see --help)\n", argv[optind]);
		return ACTION_NONE;
	}
	if(options->source == SOURCE_NONE) {
		fputs("scap-open: no source; take one of --modern_bpf, --kmod and --scap_file (see --help)\n", stderr);
		return ACTION_NONE;
	}
	return ACTION_CAPTURE;
}
