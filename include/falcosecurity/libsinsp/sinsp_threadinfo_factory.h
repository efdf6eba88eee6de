// SPDX-License-Identifier: Apache-2.0
// The factory of thread objects.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_external_processor.h>
#include <libsinsp/threadinfo.h>

#include <memory>
#include <utility>

// Makes threads of an inspector, with the external event processor's build_threadinfo() if one is set.
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

	// Ignores the event processor.
	std::shared_ptr<sinsp_threadinfo> create_shared() const { return std::make_shared<sinsp_threadinfo>(m_params); }

private:
	std::shared_ptr<sinsp_threadinfo::ctor_params> m_params;
	libsinsp::event_processor* const& m_external_event_processor;
};
