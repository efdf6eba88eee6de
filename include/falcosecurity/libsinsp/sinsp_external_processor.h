// SPDX-License-Identifier: Apache-2.0
// A program's own stage behind those of the inspector.
#pragma once

#include <libsinsp/event.h>

namespace libsinsp {

enum event_return {
	EVENT_RETURN_TIMEOUT,
	EVENT_RETURN_EOF,
	EVENT_RETURN_NONE,
	EVENT_RETURN_FILTERED,
};

// Registered with sinsp::register_external_event_processor() before anything is opened. Its functions are called from within sinsp::next()
// and the functions that open, by the thread that calls those. What holds for the functions of a sinsp_observer holds for them, too.
class event_processor {
public:
	virtual ~event_processor() = default;

	// The inspector was opened; the first event is yet to come.
	virtual void on_capture_start() = 0;

	// An event is about to be handed out (EVENT_RETURN_NONE), or there is none, and `evt` is null.
	virtual void process_event(sinsp_evt* evt, event_return rc) = 0;
};

}  // namespace libsinsp
