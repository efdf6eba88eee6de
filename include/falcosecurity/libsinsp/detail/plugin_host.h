// SPDX-License-Identifier: Apache-2.0
// The plugins of an inspector, and the event sources and threads that come with them.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/program_pool.h>
#include <libsinsp/plugin.h>
#include <libsinsp/plugin_manager.h>
#include <libsinsp/sinsp_event_source.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_thread_pool_bs.h>

#include <memory>
#include <string>
#include <vector>

namespace libsinsp {
namespace detail {

template<typename Inspector>
class plugin_host {
public:
	// Loads the plugin in the shared object at this path. It has to be initialised before it is used. Throws if it cannot be used here.
	std::shared_ptr<sinsp_plugin> register_plugin(const std::string& filepath) {
		error error;
		auto* plugin = sinsp_inspector_load_plugin(owner(), str(filepath), error.out());
		if(plugin == nullptr) {
			throw sinsp_exception("cannot load plugin " + filepath + ": " + error.message());
		}
		return added(plugin);
	}
	// The same for a plugin of the program itself, whose functions have to stay as long as the plugin.
	std::shared_ptr<sinsp_plugin> register_plugin(const plugin_api* api) {
		error error;
		auto* plugin = sinsp_inspector_add_plugin(owner(), api, error.out());
		if(plugin == nullptr) {
			throw sinsp_exception("cannot load plugin with custom vtable: " + error.message());
		}
		return added(plugin);
	}

	// The pool of threads in which the routines of its plugins run. They end when a capture closes.
	std::shared_ptr<sinsp_thread_pool> get_thread_pool() {
		if(m_thread_pool == nullptr) {
			m_thread_pool = std::make_shared<sinsp_thread_pool_bs>(sinsp_inspector_pool(owner()));
		}
		return m_thread_pool;
	}
	// Sets that pool, before get_thread_pool() and the first plugin; false from then on.
	bool set_thread_pool(const std::shared_ptr<sinsp_thread_pool>& tpool) {
		const handle<sinsp_pool, sinsp_pool_free> pool(program_pool::handle(tpool));
		error error;
		if(sinsp_inspector_set_pool(owner(), pool.get(), error.out()) != SINSP_SUCCESS) {
			return false;
		}
		m_thread_pool = tpool;
		return true;
	}

	// Its plugins.
	std::shared_ptr<const sinsp_plugin_manager> get_plugin_manager() const { return m_plugin_manager; }

	// The names of its event sources: "syscall", then those of its plugins.
	const std::vector<std::string>& event_sources() const { return m_event_sources; }

protected:
	// Gives its plugins up, before the inspector ends.
	void drop_plugins() {
		m_thread_pool.reset();
		m_plugin_manager.reset();
	}

private:
	std::shared_ptr<sinsp_plugin> added(sinsp_plugin_ref* handle) {
		auto plugin = std::make_shared<sinsp_plugin>(handle);
		m_plugin_manager->add(plugin);
		return plugin;
	}
	sinsp_inspector* owner() const { return static_cast<const Inspector*>(this)->c_handle(); }

	std::vector<std::string> m_event_sources = {sinsp_syscall_event_source_name};
	std::shared_ptr<sinsp_plugin_manager> m_plugin_manager = std::make_shared<sinsp_plugin_manager>(m_event_sources);
	// Made at the first call of get_thread_pool().
	std::shared_ptr<sinsp_thread_pool> m_thread_pool;
};

}  // namespace detail
}  // namespace libsinsp
