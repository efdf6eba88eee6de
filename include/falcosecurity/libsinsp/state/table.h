// SPDX-License-Identifier: Apache-2.0
// Tables of state: what all have in common, and the bases of tables that a C++ program has itself.
#pragma once

#include <libsinsp/capi.h>
#include <libsinsp/detail/state_data.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/dynamic_struct.h>
#include <libsinsp/state/extensible_struct.h>
#include <libsinsp/state/static_struct.h>
#include <libsinsp/state/table_entry.h>
#include <libsinsp/state/type_info.h>
#include <plugin/plugin_api.h>
#include <plugin/plugin_types.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace libsinsp {
namespace state {

class base_table;
class sinsp_table_owner;

// A C++ table as the plugin API has tables: an `ss_plugin_table_input`, whose functions call the table's. What those throw becomes the
// owner's error. Table and owner have to live longer.
struct table_accessor {
	inline table_accessor();
	table_accessor(const table_accessor&) = delete;
	table_accessor& operator=(const table_accessor&) = delete;
	virtual ~table_accessor() = default;

	inline void set(sinsp_table_owner* owner, base_table* table);
	inline void unset();
	bool is_set() const { return m_table != nullptr; }

	sinsp_table_owner* m_owner_plugin = nullptr;
	base_table* m_table = nullptr;
	ss_plugin_table_input input = {};
	ss_plugin_table_fields_vtable_ext fields_vtable = {};
	ss_plugin_table_reader_vtable_ext reader_vtable = {};
	ss_plugin_table_writer_vtable_ext writer_vtable = {};

private:
	template<typename Result, typename Act>
	static Result call(ss_plugin_table_t* accessor, Result failed, Act act);
};

// Who looks at tables: holds what it got of them until it gives that back, at the latest when it ends.
class sinsp_table_owner {
public:
	sinsp_table_owner() = default;
	sinsp_table_owner(const sinsp_table_owner&) = delete;
	sinsp_table_owner& operator=(const sinsp_table_owner&) = delete;
	virtual ~sinsp_table_owner() { clear_accessed_entries(); }

	// Why the last function on a table failed.
	std::string m_last_owner_err;

	// An entry of a table of the library, which counts it; `input` is the table's.
	void store_counted_entry(const ss_plugin_table_input* input, ss_plugin_table_entry_t* entry) {
		m_accessed.push_back({entry, nullptr, input});
	}
	// An entry that was counted is given back, or was used up. Answers whether it was this owner's.
	bool forget_counted_entry(ss_plugin_table_entry_t* entry) { return forget(entry); }

	// An entry of a C++ table, which stays as long as it is accessed.
	void store_accessed_entry(std::shared_ptr<table_entry> entry) {
		auto* raw = entry.get();
		m_accessed.push_back({raw, std::move(entry), nullptr});
	}
	void release_accessed_entry(table_entry* entry) { forget(entry); }

	// An entry that was made for a C++ table and is not in it yet.
	table_entry* add_created_entry(std::unique_ptr<table_entry> entry) {
		m_created.push_back(std::move(entry));
		return m_created.back().get();
	}
	// Null if it was not made by this owner, or is in a table already.
	std::unique_ptr<table_entry> extract_created_entry(table_entry* entry) {
		for(auto it = m_created.rbegin(); it != m_created.rend(); ++it) {
			if(it->get() == entry) {
				auto found = std::move(*it);
				*it = std::move(m_created.back());
				m_created.pop_back();
				return found;
			}
		}
		return nullptr;
	}

	// A place for a table in an entry of a C++ table; valid as long as the owner, or until clear_ephemeral_tables().
	table_accessor& find_unset_ephemeral_table() {
		if(m_ephemeral_used == m_ephemeral.size()) {
			m_ephemeral.emplace_back();
		}
		return m_ephemeral[m_ephemeral_used++];
	}

	// An accessor of a field, which stays as long as the owner.
	const accessor* store_field(accessor::ptr field) {
		m_fields.push_back(std::move(field));
		return m_fields.back().raw_ptr();
	}

protected:
	void clear_ephemeral_tables() { m_ephemeral_used = 0; }

	// Gives all entries back that are still held.
	void clear_accessed_entries() {
		auto all = std::move(m_accessed);
		m_accessed.clear();
		for(const auto& held : all) {
			if(held.input != nullptr) {
				held.input->reader_ext->release_table_entry(held.input->table, held.entry);
			}
		}
	}
	void clear_created_entries() { m_created.clear(); }

private:
	struct accessed {
		ss_plugin_table_entry_t* entry;
		std::shared_ptr<table_entry> object;
		const ss_plugin_table_input* input;
	};

	bool forget(ss_plugin_table_entry_t* entry) {
		for(auto it = m_accessed.rbegin(); it != m_accessed.rend(); ++it) {
			if(it->entry == entry) {
				// Kept until the list is in order: what it ends may come back here.
				const auto gone = std::move(*it);
				if(&*it != &m_accessed.back()) {
					*it = std::move(m_accessed.back());
				}
				m_accessed.pop_back();
				return true;
			}
		}
		return false;
	}

	std::vector<accessed> m_accessed;
	std::vector<std::unique_ptr<table_entry>> m_created;
	std::deque<table_accessor> m_ephemeral;
	size_t m_ephemeral_used = 0;
	std::vector<accessor::ptr> m_fields;
};

// A table, with the functions of the plugin API. They fail with the reason in the owner's m_last_owner_err.
class base_table {
public:
	explicit base_table(ss_plugin_state_type key_type): m_key_type_id(key_type) {}
	virtual ~base_table() = default;
	base_table(base_table&&) = default;
	base_table& operator=(base_table&&) = default;
	base_table(const base_table&) = delete;
	base_table& operator=(const base_table&) = delete;

	virtual const char* name() const = 0;
	ss_plugin_state_type key_type() const { return m_key_type_id; }

	virtual const ss_plugin_table_fieldinfo* list_fields(sinsp_table_owner* owner, uint32_t* nfields) = 0;
	// Null if there is none of that name and type.
	virtual ss_plugin_table_field_t* get_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) = 0;
	virtual ss_plugin_table_field_t* add_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) = 0;

	virtual uint64_t get_size(sinsp_table_owner* owner) = 0;
	// Held by the owner until it is released.
	virtual ss_plugin_table_entry_t* get_entry(sinsp_table_owner* owner, const ss_plugin_state_data* key) = 0;
	virtual void release_table_entry(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) = 0;
	virtual ss_plugin_bool iterate_entries(sinsp_table_owner* owner,
	                                       ss_plugin_table_iterator_func_t it,
	                                       ss_plugin_table_iterator_state_t* s) = 0;
	virtual ss_plugin_rc clear_entries(sinsp_table_owner* owner) = 0;
	virtual ss_plugin_rc erase_entry(sinsp_table_owner* owner, const ss_plugin_state_data* key) = 0;
	// The owner's until it is added or destroyed.
	virtual ss_plugin_table_entry_t* create_table_entry(sinsp_table_owner* owner) = 0;
	virtual void destroy_table_entry(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) = 0;
	// Uses the created entry up, also if it fails; what it answers is to be released.
	virtual ss_plugin_table_entry_t* add_entry(sinsp_table_owner* owner,
	                                           const ss_plugin_state_data* key,
	                                           ss_plugin_table_entry_t* entry) = 0;
	virtual ss_plugin_rc read_entry_field(sinsp_table_owner* owner,
	                                      ss_plugin_table_entry_t* entry,
	                                      const ss_plugin_table_field_t* field,
	                                      ss_plugin_state_data* out) = 0;
	virtual ss_plugin_rc write_entry_field(sinsp_table_owner* owner,
	                                       ss_plugin_table_entry_t* entry,
	                                       const ss_plugin_table_field_t* field,
	                                       const ss_plugin_state_data* in) = 0;

protected:
	ss_plugin_state_type m_key_type_id;
};

// A table whose type of keys is known.
template<typename KeyType>
class table : public base_table {
public:
	table(): base_table(type_id_of<KeyType>()) {}
};

// A table of C++ objects: what has the typed functions gets those of the plugin API from here.
template<typename KeyType>
class built_in_table : public table<KeyType> {
public:
	explicit built_in_table(std::string name): m_name(std::move(name)) {}

	const char* name() const override { return m_name.c_str(); }

	// For members that are tables: a field of type table is the address of such a pointer.
	const base_table* const& table_ptr() const { return m_this; }
	static size_t table_ptr_offset() { return OFFSETOF_STATIC_FIELD(built_in_table<KeyType>, m_this); }

	// All functions below throw what goes wrong.

	virtual void list_fields(std::vector<ss_plugin_table_fieldinfo>& out) = 0;
	virtual accessor::ptr get_field(const char* name, ss_plugin_state_type type_id) = 0;
	virtual accessor::ptr add_field(const char* name, ss_plugin_state_type type_id) = 0;
	virtual size_t entries_count() const = 0;
	// Null if there is none.
	virtual std::shared_ptr<table_entry> get_entry(const KeyType& key) = 0;
	// An entry that can be added to the table.
	virtual std::unique_ptr<table_entry> new_entry() const = 0;
	// Adds an entry in place of one that has the key already.
	virtual std::shared_ptr<table_entry> add_entry(const KeyType& key, std::unique_ptr<table_entry> entry) = 0;
	virtual void clear_entries() = 0;
	// Answers whether it was there.
	virtual bool erase_entry(const KeyType& key) = 0;
	// Answers whether no call answered false.
	virtual bool foreach_entry(std::function<bool(table_entry& e)> pred) = 0;

	const ss_plugin_table_fieldinfo* list_fields(sinsp_table_owner* owner, uint32_t* nfields) override {
		return answer<const ss_plugin_table_fieldinfo*>(owner, nullptr, [&] {
			m_list.clear();
			list_fields(m_list);
			*nfields = static_cast<uint32_t>(m_list.size());
			return m_list.data();
		});
	}

	ss_plugin_table_field_t* get_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) override {
		return answer<ss_plugin_table_field_t*>(owner, nullptr, [&] {
			const auto known = m_accessors.find(name);
			if(known != m_accessors.end() && known->second->raw_ptr()->type_id() == type) {
				return opaque(known->second->raw_ptr());
			}
			// Throws if the type is wrong.
			auto field = std::make_unique<accessor::ptr>(get_field(name, type));
			const auto* raw = field->raw_ptr();
			m_accessors[name] = std::move(field);
			return opaque(raw);
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
				auto& place = owner->find_unset_ephemeral_table();
				place.set(owner, inner);
				out.table = &place.input;
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
	std::vector<ss_plugin_table_fieldinfo> m_list;
	std::unordered_map<std::string, std::unique_ptr<accessor::ptr>> m_accessors;
};

// A table of objects that are extensible_structs: members are fields, and others can be added.
template<typename KeyType>
class extensible_table : public built_in_table<KeyType> {
public:
	// Null: no members, and definitions of its own for what is added.
	explicit extensible_table(const std::string& name,
	                          const static_field_infos* static_fields = nullptr,
	                          const std::shared_ptr<dynamic_field_infos>& dynamic_fields = nullptr):
	        built_in_table<KeyType>(name),
	        m_static_fields(static_fields),
	        m_dynamic_fields(dynamic_fields != nullptr ? dynamic_fields : std::make_shared<dynamic_field_infos>()) {}

	virtual const static_field_infos* static_fields() const { return m_static_fields; }
	virtual const std::shared_ptr<dynamic_field_infos>& dynamic_fields() const { return m_dynamic_fields; }

	// Throws for null, and if the present ones are in use.
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

template<typename Result, typename Act>
Result table_accessor::call(ss_plugin_table_t* accessor, Result failed, Act act) {
	auto& self = *static_cast<table_accessor*>(accessor);
	if(self.m_table == nullptr) {
		return failed;
	}
	try {
		return act(*self.m_table, self.m_owner_plugin);
	} catch(const std::exception& e) {
		self.m_owner_plugin->m_last_owner_err = e.what();
	} catch(...) {
		self.m_owner_plugin->m_last_owner_err = "unknown error";
	}
	return failed;
}

inline table_accessor::table_accessor() {
	using table_t = ss_plugin_table_t;
	using entry_t = ss_plugin_table_entry_t;
	using field_t = ss_plugin_table_field_t;
	using data_t = ss_plugin_state_data;
	using owner_t = sinsp_table_owner;

	fields_vtable.list_table_fields = [](table_t* t, uint32_t* nfields) {
		const ss_plugin_table_fieldinfo* failed = nullptr;
		return call(t, failed, [=](base_table& table, owner_t* owner) { return table.list_fields(owner, nfields); });
	};
	fields_vtable.get_table_field = [](table_t* t, const char* name, ss_plugin_state_type type) {
		return call(t, static_cast<field_t*>(nullptr), [=](base_table& table, owner_t* owner) {
			return table.get_field(owner, name, type);
		});
	};
	fields_vtable.add_table_field = [](table_t* t, const char* name, ss_plugin_state_type type) {
		return call(t, static_cast<field_t*>(nullptr), [=](base_table& table, owner_t* owner) {
			return table.add_field(owner, name, type);
		});
	};
	reader_vtable.get_table_name = [](table_t* t) {
		const char* failed = nullptr;
		return call(t, failed, [](base_table& table, owner_t*) { return table.name(); });
	};
	reader_vtable.get_table_size = [](table_t* t) {
		return call(t, UINT64_MAX, [](base_table& table, owner_t* owner) { return table.get_size(owner); });
	};
	reader_vtable.get_table_entry = [](table_t* t, const data_t* key) {
		return call(t, static_cast<entry_t*>(nullptr), [=](base_table& table, owner_t* owner) {
			return table.get_entry(owner, key);
		});
	};
	reader_vtable.read_entry_field = [](table_t* t, entry_t* entry, const field_t* field, data_t* out) {
		return call(t, SS_PLUGIN_FAILURE, [=](base_table& table, owner_t* owner) {
			*out = {};
			return table.read_entry_field(owner, entry, field, out);
		});
	};
	reader_vtable.release_table_entry = [](table_t* t, entry_t* entry) {
		call(t, 0, [=](base_table& table, owner_t* owner) {
			table.release_table_entry(owner, entry);
			return 0;
		});
	};
	reader_vtable.iterate_entries = [](table_t* t, ss_plugin_table_iterator_func_t it, ss_plugin_table_iterator_state_t* s) {
		return call(t, ss_plugin_bool(0), [=](base_table& table, owner_t* owner) {
			return table.iterate_entries(owner, it, s);
		});
	};
	writer_vtable.clear_table = [](table_t* t) {
		return call(t, SS_PLUGIN_FAILURE, [](base_table& table, owner_t* owner) { return table.clear_entries(owner); });
	};
	writer_vtable.erase_table_entry = [](table_t* t, const data_t* key) {
		return call(t, SS_PLUGIN_FAILURE, [=](base_table& table, owner_t* owner) { return table.erase_entry(owner, key); });
	};
	writer_vtable.create_table_entry = [](table_t* t) {
		return call(t, static_cast<entry_t*>(nullptr), [](base_table& table, owner_t* owner) {
			return table.create_table_entry(owner);
		});
	};
	writer_vtable.destroy_table_entry = [](table_t* t, entry_t* entry) {
		call(t, 0, [=](base_table& table, owner_t* owner) {
			table.destroy_table_entry(owner, entry);
			return 0;
		});
	};
	writer_vtable.add_table_entry = [](table_t* t, const data_t* key, entry_t* entry) {
		return call(t, static_cast<entry_t*>(nullptr), [=](base_table& table, owner_t* owner) {
			return table.add_entry(owner, key, entry);
		});
	};
	writer_vtable.write_entry_field = [](table_t* t, entry_t* entry, const field_t* field, const data_t* in) {
		return call(t, SS_PLUGIN_FAILURE, [=](base_table& table, owner_t* owner) {
			return table.write_entry_field(owner, entry, field, in);
		});
	};
	input.reader = {reader_vtable.get_table_name,
	                reader_vtable.get_table_size,
	                reader_vtable.get_table_entry,
	                reader_vtable.read_entry_field};
	input.writer = writer_vtable;
	input.fields = fields_vtable;
	input.reader_ext = &reader_vtable;
	input.writer_ext = &writer_vtable;
	input.fields_ext = &fields_vtable;
	unset();
}

inline void table_accessor::set(sinsp_table_owner* owner, base_table* table) {
	if(owner == nullptr || table == nullptr) {
		throw sinsp_exception("null table or owner of a table");
	}
	m_owner_plugin = owner;
	m_table = table;
	input.name = table->name();
	input.key_type = table->key_type();
	input.table = this;
}

inline void table_accessor::unset() {
	m_owner_plugin = nullptr;
	m_table = nullptr;
	input.name = nullptr;
	input.key_type = SS_PLUGIN_ST_INT8;
	input.table = nullptr;
}

}  // namespace state
}  // namespace libsinsp

#include <libsinsp/state/table_adapters.h>
