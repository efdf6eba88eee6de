// SPDX-License-Identifier: Apache-2.0
// Makes objects of open files.
#pragma once

#include <libsinsp/fdinfo.h>
#include <libsinsp/sinsp_external_processor.h>

#include <memory>

class sinsp;

// Makes the open files of an inspector: of the class that its external processor builds, if it has one.
class sinsp_fdinfo_factory {
public:
	sinsp_fdinfo_factory(sinsp* inspector, libsinsp::event_processor* const& external_event_processor):
	        m_inspector(inspector),
	        m_external_event_processor(external_event_processor) {}

	std::unique_ptr<sinsp_fdinfo> create() const {
		return m_external_event_processor != nullptr ? m_external_event_processor->build_fdinfo(m_inspector)
		                                             : std::make_unique<sinsp_fdinfo>();
	}

private:
	sinsp* m_inspector;
	libsinsp::event_processor* const& m_external_event_processor;
};
