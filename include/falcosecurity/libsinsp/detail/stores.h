// SPDX-License-Identifier: Apache-2.0
// The callbacks through which the library reads and writes thread and fd objects. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/core_link.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/sinsp_fdinfo_factory.h>
#include <libsinsp/sinsp_threadinfo_factory.h>
#include <libsinsp/threadinfo.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace libsinsp {
namespace detail {

// The factories of an inspector's objects.
struct makers {
	std::shared_ptr<core_link> link;
	const sinsp_threadinfo_factory* threads;
	const sinsp_fdinfo_factory* files;
};

// The callbacks. `make` and `duplicate` run code of the program: core_link::thrown stores an exception of `make`.
struct stores {
	static sinsp_thread_store threads() {
		sinsp_thread_store table = {};
		table.size = sizeof(table);
		table.make = [](void* context) { return make<sinsp_threadinfo>(context, &makers::threads); };
		table.scalars = [](void* object) {
			return reinterpret_cast<sinsp_thread*>(static_cast<thread_scalars*>(static_cast<sinsp_threadinfo*>(object)));
		};
		table.text = [](const void* object, uint32_t which) { return str(text_of(thread(object), which)); };
		table.set_text = [](void* object, uint32_t which, sinsp_str text) {
			text_of(thread(object), which).assign(view(text));
		};
		table.list_len = [](const void* object, uint32_t which) {
			return which == SINSP_THREAD_CGROUPS ? thread(object).m_cgroups.size() : list_of(thread(object), which).size();
		};
		table.list_text = [](const void* object, uint32_t which, size_t i) {
			return str(which == SINSP_THREAD_CGROUPS ? thread(object).m_cgroups[i].first : list_of(thread(object), which)[i]);
		};
		table.cgroup_path = [](const void* object, size_t i) { return str(thread(object).m_cgroups[i].second); };
		table.set_list = set_list;
		table.attach = [](void* object, void* inspector, uint64_t id) {
			auto& of = thread(object);
			const auto& link = of.m_params->link;
			if(link->inspector == inspector) {
				of.m_place = {link, id};
				of.m_fdtable.m_place = of.m_place;
				of.m_fdtable.set_tid(static_cast<uint64_t>(of.m_tid));
			}
		};
		table.is_held = [](const void* object) { return thread(object).m_core_share.get().use_count() > 1; };
		table.take_fd = [](void* object, int64_t fd, void* file) {
			thread(object).m_fdtable.m_files[fd] = static_cast<sinsp_fdinfo*>(file)->m_core_share.get();
		};
		table.take_relatives = [](void* object, uint64_t group, const sinsp_thread_group_info* known, bool has_children) {
			auto& of = thread(object);
			if(known != nullptr) {
				of.m_tginfo.leave(group_member::group(of.m_place.link, group), *known, of.m_core_share.get(), of.is_main_thread());
			}
			if(!has_children) {
				of.m_children.clear();
			}
		};
		table.detach = [](void* object) {
			thread(object).m_place.id = SINSP_NO_THREAD;
			thread(object).m_fdtable.m_place.id = SINSP_NO_THREAD;
		};
		table.release = [](void* object) { thread(object).m_core_share.drop(); };
		added(table, thread);
		return table;
	}

	static sinsp_fd_store files() {
		sinsp_fd_store table = {};
		table.size = sizeof(table);
		table.make = [](void* context) { return make<sinsp_fdinfo>(context, &makers::files); };
		table.scalars = [](void* object) {
			return reinterpret_cast<sinsp_fd*>(static_cast<fd_scalars*>(static_cast<sinsp_fdinfo*>(object)));
		};
		table.text = [](const void* object, uint32_t which) { return str(text_of(file(object), which)); };
		table.set_text = [](void* object, uint32_t which, sinsp_str text) { text_of(file(object), which).assign(view(text)); };
		table.sock = [](const void* object, sinsp_sock* out) { file(object).write_sock(*out); };
		table.set_sock = [](void* object, const sinsp_sock* sock) { file(object).read_sock(*sock); };
		table.duplicate = [](const void* object) -> void* {
			const auto& of = file(object);
			if(typeid(of) == typeid(sinsp_fdinfo)) {
				return nullptr;
			}
			try {
				return shared<sinsp_fdinfo>(of.clone());
			} catch(...) {
				// The library then makes a copy without an object.
				return nullptr;
			}
		};
		table.release = [](void* object) { file(object).m_core_share.drop(); };
		added(table, file);
		return table;
	}

private:
	// The callbacks for dynamic fields.
	template<typename Store, typename Object>
	static void added(Store& table, Object& (*)(const void*)) {
		table.added_len = [](const void* object) { return static_cast<const Object*>(object)->dynamic_values(); };
		table.added = [](const void* object, size_t index, void* out) {
			return static_cast<const Object*>(object)->read_dynamic_value(index, *static_cast<ss_plugin_state_data*>(out));
		};
		table.set_added = [](void* object, size_t index, uint32_t type, const void* value) {
			static_cast<Object*>(object)->write_dynamic_value(index,
			                                                  static_cast<ss_plugin_state_type>(type),
			                                                  *static_cast<const ss_plugin_state_data*>(value));
		};
	}

	// Stores the library's shared pointer in the object itself, see own_share.
	template<typename T>
	static void* shared(std::unique_ptr<T> made) {
		if(made == nullptr) {
			return nullptr;
		}
		std::shared_ptr<T> share = std::move(made);
		auto* object = share.get();
		object->m_core_share.set(std::move(share));
		return object;
	}

	template<typename T, typename Factory>
	static void* make(void* context, const Factory* makers::*factory) {
		auto& self = *static_cast<makers*>(context);
		try {
			return shared<T>((self.*factory)->create());
		} catch(...) {
			self.link->thrown = std::current_exception();
			return nullptr;
		}
	}

	// The const_cast is valid: the objects are never declared const.
	static sinsp_threadinfo& thread(const void* object) {
		return *const_cast<sinsp_threadinfo*>(static_cast<const sinsp_threadinfo*>(object));
	}
	static sinsp_fdinfo& file(const void* object) {
		return *const_cast<sinsp_fdinfo*>(static_cast<const sinsp_fdinfo*>(object));
	}

	static std::string& text_of(sinsp_threadinfo& thread, uint32_t which) {
		switch(which) {
		case SINSP_THREAD_COMM:
			return thread.m_comm;
		case SINSP_THREAD_EXE:
			return thread.m_exe;
		case SINSP_THREAD_EXEPATH:
			return thread.m_exepath;
		case SINSP_THREAD_ROOT:
			return thread.m_root;
		default:
			return thread.m_cwd;
		}
	}

	static std::string& text_of(sinsp_fdinfo& file, uint32_t which) {
		return which == SINSP_FD_NAME ? file.m_name : which == SINSP_FD_NAME_RAW ? file.m_name_raw : file.m_oldname;
	}

	static std::vector<std::string>& list_of(sinsp_threadinfo& thread, uint32_t which) {
		return which == SINSP_THREAD_ENV ? thread.m_env : thread.m_args;
	}

	static void set_list(void* object, uint32_t which, sinsp_str wire, size_t count) {
		auto& of = thread(object);
		auto rest = view(wire);
		const auto next = [&] {
			const auto text = rest.substr(0, rest.find('\0'));
			rest.remove_prefix(std::min(text.size() + 1, rest.size()));
			return text;
		};
		if(which != SINSP_THREAD_CGROUPS) {
			auto& list = list_of(of, which);
			list.resize(count);
			for(auto& text : list) {
				text.assign(next());
			}
			if(which == SINSP_THREAD_ARGS) {
				of.update_command_line();
			}
			return;
		}
		of.m_cgroups.resize(count);
		for(auto& [subsystem, path] : of.m_cgroups) {
			const auto pair = next();
			const auto at = pair.find('=');
			subsystem.assign(pair.substr(0, at));
			path.assign(at == std::string_view::npos ? std::string_view() : pair.substr(at + 1));
		}
	}
};

}  // namespace detail
}  // namespace libsinsp
