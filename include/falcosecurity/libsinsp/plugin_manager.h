// SPDX-License-Identifier: Apache-2.0
// The plugins of an inspector.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/event.h>
#include <libsinsp/plugin.h>
#include <libsinsp/sinsp_event_source.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The plugins of an inspector, in the order in which they were registered, and its event sources.
class sinsp_plugin_manager {
public:
	// `event_sources` has to stay as long as the manager, which appends to it.
	sinsp_plugin_manager(std::vector<std::string>& event_sources): m_event_sources(event_sources) {}
	sinsp_plugin_manager(sinsp_plugin_manager&&) = default;
	sinsp_plugin_manager(const sinsp_plugin_manager&) = delete;
	sinsp_plugin_manager& operator=(const sinsp_plugin_manager&) = delete;
	virtual ~sinsp_plugin_manager() = default;

	// Adds a plugin. Throws if there is one with its name, or another source of events with its number.
	void add(const std::shared_ptr<sinsp_plugin>& plugin) {
		const bool is_source = is_event_source(*plugin);
		for(const auto& known : m_plugins) {
			if(known->name() == plugin->name()) {
				throw sinsp_exception("found another plugin with name " + plugin->name());
			}
			if(is_source && is_event_source(*known) && known->id() == plugin->id()) {
				throw sinsp_exception("found another plugin with ID " + std::to_string(plugin->id()) + ": " + known->name());
			}
		}
		if(is_source && source_index(plugin->event_source()) == m_event_sources.size()) {
			m_event_sources.push_back(plugin->event_source());
		}
		m_plugins.push_back(plugin);
	}

	const std::vector<std::shared_ptr<sinsp_plugin>>& plugins() const { return m_plugins; }

	// The source of events with this number; null if there is none.
	const std::shared_ptr<sinsp_plugin>& plugin_by_id(uint32_t plugin_id) const {
		for(const auto& plugin : m_plugins) {
			if(is_event_source(*plugin) && plugin->id() == plugin_id) {
				return plugin;
			}
		}
		return m_none;
	}

	// The plugin that made an event; null for other events.
	const std::shared_ptr<sinsp_plugin>& plugin_by_evt(sinsp_evt* evt) const {
		return evt != nullptr && evt->get_type() == PPME_PLUGINEVENT_E ? plugin_by_id(evt->get_param(0)->as<uint32_t>()) : m_none;
	}

	// The position of a plugin's source in the list of event sources; sinsp_no_event_source_idx, and false in `found`, if there is none.
	size_t source_idx_by_plugin_id(uint32_t plugin_id, bool& found) const {
		const auto& plugin = plugin_by_id(plugin_id);
		found = plugin != nullptr;
		return found ? source_index(plugin->event_source()) : sinsp_no_event_source_idx;
	}

private:
	static bool is_event_source(const sinsp_plugin& plugin) { return (plugin.caps() & CAP_SOURCING) != 0 && plugin.id() != 0; }

	size_t source_index(const std::string& name) const {
		size_t index = 0;
		while(index < m_event_sources.size() && m_event_sources[index] != name) {
			index++;
		}
		return index;
	}

	std::vector<std::string>& m_event_sources;
	std::vector<std::shared_ptr<sinsp_plugin>> m_plugins;
	const std::shared_ptr<sinsp_plugin> m_none;
};
