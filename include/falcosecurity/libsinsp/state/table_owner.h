// SPDX-License-Identifier: Apache-2.0
// Owners of accesses to tables of state, and the adapter that presents C++ tables to the plugin API.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/base_table.h>
#include <libsinsp/state/table_entry.h>
#include <plugin/plugin_api.h>
#include <plugin/plugin_types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace libsinsp {
namespace state {

class base_table;
class sinsp_table_owner;

// A C++ table in the form of the plugin API, an `ss_plugin_table_input`. An exception of the table becomes the owner's error. The table and the owner
// must outlive it.
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

// Accesses tables for a plugin or a program. It holds the entries and accessors that it gets from them; its destructor releases those left.
class sinsp_table_owner {
public:
	sinsp_table_owner() = default;
	sinsp_table_owner(const sinsp_table_owner&) = delete;
	sinsp_table_owner& operator=(const sinsp_table_owner&) = delete;
	virtual ~sinsp_table_owner() { clear_accessed_entries(); }

	// The error of the last failed function of a table.
	std::string m_last_owner_err;

	// Stores a reference-counted entry of a table of the library. `input`: the table.
	void store_counted_entry(const ss_plugin_table_input* input, ss_plugin_table_entry_t* entry) {
		m_accessed.push_back({entry, nullptr, input});
	}
	// Removes an entry that was released or consumed. Returns whether this owner held it.
	bool forget_counted_entry(ss_plugin_table_entry_t* entry) { return forget(entry); }

	// Stores a shared pointer to an entry of a C++ table.
	void store_accessed_entry(std::shared_ptr<table_entry> entry) {
		auto* raw = entry.get();
		m_accessed.push_back({raw, std::move(entry), nullptr});
	}
	void release_accessed_entry(table_entry* entry) { forget(entry); }

	// Stores an entry that was created for a C++ table and is not in it yet.
	table_entry* add_created_entry(std::unique_ptr<table_entry> entry) {
		m_created.push_back(std::move(entry));
		return m_created.back().get();
	}
	// Removes and returns a created entry. Returns null if this owner has no such entry.
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

	// An unused accessor for a table that is a field of an entry. Valid until clear_ephemeral_tables() or the destructor.
	table_accessor& find_unset_ephemeral_table() {
		if(m_ephemeral_used == m_ephemeral.size()) {
			m_ephemeral.emplace_back();
		}
		return m_ephemeral[m_ephemeral_used++];
	}
	// The accessor of a table that is a field of an entry; the same one each time. Valid while that entry is held.
	inline table_accessor& ephemeral_table(base_table* table);

	// Stores the accessor of a field of tables with the name `table`, or returns the equal one that it has. Valid as long as the owner.
	const accessor* store_field(const std::string& table, const std::string& name, accessor::ptr field) {
		auto& known = m_fields[table + '.' + name];
		for(const auto& accessor : known) {
			if(accessor.raw_ptr()->same_as(*field.raw_ptr())) {
				return accessor.raw_ptr();
			}
		}
		known.push_back(std::move(field));
		return known.back().raw_ptr();
	}

protected:
	void clear_ephemeral_tables() {
		m_ephemeral_used = 0;
		m_ephemeral_of.clear();
	}

	// Releases all entries.
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
				// Its destructor may call this function again: run it after the list is consistent.
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
	std::unordered_map<base_table*, table_accessor*> m_ephemeral_of;
	std::unordered_map<std::string, std::vector<accessor::ptr>> m_fields;
};

template<typename Result, typename Act>
Result table_accessor::call(ss_plugin_table_t* accessor, Result failed, Act act) {
	auto& self = *static_cast<table_accessor*>(accessor);
	if(self.m_table == nullptr) {
		return failed;
	}
	auto& why = self.m_owner_plugin->m_last_owner_err;
	try {
		const Result result = act(*self.m_table, self.m_owner_plugin);
		if(result != failed) {
			return result;
		}
	} catch(const std::exception& e) {
		why = e.what();
	} catch(...) {
		why = "unknown error";
	}
	sinsp_table_set_error(sinsp_str{why.data(), why.size()});
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
	input.writer = {writer_vtable.clear_table,
	                writer_vtable.erase_table_entry,
	                writer_vtable.create_table_entry,
	                writer_vtable.destroy_table_entry,
	                writer_vtable.add_table_entry,
	                writer_vtable.write_entry_field};
	input.fields = {fields_vtable.list_table_fields, fields_vtable.get_table_field, fields_vtable.add_table_field};
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

inline table_accessor& sinsp_table_owner::ephemeral_table(base_table* table) {
	auto*& place = m_ephemeral_of[table];
	if(place == nullptr) {
		place = &find_unset_ephemeral_table();
	}
	// A destroyed table's address may have been reused: set it each time.
	place->set(this, table);
	return *place;
}

}  // namespace state
}  // namespace libsinsp
