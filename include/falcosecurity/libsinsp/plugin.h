// SPDX-License-Identifier: Apache-2.0
// Plugins.
#pragma once

#include <libscap/engine/source_plugin/source_plugin_public.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/sinsp_table.h>
#include <plugin/plugin_loader.h>

#include <cstdint>
#include <memory>
#include <string>

// A plugin. This version cannot load any: sinsp::register_plugin() throws.
class sinsp_plugin {
public:
	sinsp_plugin() = delete;
	virtual ~sinsp_plugin() = default;

	plugin_caps_t caps() const { return CAP_NONE; }
	const std::string& name() const { return m_name; }
	uint32_t id() const { return 0; }

	// Returns false and sets `error`.
	bool init(const std::string&, std::string& error) {
		error = "plugins are not supported";
		return false;
	}

	// Throws.
	static std::unique_ptr<sinsp_filter_check> new_filtercheck(const std::shared_ptr<sinsp_plugin>&) {
		throw sinsp_exception("plugins are not supported");
	}

private:
	std::string m_name;
};
