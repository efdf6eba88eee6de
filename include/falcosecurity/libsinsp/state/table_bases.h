// SPDX-License-Identifier: Apache-2.0
// Base classes of tables of state that a C++ program implements.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/state_data.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/base_table.h>
#include <libsinsp/state/dynamic_struct.h>
#include <libsinsp/state/extensible_struct.h>
#include <libsinsp/state/static_struct.h>
#include <libsinsp/state/table_entry.h>
#include <libsinsp/state/table_owner.h>
#include <libsinsp/state/type_info.h>
#include <plugin/plugin_api.h>
#include <plugin/plugin_types.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace libsinsp {
namespace state {

// A table of C++ objects. Implements the plugin API's functions by the typed virtual functions below.
template<typename KeyType>
class built_in_table : public table<KeyType> {
public:
	explicit built_in_table(std::string name): m_name(std::move(name)) {}

	const char* name() const override { return m_name.c_str(); }

	// For tables that are members of an entry: the value of a field of type table is the address of this pointer.
	const base_table* const& table_ptr() const { return m_this; }
	static size_t table_ptr_offset() { return OFFSETOF_STATIC_FIELD(built_in_table<KeyType>, m_this); }

	// The typed functions. They throw on failure.

	virtual void list_fields(std::vector<ss_plugin_table_fieldinfo>& out) = 0;
	virtual accessor::ptr get_field(const char* name, ss_plugin_state_type type_id) = 0;
	virtual accessor::ptr add_field(const char* name, ss_plugin_state_type type_id) = 0;
	virtual size_t entries_count() const = 0;
	// Returns null if there is no such entry.
	virtual std::shared_ptr<table_entry> get_entry(const KeyType& key) = 0;
	// Makes an entry for add_entry().
	virtual std::unique_ptr<table_entry> new_entry() const = 0;
	// Adds an entry, or replaces the one with the same key.
	virtual std::shared_ptr<table_entry> add_entry(const KeyType& key, std::unique_ptr<table_entry> entry) = 0;
	virtual void clear_entries() = 0;
	// Returns whether the table had the entry.
	virtual bool erase_entry(const KeyType& key) = 0;
	// Calls `pred` for each entry until it returns false. Returns whether all calls returned true.
	virtual bool foreach_entry(std::function<bool(table_entry& e)> pred) = 0;

	const ss_plugin_table_fieldinfo* list_fields(sinsp_table_owner* owner, uint32_t* nfields) override {
		return answer<const ss_plugin_table_fieldinfo*>(owner, nullptr, [&] {
			if(m_list == nullptr) {
				m_list = std::make_unique<std::vector<ss_plugin_table_fieldinfo>>();
			}
			auto& list = *m_list;
			list.clear();
			list_fields(list);
			*nfields = static_cast<uint32_t>(list.size());
			return list.data();
		});
	}

	ss_plugin_table_field_t* get_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) override {
		return answer<ss_plugin_table_field_t*>(owner, nullptr, [&] {
			// The owner stores the accessor: it is valid for all tables of this name.
			return opaque(owner->store_field(this->name(), name, get_field(name, type)));
		});
	}

	ss_plugin_table_field_t* add_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) override {
		return answer<ss_plugin_table_field_t*>(owner, nullptr, [&] {
			add_field(name, type);
			return get_field(owner, name, type);
		});
	}

	uint64_t get_size(sinsp_table_owner* owner) override {
		return answer<uint64_t>(owner, UINT64_MAX, [&] { return entries_count(); });
	}

	ss_plugin_table_entry_t* get_entry(sinsp_table_owner* owner, const ss_plugin_state_data* key) override {
		return answer<ss_plugin_table_entry_t*>(owner, nullptr, [&] {
			auto entry = get_entry(detail::state_data<KeyType>::get(*key));
			if(entry == nullptr) {
				throw sinsp_exception("the table has no entry of that key");
			}
			return hold(owner, std::move(entry));
		});
	}

	void release_table_entry(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) override {
		owner->release_accessed_entry(static_cast<table_entry*>(entry));
	}

	ss_plugin_bool iterate_entries(sinsp_table_owner* owner,
	                               ss_plugin_table_iterator_func_t it,
	                               ss_plugin_table_iterator_state_t* s) override {
		return answer<ss_plugin_bool>(owner, 0, [&] {
			return foreach_entry([&](table_entry& entry) { return it(s, static_cast<ss_plugin_table_entry_t*>(&entry)) != 0; });
		});
	}

	ss_plugin_rc clear_entries(sinsp_table_owner* owner) override {
		return answer(owner, SS_PLUGIN_FAILURE, [&] {
			clear_entries();
			return SS_PLUGIN_SUCCESS;
		});
	}

	ss_plugin_rc erase_entry(sinsp_table_owner* owner, const ss_plugin_state_data* key) override {
		return answer(owner, SS_PLUGIN_FAILURE, [&] {
			if(!erase_entry(detail::state_data<KeyType>::get(*key))) {
				throw sinsp_exception("the table has no entry of that key");
			}
			return SS_PLUGIN_SUCCESS;
		});
	}

	ss_plugin_table_entry_t* create_table_entry(sinsp_table_owner* owner) override {
		return answer<ss_plugin_table_entry_t*>(owner, nullptr, [&] { return owner->add_created_entry(new_entry()); });
	}

	void destroy_table_entry(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) override {
		answer(owner, 0, [&] {
			created(owner, entry);
			return 0;
		});
	}

	ss_plugin_table_entry_t* add_entry(sinsp_table_owner* owner,
	                                   const ss_plugin_state_data* key,
	                                   ss_plugin_table_entry_t* entry) override {
		return answer<ss_plugin_table_entry_t*>(owner, nullptr, [&] {
			auto added = add_entry(detail::state_data<KeyType>::get(*key), created(owner, entry));
			if(added == nullptr) {
				throw sinsp_exception("the table is full");
			}
			return hold(owner, std::move(added));
		});
	}

	ss_plugin_rc read_entry_field(sinsp_table_owner* owner,
	                              ss_plugin_table_entry_t* entry,
	                              const ss_plugin_table_field_t* field,
	                              ss_plugin_state_data* out) override {
		return answer(owner, SS_PLUGIN_FAILURE, [&] {
			const auto& a = checked(entry, field);
			detail::dispatch(a.type_id(), reader{owner, *static_cast<table_entry*>(entry), a, *out});
			return SS_PLUGIN_SUCCESS;
		});
	}

	ss_plugin_rc write_entry_field(sinsp_table_owner* owner,
	                               ss_plugin_table_entry_t* entry,
	                               const ss_plugin_table_field_t* field,
	                               const ss_plugin_state_data* in) override {
		return answer(owner, SS_PLUGIN_FAILURE, [&] {
			const auto& a = checked(entry, field);
			if(a.type_id() == SS_PLUGIN_ST_TABLE) {
				throw sinsp_exception("a field of type table cannot be written");
			}
			detail::dispatch(a.type_id(), writer{*static_cast<table_entry*>(entry), a, *in});
			return SS_PLUGIN_SUCCESS;
		});
	}

private:
	struct reader {
		sinsp_table_owner* owner;
		const table_entry& entry;
		const accessor& field;
		ss_plugin_state_data& out;

		template<typename T>
		void operator()() {
			if constexpr(std::is_same_v<T, std::string>) {
				const char* text = nullptr;
				entry.read_field(accessor::typed_ref<std::string>(field), text);
				out.str = text;
			} else if constexpr(std::is_same_v<T, base_table*>) {
				auto* inner = entry.read_field(accessor::typed_ref<T>(field));
				if(inner == nullptr) {
					throw sinsp_exception("the entry has no such table");
				}
				out.table = &owner->ephemeral_table(inner).input;
			} else {
				detail::state_data<T>::set(out, entry.read_field(accessor::typed_ref<T>(field)));
			}
		}
	};

	struct writer {
		table_entry& entry;
		const accessor& field;
		const ss_plugin_state_data& in;

		template<typename T>
		void operator()() {
			entry.write_field(accessor::typed_ref<T>(field), detail::state_data<T>::get(in));
		}
	};

	template<typename Result, typename Act>
	static Result answer(sinsp_table_owner* owner, Result failed, Act act) {
		try {
			return static_cast<Result>(act());
		} catch(const std::exception& e) {
			owner->m_last_owner_err = e.what();
		} catch(...) {
			owner->m_last_owner_err = "unknown error";
		}
		return failed;
	}

	static ss_plugin_table_field_t* opaque(const accessor* field) { return const_cast<accessor*>(field); }

	static ss_plugin_table_entry_t* hold(sinsp_table_owner* owner, std::shared_ptr<table_entry> entry) {
		auto* raw = entry.get();
		owner->store_accessed_entry(std::move(entry));
		return raw;
	}

	static std::unique_ptr<table_entry> created(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) {
		auto found = owner->extract_created_entry(static_cast<table_entry*>(entry));
		if(found == nullptr) {
			throw sinsp_exception("only an entry that was created, and not added or destroyed yet, can be added or destroyed");
		}
		return found;
	}

	static const accessor& checked(const ss_plugin_table_entry_t* entry, const ss_plugin_table_field_t* field) {
		if(entry == nullptr || field == nullptr) {
			throw sinsp_exception("null entry or field");
		}
		return *static_cast<const accessor*>(field);
	}

	const base_table* m_this = this;
	std::string m_name;
	// The list that the last list_fields() returned.
	std::unique_ptr<std::vector<ss_plugin_table_fieldinfo>> m_list;
};

// A table whose entries are extensible_structs.
template<typename KeyType>
class extensible_table : public built_in_table<KeyType> {
public:
	// Null for `static_fields`: none. Null for `dynamic_fields`: the table makes its own.
	explicit extensible_table(const std::string& name,
	                          const static_field_infos* static_fields = nullptr,
	                          const std::shared_ptr<dynamic_field_infos>& dynamic_fields = nullptr):
	        built_in_table<KeyType>(name),
	        m_static_fields(static_fields),
	        m_dynamic_fields(dynamic_fields != nullptr ? dynamic_fields : std::make_shared<dynamic_field_infos>()) {}

	virtual const static_field_infos* static_fields() const { return m_static_fields; }
	virtual const std::shared_ptr<dynamic_field_infos>& dynamic_fields() const { return m_dynamic_fields; }

	// Throws for null, or if the present dynamic fields are shared.
	virtual void set_dynamic_fields(const std::shared_ptr<dynamic_field_infos>& dynf) {
		if(m_dynamic_fields == dynf) {
			return;
		}
		if(dynf == nullptr) {
			throw sinsp_exception("the dynamic fields of a table are set to null");
		}
		if(m_dynamic_fields.use_count() > 1) {
			throw sinsp_exception("the dynamic fields of a table are in use already");
		}
		m_dynamic_fields = dynf;
	}

	using built_in_table<KeyType>::list_fields;
	void list_fields(std::vector<ss_plugin_table_fieldinfo>& out) override {
		out.clear();
		const auto add = [&out](const auto& info) {
			out.push_back({info.name().c_str(), info.type_id(), static_cast<ss_plugin_bool>(info.readonly())});
		};
		if(const auto* members = static_fields(); members != nullptr) {
			for(const auto& field : *members) {
				add(field.second);
			}
		}
		for(const auto& field : dynamic_fields()->fields()) {
			add(field.second);
		}
	}

	using built_in_table<KeyType>::get_field;
	accessor::ptr get_field(const char* name, ss_plugin_state_type type_id) override {
		const auto* members = static_fields();
		if(members != nullptr) {
			if(const auto found = members->find(name); found != members->end()) {
				return typed(found->second, type_id);
			}
		}
		const auto& added = dynamic_fields()->fields();
		if(const auto found = added.find(name); found != added.end()) {
			return typed(found->second, type_id);
		}
		throw sinsp_exception("table '" + std::string(this->name()) + "' has no field '" + name + "'");
	}

	using built_in_table<KeyType>::add_field;
	accessor::ptr add_field(const char* name, ss_plugin_state_type type_id) override {
		const auto* members = static_fields();
		if(members != nullptr && members->count(name) != 0) {
			throw sinsp_exception("table '" + std::string(this->name()) + "' always has a field '" + name +
			                      "', none of that name can be added");
		}
		return dynamic_fields()->add_field(name, type_id).new_accessor();
	}

private:
	template<typename Info>
	accessor::ptr typed(const Info& info, ss_plugin_state_type type_id) const {
		if(info.type_id() != type_id) {
			throw sinsp_exception("field '" + info.name() + "' of table '" + this->name() + "' has type " +
			                      type_name(info.type_id()) + ", not " + type_name(type_id));
		}
		return info.new_accessor();
	}

	const static_field_infos* m_static_fields;
	std::shared_ptr<dynamic_field_infos> m_dynamic_fields;
};

}  // namespace state
}  // namespace libsinsp
