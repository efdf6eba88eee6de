// SPDX-License-Identifier: Apache-2.0
// The interface of a program's event processor, which is called with each event after the inspector.
#pragma once

#include <libsinsp/detail/standard.h>

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

// Set with sinsp::register_external_event_processor() before an open. sinsp::next() and the open functions call it on their thread. The rules
// for the functions of sinsp_observer apply.
class event_processor {
public:
	virtual ~event_processor() = default;

	// The inspector was opened and has read no event yet.
	virtual void on_capture_start() = 0;

	// Called before sinsp::next() returns: EVENT_RETURN_NONE with an event, another code with null.
	virtual void process_event(sinsp_evt* evt, event_return rc) = 0;

	// Make the object of a thread or fd. Overridden to use a derived class. Called when the program first accesses a thread or fd, on that thread.
	virtual std::unique_ptr<sinsp_threadinfo> build_threadinfo(const std::shared_ptr<sinsp_threadinfo_ctor_params>& params) {
		return std::make_unique<sinsp_threadinfo>(params);
	}
	virtual std::unique_ptr<sinsp_fdinfo> build_fdinfo(sinsp*) { return std::make_unique<sinsp_fdinfo>(); }
};

}  // namespace libsinsp
