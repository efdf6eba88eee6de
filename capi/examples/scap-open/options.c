// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

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
	OPTION_TID,
	OPTION_COMM,
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
        {"tid", required_argument, NULL, OPTION_TID},
        {"comm", required_argument, NULL, OPTION_COMM},
        {"read", required_argument, NULL, OPTION_SCAP_FILE},
        {"write", required_argument, NULL, 'w'},
        {"gzip", no_argument, NULL, 'z'},
        {"print", no_argument, NULL, 'p'},
        {"time", required_argument, NULL, 't'},
        {"quiet", no_argument, NULL, 'q'},
        {"list", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
};

// The short options; those of the first group are other names of long ones.
static const char letters[] = "+:r:e:n:w:zpt:qlh";

static int long_option(int option) {
	return option == 'r' ? OPTION_SCAP_FILE : option == 'e' ? OPTION_EVT_TYPE : option == 'n' ? OPTION_NUM_EVENTS : option;
}

static const char *name_of(int option) {
	const struct option *o = known;
	while(o->name && o->val != long_option(option)) {
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
		fputs("scap-open: more than one source; take one of --modern_bpf, --kmod and -r FILE\n", stderr);
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

static bool add_type(struct options *options, const char *text) {
	uint64_t code;
	if(strcmp(text, "-1") == 0) {
		memset(options->types, false, sizeof(options->types));
		options->types_chosen = false;
		return true;
	}
	options->types_chosen = true;
	if(number(text, 0, UINT64_MAX, &code)) {
		if(code >= PPM_EVENT_MAX) {
			return wrong(OPTION_EVT_TYPE, text, "the code or name of an event (see --list)");
		}
		options->types[code] = true;
		return true;
	}
	// A name selects enter and exit events, and older versions of the event.
	bool all = strcmp(text, "all") == 0, found = false;
	const struct ppm_event_info *table = scap_get_event_info_table();
	for(int i = 0; i < PPM_EVENT_MAX; i++) {
		if(all || strcmp(table[i].name, text) == 0) {
			options->types[i] = true;
			found = true;
		}
	}
	return found || wrong(OPTION_EVT_TYPE, text, "the code or name of an event (see --list)");
}

static bool add_tid(struct options *options, const char *text) {
	uint64_t tid;
	if(!number(text, 0, INT64_MAX, &tid)) {
		return wrong(OPTION_TID, text, "the id of a thread");
	}
	if(options->tid_count == MAX_SELECTED) {
		return wrong(OPTION_TID, text, "64 threads at most");
	}
	options->tids[options->tid_count++] = (int64_t)tid;
	return true;
}

static bool add_comm(struct options *options, const char *text) {
	if(options->comm_count == MAX_SELECTED) {
		return wrong(OPTION_COMM, text, "64 names at most");
	}
	options->comms[options->comm_count++] = text;
	return true;
}

static bool set_time(struct options *options, const char *text) {
	static const char *const names[] = {"clock", "date", "epoch", "relative"};
	for(size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if(strcmp(text, names[i]) == 0) {
			options->time = (enum time_format)i;
			return true;
		}
	}
	return wrong('t', text, "clock, date, epoch or relative");
}

bool is_selected(const struct options *options, const scap_evt *event, const char *name) {
	if(options->types_chosen && (event->type >= PPM_EVENT_MAX || !options->types[event->type])) {
		return false;
	}
	bool of_thread = options->tid_count == 0, of_name = options->comm_count == 0;
	for(size_t i = 0; i < options->tid_count && !of_thread; i++) {
		of_thread = (int64_t)event->tid == options->tids[i];
	}
	for(size_t i = 0; i < options->comm_count && !of_name; i++) {
		of_name = name && strcmp(name, options->comms[i]) == 0;
	}
	return of_thread && of_name;
}

bool prints(const struct options *options) {
	bool selecting = options->types_chosen || options->tid_count || options->comm_count;
	return options->print_all || (selecting && !options->output);
}

// Takes one option. Returns false if its value is invalid.
static bool take(struct options *options, int option, const char *value) {
	uint64_t n = 0;
	switch(long_option(option)) {
	case OPTION_KMOD:
		return set_source(options, SOURCE_KMOD);
	case OPTION_MODERN_BPF:
		return set_source(options, SOURCE_MODERN_BPF);
	case OPTION_SCAP_FILE:
		options->file = strcmp(value, "-") == 0 ? "/dev/stdin" : value;
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
		return add_type(options, value);
	case OPTION_TID:
		return add_tid(options, value);
	case OPTION_COMM:
		return add_comm(options, value);
	case 'w':
		options->output = value;
		return true;
	case 'z':
		options->compressed = true;
		return true;
	case 'p':
		options->print_all = true;
		return true;
	case 't':
		return set_time(options, value);
	case 'q':
		options->quiet = true;
		return true;
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
		int option = getopt_long(argc, argv, letters, known, NULL);
		if(option == -1) {
			break;
		}
		if(option == 'h') {
			return ACTION_HELP;
		}
		if(option == OPTION_PRINT_SYSCALLS) {
			return ACTION_LIST_CALLS;
		}
		if(option == 'l') {
			return ACTION_LIST_EVENTS;
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
	if(options->compressed && !options->output) {
		fputs("scap-open: --gzip without a file to write (see --help)\n", stderr);
		return ACTION_NONE;
	}
	if(options->source == SOURCE_NONE) {
		fputs("scap-open: no source; take one of --modern_bpf, --kmod and -r FILE (see --help)\n", stderr);
		return ACTION_NONE;
	}
	return ACTION_CAPTURE;
}
