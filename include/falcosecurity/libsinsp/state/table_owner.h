// SPDX-License-Identifier: Apache-2.0
// Who looks at tables of state.
#pragma once

#include <libsinsp/state/table_entry.h>
#include <plugin/plugin_api.h>
#include <plugin/plugin_types.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
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
	// The place that a table has already, or a new one. To be used while the entry is held that has the table.
	inline table_accessor& ephemeral_table(base_table* table);

	// The accessor of a field of tables of a name, which stays as long as the owner: the one that it has, if that has the same type and field.
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
	std::unordered_map<base_table*, table_accessor*> m_ephemeral_of;
	std::unordered_map<std::string, std::vector<accessor::ptr>> m_fields;
};

}  // namespace state
}  // namespace libsinsp

#include <libsinsp/state/table_accessor.h>
