// SPDX-License-Identifier: Apache-2.0
// Events as text.
#pragma once

#include <stdint.h>

#include <libscap/scap.h>

// Prints an event with its parameters as one line.
void print_event(const scap_evt *event, uint16_t cpu);
