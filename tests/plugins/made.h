// Plugins that a program makes of functions of its own, for the programs of this folder.
#pragma once

#include "programs.h"

#include <plugin/plugin_api.h>

#include <functional>

// The plugin with the number N: it parses events and listens. Its functions are the hooks, which may throw: the exception is kept, as it must not leave a
// plugin, and `check` throws it.
template<int N>
struct made {
	struct hooks {
		std::string name = "made" + std::to_string(N);
		std::function<void(const ss_plugin_init_input*)> init;
		std::function<void()> destroy;
		std::function<void(const ss_plugin_event_parse_input*)> parse;
		std::function<void(const ss_plugin_capture_listen_input*)> opened, closed;
		std::string thrown;
	};
	static inline hooks does;

	template<typename Act>
	static bool runs(Act act) {
		try {
			act();
			return true;
		} catch(const std::exception& e) {
			does.thrown = e.what();
			return false;
		}
	}

	static void check() { CHECK(does.thrown.empty() || fails(does.thrown)); }

	static ss_plugin_rc code(bool success) { return success ? SS_PLUGIN_SUCCESS : SS_PLUGIN_FAILURE; }

	static plugin_api api() {
		plugin_api api{};
		api.get_required_api_version = [] { return PLUGIN_API_VERSION_STR; };
		api.get_version = [] { return "1.0.0"; };
		api.get_name = [] { return does.name.c_str(); };
		api.get_description = [] { return "made by a test"; };
		api.get_contact = [] { return "the tests"; };
		api.get_last_error = [](ss_plugin_t*) { return does.thrown.empty() ? "it lies" : does.thrown.c_str(); };
		api.init = [](const ss_plugin_init_input* in, ss_plugin_rc* rc) -> ss_plugin_t* {
			*rc = code(runs([&] { does.init ? does.init(in) : void(); }));
			return new int(N);
		};
		api.destroy = [](ss_plugin_t* s) {
			runs([&] { does.destroy ? does.destroy() : void(); });
			delete static_cast<int*>(s);
		};
		api.parse_event = [](ss_plugin_t*, const ss_plugin_event_input*, const ss_plugin_event_parse_input* in) {
			return code(runs([&] { does.parse ? does.parse(in) : void(); }));
		};
		api.capture_open = [](ss_plugin_t*, const ss_plugin_capture_listen_input* in) {
			return code(runs([&] { does.opened ? does.opened(in) : void(); }));
		};
		api.capture_close = [](ss_plugin_t*, const ss_plugin_capture_listen_input* in) {
			return code(runs([&] { does.closed ? does.closed(in) : void(); }));
		};
		return api;
	}

	// The plugin in an inspector, initialised.
	static std::shared_ptr<sinsp_plugin> in(sinsp& inspector) {
		const auto functions = api();
		auto plugin = inspector.register_plugin(&functions);
		std::string error;
		CHECK(plugin->init("", error) || fails(error));
		return plugin;
	}
};
