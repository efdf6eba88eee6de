// SPDX-License-Identifier: Apache-2.0
// Events as lines of text.
#pragma once

#include <stdint.h>

#include <libscap/scap.h>

// How the time of an event is printed.
enum time_format {
	TIME_CLOCK,    // the local time of day
	TIME_DATE,     // the local date and time
	TIME_EPOCH,    // nanoseconds since the epoch
	TIME_RELATIVE, // seconds since the first printed event
};

// Prints an event with the name of its process (null if not known) and its parameters as one line.
void print_event(const scap_evt *event, uint16_t cpu, const char *name, enum time_format format);
