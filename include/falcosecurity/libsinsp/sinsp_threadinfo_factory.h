// SPDX-License-Identifier: Apache-2.0
// Makes objects of threads.
#pragma once

#include <libsinsp/sinsp_external_processor.h>
#include <libsinsp/threadinfo.h>

#include <memory>
#include <utility>

// Makes the threads of an inspector: of the class that its external processor builds, if it has one.
class sinsp_threadinfo_factory {
public:
	sinsp_threadinfo_factory(std::shared_ptr<sinsp_threadinfo::ctor_params> params,
	                         libsinsp::event_processor* const& external_event_processor):
	        m_params(std::move(params)),
	        m_external_event_processor(external_event_processor) {}

	std::unique_ptr<sinsp_threadinfo> create() const {
		return m_external_event_processor != nullptr ? m_external_event_processor->build_threadinfo(m_params)
		                                             : std::make_unique<sinsp_threadinfo>(m_params);
	}

	// Always of the class sinsp_threadinfo.
	std::shared_ptr<sinsp_threadinfo> create_shared() const { return std::make_shared<sinsp_threadinfo>(m_params); }

private:
	std::shared_ptr<sinsp_threadinfo::ctor_params> m_params;
	libsinsp::event_processor* const& m_external_event_processor;
};
