// SPDX-License-Identifier: Apache-2.0
// What a plugin can do.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bits.
typedef enum {
	CAP_NONE = 0,
	CAP_SOURCING = 1 << 0,           // it makes events
	CAP_EXTRACTION = 1 << 1,         // it has fields
	CAP_PARSING = 1 << 2,            // it looks at every event
	CAP_ASYNC = 1 << 3,              // it makes events of its own accord
	CAP_CAPTURE_LISTENING = 1 << 4,  // it is told when a capture starts and ends
	CAP_BROKEN = -2147483647 - 1,    // bit 31: its functions contradict each other
} plugin_caps_t;

#ifdef __cplusplus
}
#endif
