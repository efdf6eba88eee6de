// SPDX-License-Identifier: Apache-2.0
// The fields of plugins as filter checks.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/own_checks.h>
#include <libsinsp/detail/plugin_object.h>
#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_exception.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

// A field of a plugin as a check.
class sinsp_filter_check_plugin : public libsinsp::detail::library_check {
public:
	// A class without fields.
	sinsp_filter_check_plugin() {
		static const filter_check_info none = {"plugin", "", "", 0, nullptr};
		m_info = &none;
	}
	// Throws if the plugin has no fields.
	explicit sinsp_filter_check_plugin(const std::shared_ptr<sinsp_plugin>& plugin): m_plugin(plugin) {
		if(plugin == nullptr) {
			throw sinsp_exception("sinsp_filter_check_plugin: null plugin");
		}
		if((plugin->caps() & CAP_EXTRACTION) == 0) {
			throw sinsp_exception("plugin " + plugin->name() + " has no fields: it lacks the capability of field extraction");
		}
		m_info = plugin->fields_info();
	}

	std::unique_ptr<sinsp_filter_check> allocate_new() override {
		return m_plugin != nullptr ? std::make_unique<sinsp_filter_check_plugin>(m_plugin)
		                           : std::make_unique<sinsp_filter_check_plugin>();
	}

	const sinsp_plugin_ref* c_plugin() const override { return m_plugin != nullptr ? m_plugin->c_handle() : nullptr; }

protected:
	int64_t find_field(std::string_view text, size_t& index) override {
		if(m_plugin == nullptr) {
			return 0;
		}
		libsinsp::detail::error error;
		const int64_t len = sinsp_plugin_find_field(c_plugin(), libsinsp::detail::str(text), &index, error.out());
		if(len < 0) {
			error.raise();
		}
		return len;
	}

	const sinsp_registry* fields_of() override {
		if(m_registry == nullptr) {
			libsinsp::detail::error error;
			m_registry.reset(sinsp_registry_of_plugin(c_plugin(), error.out()));
			if(m_registry == nullptr) {
				error.raise();
			}
		}
		return m_registry.get();
	}

private:
	std::shared_ptr<sinsp_plugin> m_plugin;
	libsinsp::detail::handle<sinsp_registry, sinsp_registry_free> m_registry;
};

inline std::unique_ptr<sinsp_filter_check> sinsp_plugin::new_filtercheck(const std::shared_ptr<sinsp_plugin>& plugin) {
	return std::make_unique<sinsp_filter_check_plugin>(plugin);
}
