// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L

#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <libscap/scap_vtable.h>

#include "calls.h"

void count_event(struct stats *stats, const scap_evt *event, struct name *name) {
	ppm_sc_code call = call_of_event(event);
	stats->events++;
	stats->bytes += event->len;
	stats->calls[call][PPME_IS_ENTER(event->type) ? 0 : 1]++;
	if(call == PPM_SC_UNKNOWN && event->type < PPM_EVENT_MAX) {
		stats->others[event->type]++;
	}
	if(name) {
		name->events++;
	} else {
		stats->nameless++;
	}
}

static void print_metric(const metrics_v2 *metric) {
	fprintf(stderr, "  %-34s ", metric->name);
	switch(metric->type) {
	case METRIC_VALUE_TYPE_U32:
		fprintf(stderr, "%" PRIu32 "\n", metric->value.u32);
		break;
	case METRIC_VALUE_TYPE_S32:
		fprintf(stderr, "%" PRId32 "\n", metric->value.s32);
		break;
	case METRIC_VALUE_TYPE_U64:
		fprintf(stderr, "%" PRIu64 "\n", metric->value.u64);
		break;
	case METRIC_VALUE_TYPE_S64:
		fprintf(stderr, "%" PRId64 "\n", metric->value.s64);
		break;
	case METRIC_VALUE_TYPE_D:
		fprintf(stderr, "%g\n", metric->value.d);
		break;
	case METRIC_VALUE_TYPE_F:
		fprintf(stderr, "%g\n", (double)metric->value.f);
		break;
	case METRIC_VALUE_TYPE_I:
		fprintf(stderr, "%d\n", metric->value.i);
		break;
	default:
		fputs("?\n", stderr);
		break;
	}
}

static void print_driver(scap_t *handle, enum source source, double seconds) {
	static const struct {
		uint32_t flag;
		const char *title;
	} kinds[] = {
	        {METRICS_V2_KERNEL_COUNTERS, "Counters"},
	        {METRICS_V2_KERNEL_COUNTERS_PER_CPU, "By CPU"},
	        {METRICS_V2_KERNEL_ITER_COUNTERS, "Iterators"},
	        {METRICS_V2_LIBBPF_STATS, "Programs"},
	};
	scap_stats totals;
	if(scap_get_stats(handle, &totals) == SCAP_SUCCESS) {
		fprintf(stderr, "\nDriver: %" PRIu64 " events seen (%.0f a second), %" PRIu64 " dropped\n",
		       totals.n_evts,
		       (double)totals.n_evts / seconds,
		       totals.n_drops);
	} else {
		fprintf(stderr, "\nDriver: no counters: %s\n", scap_getlasterr(handle));
	}
	uint32_t flags = 0, count = 0;
	int32_t rc = SCAP_FAILURE;
	for(size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		flags |= kinds[i].flag;
	}
	const metrics_v2 *metrics = scap_get_stats_v2(handle, flags, &count, &rc);
	if(!metrics || rc != SCAP_SUCCESS) {
		fprintf(stderr, "No metrics: %s\n", scap_getlasterr(handle));
		return;
	}
	for(size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		bool titled = false;
		for(uint32_t m = 0; m < count; m++) {
			if(metrics[m].flags == kinds[i].flag) {
				if(!titled) {
					fprintf(stderr, "%s:\n", kinds[i].title);
					titled = true;
				}
				print_metric(&metrics[m]);
			}
		}
	}
	if(source == SOURCE_MODERN_BPF && !(scap_get_engine_flags(handle) & ENGINE_FLAG_BPF_STATS_ENABLED)) {
		fputs("The kernel does not count what programs run: /proc/sys/kernel/bpf_stats_enabled is 0\n", stderr);
	}
}

struct row {
	const char *name;
	uint64_t enter;
	uint64_t exit;
};

// Orders by number of events, largest first.
static int compare_rows(const void *left, const void *right) {
	const struct row *l = left, *r = right;
	uint64_t a = l->enter + l->exit, b = r->enter + r->exit;
	return (a < b) - (a > b);
}

static void print_name(const struct stats *stats, uint64_t events, const char *name) {
	fprintf(stderr, "%12" PRIu64 " %6.1f%%  %s\n", events, 100.0 * (double)events / (double)stats->events, name);
}

// Prints the names whose threads had the most events.
static void print_names(const struct stats *stats) {
	enum { SHOWN = 10 };
	size_t count;
	struct name *const *names = all_names(&count);
	uint64_t rest = stats->events - stats->nameless;
	if(rest) {
		fputs("\n      events       %  process\n", stderr);
	}
	for(size_t i = 0; i < count && i < SHOWN && names[i]->events; i++) {
		rest -= names[i]->events;
		print_name(stats, names[i]->events, names[i]->text);
	}
	if(rest) {
		print_name(stats, rest, "(others)");
	}
	if(stats->nameless) {
		print_name(stats, stats->nameless, "(not known)");
	}
}

static void print_calls(const struct stats *stats) {
	static struct row rows[PPM_SC_MAX + PPM_EVENT_MAX / 2 + 1];
	size_t count = 0;
	for(int code = 0; code < PPM_SC_MAX; code++) {
		if(code != PPM_SC_UNKNOWN && (stats->calls[code][0] || stats->calls[code][1])) {
			rows[count++] = (struct row){scap_get_ppm_sc_name((ppm_sc_code)code), stats->calls[code][0], stats->calls[code][1]};
		}
	}
	const struct ppm_event_info *events = scap_get_event_info_table();
	for(int type = 0; type + 1 < PPM_EVENT_MAX; type += 2) {
		if(stats->others[type] || stats->others[type + 1]) {
			rows[count++] = (struct row){events[type].name, stats->others[type], stats->others[type + 1]};
		}
	}
	qsort(rows, count, sizeof(*rows), compare_rows);
	if(count) {
		fputs("\n       enter         exit  call, tracepoint or other event\n", stderr);
	}
	for(size_t i = 0; i < count; i++) {
		fprintf(stderr, "%12" PRIu64 " %12" PRIu64 "  %s\n", rows[i].enter, rows[i].exit, rows[i].name);
	}
}

void print_stats(const struct stats *stats, const struct capture *capture, const struct options *options) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double seconds = (double)(now.tv_sec - stats->start.tv_sec) + (double)(now.tv_nsec - stats->start.tv_nsec) / 1e9;
	if(seconds <= 0) {
		seconds = 1e-9;
	}
	fprintf(stderr, "\nRead: %" PRIu64 " events, %" PRIu64 " bytes", stats->events, stats->bytes);
	if(stats->events) {
		fprintf(stderr, " (%" PRIu64 " an event)", stats->bytes / stats->events);
	}
	fprintf(stderr, ", in %.3f s (%.0f events a second)\n", seconds, (double)stats->events / seconds);
	fprintf(stderr, "Calls of scap_next: %" PRIu64 ", of them %" PRIu64 " without an event\n", stats->nexts, stats->timeouts);
	fprintf(stderr, "At the start: %" PRIu64 " threads and %" PRIu64 " fds\n", capture->system.threads, capture->system.fds);
	if(options->source != SOURCE_FILE) {
		print_driver(capture->handle, options->source, seconds);
	}
	print_names(stats);
	print_calls(stats);
}
