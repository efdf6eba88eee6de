// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L

#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "values.h"

#define NS_PER_SECOND UINT64_C(1000000000)

// Prints a time in nanoseconds since the epoch as local time.
static void print_local(uint64_t ns, bool date) {
	// Most events are of the same second as the one before.
	static time_t second = -1;
	static struct tm local;
	if((time_t)(ns / NS_PER_SECOND) != second) {
		second = (time_t)(ns / NS_PER_SECOND);
		localtime_r(&second, &local);
	}
	if(date) {
		printf("%04d-%02d-%02dT", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
	}
	printf("%02d:%02d:%02d.%09" PRIu64, local.tm_hour, local.tm_min, local.tm_sec, ns % NS_PER_SECOND);
	if(date) {
		char zone[8] = "";
		strftime(zone, sizeof(zone), "%z", &local);
		fputs(zone, stdout);
	}
}

static void print_time(uint64_t ns, enum time_format format) {
	static uint64_t first = UINT64_MAX;
	switch(format) {
	case TIME_CLOCK:
	case TIME_DATE:
		print_local(ns, format == TIME_DATE);
		break;
	case TIME_EPOCH:
		printf("%" PRIu64, ns);
		break;
	case TIME_RELATIVE:
		if(first == UINT64_MAX) {
			first = ns;
		}
		// An event of another CPU may be earlier than the first one.
		uint64_t distance = ns < first ? first - ns : ns - first;
		printf("%s%" PRIu64 ".%09" PRIu64, ns < first ? "-" : "", distance / NS_PER_SECOND, distance % NS_PER_SECOND);
		break;
	}
}

void print_event(const scap_evt *event, uint16_t cpu, const char *name, enum time_format format) {
	struct scap_sized_buffer params[PPM_MAX_EVENT_PARAMS];
	const struct ppm_event_info *info = scap_event_getinfo(event);
	print_time(event->ts, format);
	printf(" cpu=%u tid=%" PRIu64 " comm=", cpu, event->tid);
	if(name) {
		print_text((struct bytes){(const unsigned char *)name, strlen(name)});
	} else {
		fputs("<NA>", stdout);
	}
	printf(" %c %s(%u) len=%" PRIu32 " params=%" PRIu32,
	       PPME_IS_ENTER(event->type) ? '>' : '<',
	       info ? info->name : "unknown",
	       event->type,
	       event->len,
	       event->nparams);
	uint32_t known = info ? scap_event_decode_params(event, params) : 0;
	for(uint32_t i = 0; i < known; i++) {
		print_param((struct bytes){params[i].buf, params[i].size}, &info->params[i]);
	}
	putchar('\n');
}
