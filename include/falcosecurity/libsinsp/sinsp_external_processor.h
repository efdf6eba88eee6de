// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libsinsp/fdinfo.h>
#include <libsinsp/threadinfo.h>
#include <memory>
class sinsp;
class sinsp_evt;
namespace libsinsp {
enum event_return { EVENT_RETURN_TIMEOUT, EVENT_RETURN_EOF, EVENT_RETURN_NONE, EVENT_RETURN_FILTERED };
class event_processor {
public:
	virtual ~event_processor() = default;
	virtual void on_capture_start() = 0;
	virtual void process_event(sinsp_evt* evt, event_return rc) = 0;
	virtual std::unique_ptr<sinsp_threadinfo> build_threadinfo(const std::shared_ptr<sinsp_threadinfo_ctor_params>& params) {
		return std::make_unique<sinsp_threadinfo>(params);
	}
	virtual std::unique_ptr<sinsp_fdinfo> build_fdinfo(sinsp*) { return std::make_unique<sinsp_fdinfo>(); }
};
}  // namespace libsinsp
