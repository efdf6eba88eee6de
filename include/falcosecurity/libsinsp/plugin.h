// SPDX-License-Identifier: Apache-2.0
// Plugins of an inspector, and their fields as filter checks.
#pragma once

#include <libscap/engine/source_plugin/source_plugin_public.h>
#include <libscap/metrics_v2.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/own_checks.h>
#include <libsinsp/detail/table_check.h>
#include <libsinsp/events/sinsp_events.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/sinsp_table.h>
#include <libsinsp/version.h>
#include <plugin/plugin_loader.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

// A plugin. sinsp::register_plugin() makes it. It may be held longer than its inspector, but its own state ends with that: what needs the
// state throws from then on.
class sinsp_plugin {
public:
	// Something that a source of events can be opened with, what it is, and what separates several of them.
	struct open_param {
		std::string value;
		std::string desc;
		std::string separator;
	};

	// Takes over a reference to a plugin.
	explicit sinsp_plugin(sinsp_plugin_ref* plugin): m_handle(plugin) {
		libsinsp::detail::error error;
		sinsp_plugin_info info = {};
		info.size = sizeof(info);
		error.check(sinsp_plugin_describe(plugin, &info, error.out()));
		using libsinsp::detail::text;
		m_caps = static_cast<plugin_caps_t>(info.capabilities);
		m_name = text(info.name);
		m_description = text(info.description);
		m_contact = text(info.contact);
		m_plugin_version = sinsp_version(info.version[0], info.version[1], info.version[2]);
		m_required_api_version =
		        sinsp_version(info.required_api_version[0], info.required_api_version[1], info.required_api_version[2]);
		m_id = info.id;
		m_event_source = text(info.event_source);
		m_extract_event_sources = names(SINSP_PLUGIN_EXTRACT_SOURCES);
		m_parse_event_sources = names(SINSP_PLUGIN_PARSE_SOURCES);
		m_async_event_sources = names(SINSP_PLUGIN_ASYNC_SOURCES);
		m_async_event_names = names(SINSP_PLUGIN_ASYNC_EVENTS);
		for(size_t i = 0; i < info.field_count; i++) {
			m_fields.push_back(field(i));
		}
		m_fields_info.m_name = m_name + " (plugin)";
		m_fields_info.m_nfields = static_cast<int32_t>(m_fields.size());
		m_fields_info.m_fields = m_fields.data();
	}
	sinsp_plugin(const sinsp_plugin&) = delete;
	sinsp_plugin& operator=(const sinsp_plugin&) = delete;
	virtual ~sinsp_plugin() = default;

	// Whether the process has the shared object at this path loaded.
	static bool is_plugin_loaded(const std::string& filepath) { return plugin_is_loaded(filepath.c_str()); }

	// Whether a plugin for these sources, or for all if there are none, is for events of `source`.
	static bool is_source_compatible(const std::unordered_set<std::string>& sources, const std::string& source) {
		return sources.empty() || sources.count(source) != 0;
	}

	// The fields of a plugin as a class of checks; throws if it has none.
	static inline std::unique_ptr<sinsp_filter_check> new_filtercheck(const std::shared_ptr<sinsp_plugin>& plugin);

	plugin_caps_t caps() const { return m_caps; }
	const std::string& name() const { return m_name; }
	const std::string& description() const { return m_description; }
	const std::string& contact() const { return m_contact; }
	const sinsp_version& plugin_version() const { return m_plugin_version; }
	const sinsp_version& required_api_version() const { return m_required_api_version; }

	// The number and the name of its source of events; 0 and empty if its events are of the source "syscall", or it makes none.
	uint32_t id() const { return m_id; }
	const std::string& event_source() const { return m_event_source; }

	// How far the source that is open was read, as a text, and in hundredths of a percent (0 to 10000) in `progress_pct`: empty and 0 if it is not open
	// or does not say. Throws if the plugin is not initialised.
	std::string get_progress(uint32_t& progress_pct) const {
		check_initialised();
		sinsp_str text = {};
		progress_pct = sinsp_plugin_progress(m_handle.get(), &text);
		return libsinsp::detail::text(text);
	}

	// One of the plugin's events as a text. Throws for other events, and if the plugin is not initialised.
	std::string event_to_string(sinsp_evt* evt) const {
		libsinsp::detail::error error;
		sinsp_str text = {};
		error.check(sinsp_plugin_event_to_string(m_handle.get(), evt->c_event(), &text, error.out()));
		return libsinsp::detail::text(text);
	}

	// What it can be opened with. Throws if it is not initialised or fails.
	std::vector<open_param> list_open_params() const {
		libsinsp::detail::error error;
		std::vector<open_param> found;
		const auto add = [](void* to, const sinsp_open_param* param) {
			using libsinsp::detail::text;
			static_cast<std::vector<open_param>*>(to)->push_back({text(param->value), text(param->description), text(param->separator)});
		};
		error.check(sinsp_plugin_each_open_param(m_handle.get(), add, &found, error.out()));
		return found;
	}

	// Makes the plugin's state: once. False with the reason if it fails.
	bool init(const std::string& config, std::string& errstr) {
		using namespace libsinsp::detail;
		error error;
		if(sinsp_plugin_init(m_handle.get(), str(config), error.out()) == SINSP_SUCCESS) {
			return true;
		}
		errstr = error.message();
		return false;
	}

	// The text of the plugin's last failure.
	std::string get_last_error() const { return libsinsp::detail::text(sinsp_plugin_last_error(m_handle.get())); }

	// The schema of the configuration, empty if there is none, and its kind.
	std::string get_init_schema(ss_plugin_schema_type& schema_type) const {
		uint32_t kind = SS_PLUGIN_SCHEMA_NONE;
		auto schema = libsinsp::detail::text(sinsp_plugin_init_schema(m_handle.get(), &kind));
		schema_type = static_cast<ss_plugin_schema_type>(kind);
		return schema;
	}

	// Gives the plugin a new configuration; false if it takes none, or refuses this one. Throws if it is not initialised or its schema forbids it.
	bool set_config(const std::string& config) {
		using namespace libsinsp::detail;
		error error;
		const auto status = sinsp_plugin_set_config(m_handle.get(), str(config), error.out());
		if(status != SINSP_SUCCESS && status != SINSP_NOT_SUPPORTED) {
			error.raise();
		}
		return status == SINSP_SUCCESS;
	}

	// The plugin's metrics, with its name before theirs; throws if it is not initialised.
	std::vector<metrics_v2> get_metrics() const {
		libsinsp::detail::error error;
		std::pair<const std::string&, std::vector<metrics_v2>> found{m_name, {}};
		error.check(sinsp_plugin_each_metric(m_handle.get(), add_metric, &found, error.out()));
		return std::move(found.second);
	}

	// The sources and types of the events that have its fields; throws if it is not initialised.
	const std::unordered_set<std::string>& extract_event_sources() const { return m_extract_event_sources; }
	const libsinsp::events::set<ppm_event_code>& extract_event_codes() const { return codes(false, m_extract_event_codes); }

	// The sources and types of the events that it parses; throws if it is not initialised.
	const std::unordered_set<std::string>& parse_event_sources() const { return m_parse_event_sources; }
	const libsinsp::events::set<ppm_event_code>& parse_event_codes() const { return codes(true, m_parse_event_codes); }

	// The sources that its async events are for, and their names.
	const std::unordered_set<std::string>& async_event_sources() const { return m_async_event_sources; }
	const std::unordered_set<std::string>& async_event_names() const { return m_async_event_names; }

	// Its fields.
	const filter_check_info* fields_info() const { return &m_fields_info; }
	const std::vector<filtercheck_field_info>& fields() const { return m_fields; }

	// The C ABI's handle; it stays this object's.
	const sinsp_plugin_ref* c_handle() const { return m_handle.get(); }

protected:
	plugin_caps_t m_caps = CAP_NONE;
	std::string m_name;
	std::string m_description;
	std::string m_contact;
	sinsp_version m_plugin_version;
	sinsp_version m_required_api_version;
	uint32_t m_id = 0;
	std::string m_event_source;

private:
	filtercheck_field_info field(size_t number) const {
		libsinsp::detail::error error;
		sinsp_plugin_field found = {};
		found.size = sizeof(found);
		error.check(sinsp_plugin_describe_field(m_handle.get(), number, &found, error.out()));
		uint32_t flags = EPF_NO_PTR_STABILITY;
		flags |= found.list ? EPF_IS_LIST : 0;
		flags |= found.argument_required ? EPF_ARG_REQUIRED : 0;
		flags |= found.argument_index ? EPF_ARG_INDEX | EPF_ARG_ALLOWED : 0;
		flags |= found.argument_key ? EPF_ARG_KEY | EPF_ARG_ALLOWED : 0;
		flags |= found.add_output ? EPF_FORMAT_SUGGESTED : 0;
		flags |= found.hidden ? EPF_TABLE_ONLY : 0;
		flags |= found.info ? EPF_INFO : 0;
		flags |= found.conversation ? EPF_CONVERSATION : 0;
		using libsinsp::detail::text;
		return {static_cast<ppm_param_type>(found.kind), flags, PF_DEC, text(found.name), text(found.display), text(found.description)};
	}

	std::unordered_set<std::string> names(sinsp_plugin_names which) const {
		libsinsp::detail::error error;
		std::unordered_set<std::string> found;
		const auto add = [](void* to, sinsp_str name) {
			static_cast<std::unordered_set<std::string>*>(to)->insert(libsinsp::detail::text(name));
		};
		error.check(sinsp_plugin_each_name(m_handle.get(), which, add, &found, error.out()));
		return found;
	}

	void check_initialised() const {
		if(!sinsp_plugin_is_initialised(m_handle.get())) {
			throw sinsp_exception("plugin " + m_name + " is not initialized");
		}
	}

	const libsinsp::events::set<ppm_event_code>& codes(bool parse, libsinsp::events::set<ppm_event_code>& known) const {
		check_initialised();
		if(known.empty()) {
			for(uint16_t code = 0; code < PPM_EVENT_MAX; code++) {
				if(sinsp_plugin_has_event_type(m_handle.get(), parse, code)) {
					known.insert(static_cast<ppm_event_code>(code));
				}
			}
		}
		return known;
	}

	static void add_metric(void* context, const void* metric) {
		auto& [name, list] = *static_cast<std::pair<const std::string&, std::vector<metrics_v2>>*>(context);
		const auto& of_plugin = *static_cast<const ss_plugin_metric*>(metric);
		metrics_v2 found = {};
		std::snprintf(found.name, sizeof(found.name), "%s.%s", name.c_str(), of_plugin.name != nullptr ? of_plugin.name : "");
		found.flags = METRICS_V2_PLUGINS;
		found.unit = METRIC_VALUE_UNIT_COUNT;
		found.type = static_cast<metrics_v2_value_type>(of_plugin.value_type);
		found.metric_type = static_cast<metrics_v2_metric_type>(of_plugin.type);
		found.value.u64 = of_plugin.value.u64;
		list.push_back(found);
	}

	libsinsp::detail::handle<sinsp_plugin_ref, sinsp_plugin_free> m_handle;
	std::vector<filtercheck_field_info> m_fields;
	filter_check_info m_fields_info;
	std::unordered_set<std::string> m_extract_event_sources;
	std::unordered_set<std::string> m_parse_event_sources;
	std::unordered_set<std::string> m_async_event_sources;
	std::unordered_set<std::string> m_async_event_names;
	mutable libsinsp::events::set<ppm_event_code> m_extract_event_codes;
	mutable libsinsp::events::set<ppm_event_code> m_parse_event_codes;
};

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
