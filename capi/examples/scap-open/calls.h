// SPDX-License-Identifier: Apache-2.0
// System calls and tracepoints by their codes (ppm_sc), and the events that they produce.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libscap/scap.h>

bool call_exists(uint64_t code);

// Sets the calls of a small common set to true in `calls`, which has PPM_SC_MAX entries.
void add_simple_set(bool *calls);

// Returns the call that produced an event; PPM_SC_UNKNOWN if none did.
ppm_sc_code call_of_event(const scap_evt *event);
