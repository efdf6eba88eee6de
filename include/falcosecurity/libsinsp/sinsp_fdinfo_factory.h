// SPDX-License-Identifier: Apache-2.0
// The factory of fd objects.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/fdinfo.h>
#include <libsinsp/sinsp_external_processor.h>

#include <memory>
#include <utility>

class sinsp;

// Makes fds of an inspector, with the external event processor's build_fdinfo() if one is set.
class sinsp_fdinfo_factory {
public:
	// `fields`: the dynamic fields of the inspector's fd tables.
	sinsp_fdinfo_factory(sinsp* inspector,
	                     libsinsp::event_processor* const& external_event_processor,
	                     std::shared_ptr<libsinsp::state::dynamic_field_infos> fields = nullptr):
	        m_inspector(inspector),
	        m_external_event_processor(external_event_processor),
	        m_fields(std::move(fields)) {}

	std::unique_ptr<sinsp_fdinfo> create() const {
		if(m_external_event_processor == nullptr) {
			return std::make_unique<sinsp_fdinfo>(m_fields);
		}
		auto built = m_external_event_processor->build_fdinfo(m_inspector);
		if(built != nullptr && built->dynamic_fields() == nullptr && m_fields != nullptr) {
			built->set_dynamic_fields(m_fields);
		}
		return built;
	}

private:
	sinsp* m_inspector;
	libsinsp::event_processor* const& m_external_event_processor;
	std::shared_ptr<libsinsp::state::dynamic_field_infos> m_fields;
};
