// SPDX-License-Identifier: Apache-2.0
// The capabilities of a plugin.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bit flags.
typedef enum {
	CAP_NONE = 0,
	CAP_SOURCING = 1 << 0,           // it produces events
	CAP_EXTRACTION = 1 << 1,         // it extracts fields
	CAP_PARSING = 1 << 2,            // it parses events and may change the state
	CAP_ASYNC = 1 << 3,              // it produces asynchronous events
	CAP_CAPTURE_LISTENING = 1 << 4,  // it is called when a capture starts and ends
	CAP_BROKEN = -2147483647 - 1,    // bit 31: its functions contradict each other
} plugin_caps_t;

#ifdef __cplusplus
}
#endif
