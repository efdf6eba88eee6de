// SPDX-License-Identifier: Apache-2.0
// C++ tables behind the functions of the plugin API.
#pragma once

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/base_table.h>
#include <libsinsp/state/table_owner.h>
#include <plugin/plugin_api.h>

#include <cstdint>
#include <exception>

namespace libsinsp {
namespace state {

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

inline table_accessor& sinsp_table_owner::ephemeral_table(base_table* table) {
	auto*& place = m_ephemeral_of[table];
	if(place == nullptr) {
		place = &find_unset_ephemeral_table();
	}
	// Another table may be where one was that is gone.
	place->set(this, table);
	return *place;
}

}  // namespace state
}  // namespace libsinsp
