// SPDX-License-Identifier: Apache-2.0
// sinsp_plugin. Programs include plugin.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/engine/source_plugin/source_plugin_public.h>
#include <libscap/metrics_v2.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/plugin_texts.h>
#include <libsinsp/detail/program_pool.h>
#include <libsinsp/dumper.h>
#include <libsinsp/event.h>
#include <libsinsp/events/sinsp_events.h>
#include <libsinsp/filter_field.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/sinsp_thread_pool.h>
#include <libsinsp/state/table_owner.h>
#include <libsinsp/state/table_registry.h>
#include <libsinsp/version.h>
#include <plugin/plugin_loader.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

class sinsp_filter_check;

// A plugin. sinsp::register_plugin() makes it. It may be held longer than its inspector, but its own state ends with that: what needs the
// state throws from then on. Use it on the thread that uses the inspector.
class sinsp_plugin : public libsinsp::state::sinsp_table_owner {
public:
	// Something that a source of events can be opened with, what it is, and what separates several of them.
	struct open_param {
		std::string value;
		std::string desc;
		std::string separator;
	};

	// Takes an async event of the plugin, on any thread; the plugin gets the message of an exception.
	using async_event_handler_t = std::function<void(const sinsp_plugin&, std::unique_ptr<sinsp_evt>)>;
	using async_dump_handler_t = std::function<void(std::unique_ptr<sinsp_evt>)>;

	// Makes a plugin that no inspector calls: the program does. It uses the tables of `treg`, and the pool `tpool` or else that of the inspector.
	// Null on failure, with the reason in `errstr`. For plugins of the program, the functions have to stay as long as the plugin.
	static std::shared_ptr<sinsp_plugin> create(const std::string& path,
	                                            const std::shared_ptr<libsinsp::state::table_registry>& treg,
	                                            const std::shared_ptr<sinsp_thread_pool>& tpool,
	                                            std::string& errstr) {
		return make(treg, tpool, errstr, [&](sinsp_inspector* inspector, const sinsp_pool* pool, sinsp_error** error) {
			return sinsp_plugin_load(inspector, libsinsp::detail::str(path), pool, error);
		});
	}
	static std::shared_ptr<sinsp_plugin> create(const plugin_api* api,
	                                            const std::shared_ptr<libsinsp::state::table_registry>& treg,
	                                            const std::shared_ptr<sinsp_thread_pool>& tpool,
	                                            std::string& errstr) {
		return make(treg, tpool, errstr, [&](sinsp_inspector* inspector, const sinsp_pool* pool, sinsp_error** error) {
			return sinsp_plugin_of_api(inspector, api, pool, error);
		});
	}

	// Takes over a reference to a plugin.
	explicit sinsp_plugin(sinsp_plugin_ref* plugin): m_handle(plugin) { describe(); }
	// Takes over a loaded plugin; null: there is none, for classes that a program derives. Throws if it cannot be used.
	sinsp_plugin(plugin_handle_t* handle,
	             const std::shared_ptr<libsinsp::state::table_registry>& treg,
	             const std::shared_ptr<sinsp_thread_pool>& tpool):
	        m_loaded(handle) {
		if(handle != nullptr) {
			libsinsp::detail::error error;
			const pool_handle pool(libsinsp::detail::program_pool::handle(tpool));
			m_handle.reset(sinsp_plugin_of_api(treg != nullptr ? treg->c_inspector() : nullptr, &handle->api, pool.get(), error.out()));
			if(m_handle == nullptr) {
				error.raise();
			}
			describe();
		}
	}
	sinsp_plugin(const sinsp_plugin&) = delete;
	sinsp_plugin& operator=(const sinsp_plugin&) = delete;
	~sinsp_plugin() override {
		if(m_handles_events) {
			sinsp_plugin_set_async_handler(m_handle.get(), nullptr, nullptr, nullptr, nullptr);
		}
	}

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

	// Makes the plugin's state: once, or after destroy(). False with the reason if it fails.
	bool init(const std::string& config, std::string& errstr) {
		using namespace libsinsp::detail;
		error error;
		const auto status = sinsp_plugin_init(m_handle.get(), str(config), error.out());
		if(status == SINSP_NOT_SUPPORTED) {
			errstr = error.message();
			return false;
		}
		error.check(status);
		return true;
	}

	// Ends the plugin's state. Throws while a capture has its source open, and in a callback of the inspector.
	void destroy() {
		if(m_handle != nullptr) {
			libsinsp::detail::error error;
			error.check(sinsp_plugin_destroy(m_handle.get(), error.out()));
			m_extract_event_codes.clear();
			m_parse_event_codes.clear();
			m_handles_events = false;
		}
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
		libsinsp::detail::error error;
		return accepted(sinsp_plugin_set_config(m_handle.get(), libsinsp::detail::str(config), error.out()), error);
	}

	// The plugin's metrics, with its name before theirs; throws if it is not initialised.
	std::vector<metrics_v2> get_metrics() const { return libsinsp::detail::plugin_metrics(m_handle.get(), m_name); }

	// Tells the plugin that a capture was opened, or closes, which an inspector does for its plugins. False if it has no function for it, or fails;
	// throws if it is not initialised.
	bool capture_open() { return capture(true); }
	bool capture_close() { return capture(false); }

	// Has the pool of threads call a routine of the plugin until it returns 0. Returns its id, or 0 on failure.
	sinsp_thread_pool::routine_id_t subscribe_routine(ss_plugin_routine_fn_t routine_fn, ss_plugin_routine_state_t* routine_state) {
		return sinsp_plugin_subscribe_routine(m_handle.get(), routine_fn, routine_state);
	}
	// Ends a routine of the plugin; whether there was one.
	bool unsubscribe_routine(sinsp_thread_pool::routine_id_t routine_id) {
		return sinsp_plugin_unsubscribe_routine(m_handle.get(), routine_id);
	}

	// Writes the events that rebuild the plugin's state to a file. False if it has no function for it. Throws if it is not initialised, has no async
	// events, or fails.
	bool dump_state(sinsp_dumper& dumper) {
		async_dump_handler_t write = [&dumper](const std::unique_ptr<sinsp_evt>& evt) { dumper.dump(evt.get()); };
		const auto take = [](void* context, const uint8_t* bytes, size_t len, sinsp_str* why) {
			return taken(why, [&] { (*static_cast<async_dump_handler_t*>(context))(event_of(bytes, len)); });
		};
		libsinsp::detail::error error;
		return accepted(sinsp_plugin_dump_state(m_handle.get(), take, &write, error.out()), error);
	}

	// Whether the plugin works with events of this version of the event schema, if it uses events that no plugin makes. If not, the reason is in
	// `err`.
	bool check_required_schema_version(sinsp_version event_schema_version, std::string& err) {
		const auto& v = event_schema_version;
		libsinsp::detail::error error;
		const auto status = sinsp_plugin_check_schema_version(m_handle.get(), v.major(), v.minor(), v.patch(), error.out());
		if(status != SINSP_SUCCESS) {
			err = error.message();
		}
		return status == SINSP_SUCCESS;
	}

	// The number and the name of its source of events; 0 and empty if its events are of the source "syscall", or it makes none.
	uint32_t id() const { return m_id; }
	const std::string& event_source() const { return m_event_source; }

	// The plugin for scap_open() with the engine "source_plugin". Throws if it is not initialised, or no source of events.
	scap_source_plugin& as_scap_source() {
		libsinsp::detail::error error;
		auto* source = static_cast<scap_source_plugin*>(sinsp_plugin_scap_source(m_handle.get(), error.out()));
		if(source == nullptr) {
			error.raise();
		}
		return *source;
	}

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
		error.check(sinsp_plugin_event_to_string(m_handle.get(), described(evt), &text, error.out()));
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

	// The sources and types of the events that have its fields; throws if it is not initialised.
	const std::unordered_set<std::string>& extract_event_sources() const { return m_extract_event_sources; }
	const libsinsp::events::set<ppm_event_code>& extract_event_codes() const { return codes(false, m_extract_event_codes); }

	// Its fields.
	const filter_check_info* fields_info() const { return &m_fields_info; }
	const std::vector<filtercheck_field_info>& fields() const { return m_fields; }

	// Has the plugin write the values of fields, which stay until it is called the next time. False if it fails; throws if it is not initialised.
	bool extract_fields(sinsp_evt* evt, uint32_t num_fields, ss_plugin_extract_field* fields) {
		return extract_fields_and_offsets(evt, num_fields, fields, nullptr);
	}
	// The same; the plugin may also write where the values stand in the event. `value_offsets` may be null.
	bool extract_fields_and_offsets(sinsp_evt* evt,
	                                uint32_t num_fields,
	                                ss_plugin_extract_field* fields,
	                                ss_plugin_extract_value_offsets* value_offsets) {
		libsinsp::detail::error error;
		return accepted(
		        sinsp_plugin_extract_fields(m_handle.get(), described(evt), fields, num_fields, value_offsets, error.out()), error);
	}

	// The sources and types of the events that it parses; throws if it is not initialised.
	const std::unordered_set<std::string>& parse_event_sources() const { return m_parse_event_sources; }
	const libsinsp::events::set<ppm_event_code>& parse_event_codes() const { return codes(true, m_parse_event_codes); }

	// Has the plugin parse an event, which an inspector does for its plugins. False if it fails; throws if it is not initialised.
	bool parse_event(sinsp_evt* evt) {
		libsinsp::detail::error error;
		return accepted(sinsp_plugin_parse_event(m_handle.get(), described(evt), error.out()), error);
	}

	// The sources that its async events are for, and their names.
	const std::unordered_set<std::string>& async_event_sources() const { return m_async_event_sources; }
	const std::unordered_set<std::string>& async_event_names() const { return m_async_event_names; }

	// Has the plugin send its async events to `handler`, from any thread, until this is called with null. False if it refuses. Throws if it is not
	// initialised, has no async events, or sends them already, as it does to its inspector while a capture is open.
	bool set_async_event_handler(async_event_handler_t handler) {
		libsinsp::detail::error error;
		sinsp_status status;
		if(handler == nullptr) {
			status = sinsp_plugin_set_async_handler(m_handle.get(), nullptr, nullptr, nullptr, error.out());
			m_handles_events = false;
			return accepted(status, error);
		}
		using receiver = std::pair<const sinsp_plugin&, async_event_handler_t>;
		const auto take = [](void* context, const uint8_t* bytes, size_t len, sinsp_str* why) {
			const auto& to = *static_cast<receiver*>(context);
			return taken(why, [&] { to.second(to.first, event_of(bytes, len)); });
		};
		const auto end = [](void* context) { delete static_cast<receiver*>(context); };
		auto context = std::make_unique<receiver>(*this, std::move(handler));
		status = sinsp_plugin_set_async_handler(m_handle.get(), take, end, context.release(), error.out());
		m_handles_events |= status == SINSP_SUCCESS;
		return accepted(status, error);
	}

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
	using pool_handle = libsinsp::detail::handle<sinsp_pool, sinsp_pool_free>;

	struct unload {
		void operator()(plugin_handle_t* loaded) const { plugin_unload(loaded); }
	};

	template<typename Load>
	static std::shared_ptr<sinsp_plugin> make(const std::shared_ptr<libsinsp::state::table_registry>& treg,
	                                          const std::shared_ptr<sinsp_thread_pool>& tpool,
	                                          std::string& errstr,
	                                          Load load) {
		libsinsp::detail::error error;
		const pool_handle pool(libsinsp::detail::program_pool::handle(tpool));
		auto* plugin = load(treg != nullptr ? treg->c_inspector() : nullptr, pool.get(), error.out());
		if(plugin == nullptr) {
			errstr = error.message();
			return nullptr;
		}
		return std::make_shared<sinsp_plugin>(plugin);
	}

	void describe() {
		using namespace libsinsp::detail;
		error error;
		sinsp_plugin_info info = {};
		info.size = sizeof(info);
		error.check(sinsp_plugin_describe(m_handle.get(), &info, error.out()));
		m_caps = static_cast<plugin_caps_t>(info.capabilities);
		m_name = text(info.name);
		m_description = text(info.description);
		m_contact = text(info.contact);
		m_plugin_version = sinsp_version(info.version[0], info.version[1], info.version[2]);
		m_required_api_version =
		        sinsp_version(info.required_api_version[0], info.required_api_version[1], info.required_api_version[2]);
		m_id = info.id;
		m_event_source = text(info.event_source);
		m_extract_event_sources = plugin_names(m_handle.get(), SINSP_PLUGIN_EXTRACT_SOURCES);
		m_parse_event_sources = plugin_names(m_handle.get(), SINSP_PLUGIN_PARSE_SOURCES);
		m_async_event_sources = plugin_names(m_handle.get(), SINSP_PLUGIN_ASYNC_SOURCES);
		m_async_event_names = plugin_names(m_handle.get(), SINSP_PLUGIN_ASYNC_EVENTS);
		for(size_t i = 0; i < info.field_count; i++) {
			m_fields.push_back(plugin_field(m_handle.get(), i));
		}
		m_fields_info.m_name = m_name + " (plugin)";
		m_fields_info.m_nfields = static_cast<int32_t>(m_fields.size());
		m_fields_info.m_fields = m_fields.data();
	}

	// Whether the plugin accepted; throws if that is not what failed.
	static bool accepted(sinsp_status status, const libsinsp::detail::error& error) {
		if(status != SINSP_SUCCESS && status != SINSP_NOT_SUPPORTED) {
			error.raise();
		}
		return status == SINSP_SUCCESS;
	}

	void check_initialised() const {
		if(!sinsp_plugin_is_initialised(m_handle.get())) {
			throw sinsp_exception("plugin " + m_name + " is not initialized");
		}
	}

	static const sinsp_event* described(sinsp_evt* evt) { return evt != nullptr ? evt->c_event() : nullptr; }

	bool capture(bool opened) {
		libsinsp::detail::error error;
		return accepted(sinsp_plugin_capture(m_handle.get(), opened, error.out()), error);
	}

	// An event that owns a copy of the bytes.
	static std::unique_ptr<sinsp_evt> event_of(const uint8_t* bytes, size_t len) {
		auto copy = std::make_unique<uint8_t[]>(len);
		std::memcpy(copy.get(), bytes, len);
		return sinsp_evt::from_scap_evt(std::move(copy));
	}

	// Calls `act`; if it throws, sets the reason and returns false.
	template<typename Act>
	static bool taken(sinsp_str* why, Act act) noexcept {
		static thread_local std::string reason;
		try {
			act();
			return true;
		} catch(const std::exception& e) {
			reason = e.what();
		} catch(...) {
			reason = "an exception that is no std::exception";
		}
		*why = libsinsp::detail::str(reason);
		return false;
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

	// Unloaded after the plugin has ended.
	std::unique_ptr<plugin_handle_t, unload> m_loaded;
	libsinsp::detail::handle<sinsp_plugin_ref, sinsp_plugin_free> m_handle;
	bool m_handles_events = false;
	std::vector<filtercheck_field_info> m_fields;
	filter_check_info m_fields_info;
	std::unordered_set<std::string> m_extract_event_sources;
	std::unordered_set<std::string> m_parse_event_sources;
	std::unordered_set<std::string> m_async_event_sources;
	std::unordered_set<std::string> m_async_event_names;
	mutable libsinsp::events::set<ppm_event_code> m_extract_event_codes;
	mutable libsinsp::events::set<ppm_event_code> m_parse_event_codes;
};
