// SPDX-License-Identifier: Apache-2.0
// The parser of a plugin, for events that a program passes to it.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/plugin.h>
#include <libsinsp/sinsp.h>
#include <libsinsp/sinsp_event_source.h>
#include <libsinsp/sinsp_exception.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// Passes events to a plugin that parses events. An inspector does it for its own plugins.
class sinsp_plugin_parser {
public:
	// Throws if the plugin does not parse events.
	explicit sinsp_plugin_parser(const std::shared_ptr<sinsp_plugin>& plugin): m_plugin(plugin) {
		if(plugin == nullptr || (plugin->caps() & CAP_PARSING) == 0) {
			throw sinsp_exception("sinsp_plugin_parser: a plugin that does not parse events");
		}
	}
	virtual ~sinsp_plugin_parser() = default;
	sinsp_plugin_parser(const sinsp_plugin_parser&) = default;
	sinsp_plugin_parser& operator=(const sinsp_plugin_parser&) = default;
	sinsp_plugin_parser(sinsp_plugin_parser&&) = default;
	sinsp_plugin_parser& operator=(sinsp_plugin_parser&&) = default;

	// Has the plugin parse the event, if it is of a type and a source that the plugin parses; false if not, or if it fails. `evt_sources`: the
	// inspector's sources. Throws if the plugin is not initialised.
	bool process_event(sinsp_evt* evt, const std::vector<std::string>& evt_sources) {
		const size_t source = evt->get_source_idx();
		return source < evt_sources.size() && m_plugin->parse_event_codes().contains(static_cast<ppm_event_code>(evt->get_type())) &&
		       sinsp_plugin::is_source_compatible(m_plugin->parse_event_sources(), evt_sources[source]) && m_plugin->parse_event(evt);
	}

	const std::shared_ptr<sinsp_plugin>& plugin() const { return m_plugin; }

private:
	std::shared_ptr<sinsp_plugin> m_plugin;
};
