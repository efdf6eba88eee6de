// SPDX-License-Identifier: Apache-2.0
// A program's own stage behind those of the inspector.
#pragma once

#include <libsinsp/fdinfo.h>
#include <libsinsp/threadinfo.h>

#include <memory>

class sinsp;
class sinsp_evt;

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

	// Make the objects of threads and files that the program looks at: of classes of its own, if they are overridden. Called when an object is
	// needed first, by the thread that looks at it.
	virtual std::unique_ptr<sinsp_threadinfo> build_threadinfo(const std::shared_ptr<sinsp_threadinfo_ctor_params>& params) {
		return std::make_unique<sinsp_threadinfo>(params);
	}
	virtual std::unique_ptr<sinsp_fdinfo> build_fdinfo(sinsp*) { return std::make_unique<sinsp_fdinfo>(); }
};

}  // namespace libsinsp
