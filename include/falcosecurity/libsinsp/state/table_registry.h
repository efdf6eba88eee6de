// SPDX-License-Identifier: Apache-2.0
// The registry of an inspector's tables of state.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table.h>
#include <libsinsp/state/table_adapters.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace libsinsp {
namespace state {

// The tables of the library, of plugins and of the program, by name. Shares the inspector, which keeps its tables alive.
class table_registry {
public:
	// An empty registry without an inspector.
	table_registry() = default;
	explicit table_registry(std::shared_ptr<sinsp_inspector> inspector): m_inspector(std::move(inspector)) {}
	table_registry(const table_registry&) = delete;
	table_registry& operator=(const table_registry&) = delete;
	~table_registry() {
		for(const auto& shared : m_shared) {
			sinsp_inspector_remove_foreign_table(m_inspector.get(), shared.get(), nullptr);
		}
	}

	// Returns null if there is no table of that name. Throws if its key type is not KeyType.
	template<typename KeyType>
	table<KeyType>* get_table(const std::string& name) const {
		const auto& all = tables();
		const auto found = all.find(name);
		if(found == all.end()) {
			return nullptr;
		}
		if(found->second->key_type() != type_id_of<KeyType>()) {
			throw sinsp_exception("table '" + name + "' has keys of type " + type_name(found->second->key_type()) + ", not " +
			                      type_name<KeyType>());
		}
		return static_cast<table<KeyType>*>(found->second);
	}

	// Adds a table of the program, which must outlive the registry. The C ABI lists it too. Throws if there is a table of that name.
	template<typename KeyType>
	table<KeyType>* add_table(table<KeyType>* t) {
		if(t == nullptr) {
			throw sinsp_exception("null table added to registry");
		}
		if(tables().count(t->name()) != 0) {
			throw sinsp_exception("table added to registry multiple times: " + std::string(t->name()));
		}
		if(m_inspector != nullptr) {
			auto shared = std::make_unique<table_accessor>();
			shared->set(&m_owner, t);
			detail::error error;
			error.check(sinsp_inspector_add_foreign_table(m_inspector.get(), &shared->input, sizeof(shared->input), error.out()));
			m_shared.push_back(std::move(shared));
		}
		m_tables[t->name()] = t;
		return t;
	}

	// Replaces a table of the library by a C++ object of the same name, in this registry only. Shares the ownership of `t`.
	void set_table(std::shared_ptr<base_table> t) {
		m_tables[t->name()] = t.get();
		m_objects.push_back(std::move(t));
	}

	// All tables by name.
	const std::unordered_map<std::string, base_table*>& tables() const {
		if(m_inspector != nullptr) {
			sinsp_inspector_each_table(m_inspector.get(), see, const_cast<table_registry*>(this), nullptr);
		}
		return m_tables;
	}

	// The inspector that it shares; null if it has none.
	sinsp_inspector* c_inspector() const { return m_inspector.get(); }

private:
	// Adds an adapter for a table of the library that has none yet.
	static bool see(void* context, sinsp_str name, uint32_t key_type) noexcept {
		auto& self = *static_cast<table_registry*>(context);
		auto key = detail::text(name);
		if(self.m_tables.count(key) == 0) {
			auto* input = static_cast<ss_plugin_table_input*>(sinsp_inspector_table(self.m_inspector.get(), name, key_type, nullptr));
			if(input != nullptr) {
				detail::dispatch(static_cast<ss_plugin_state_type>(key_type), adapt{self, input});
				self.m_tables.emplace(std::move(key), self.m_adapters.back().get());
			}
		}
		return true;
	}

	struct adapt {
		table_registry& self;
		ss_plugin_table_input* input;
		template<typename T>
		void operator()() {
			self.m_adapters.push_back(std::make_unique<typed_table_input_adapter<T>>(input));
		}
	};

	std::shared_ptr<sinsp_inspector> m_inspector;
	std::unordered_map<std::string, base_table*> m_tables;
	std::vector<std::unique_ptr<base_table>> m_adapters;
	std::vector<std::shared_ptr<base_table>> m_objects;
	// The owner on whose behalf the library accesses tables of the program.
	sinsp_table_owner m_owner;
	std::vector<std::unique_ptr<table_accessor>> m_shared;
};

}  // namespace state
}  // namespace libsinsp
