// SPDX-License-Identifier: Apache-2.0
// Adapters that present tables of the library and of plugins as C++ objects.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/state/table_bases.h>
#include <plugin/plugin_api.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace libsinsp {
namespace detail {

// Implements Base, a base_table, by the functions of an ss_plugin_table_input, which must outlive this object. Entries of the library's tables are
// reference-counted: the owner's destructor releases those that it still holds.
template<typename Base>
class input_functions : public Base {
public:
	template<typename... Args>
	explicit input_functions(ss_plugin_table_input* input, Args&&... args):
	        Base(std::forward<Args>(args)...),
	        m_input(input),
	        m_own(sinsp_table_is_own(input)),
	        m_name(input->name != nullptr ? input->name : "unknown") {}

	const char* name() const override { return m_name.c_str(); }

	const ss_plugin_table_fieldinfo* list_fields(state::sinsp_table_owner* owner, uint32_t* nfields) override {
		return checked(owner, m_input->fields_ext->list_table_fields(m_input->table, nfields));
	}
	ss_plugin_table_field_t* get_field(state::sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) override {
		return checked(owner, m_input->fields_ext->get_table_field(m_input->table, name, type));
	}
	ss_plugin_table_field_t* add_field(state::sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) override {
		return checked(owner, m_input->fields_ext->add_table_field(m_input->table, name, type));
	}

	uint64_t get_size(state::sinsp_table_owner* owner) override {
		const auto size = m_input->reader_ext->get_table_size(m_input->table);
		checked(owner, size != UINT64_MAX);
		return size;
	}
	ss_plugin_table_entry_t* get_entry(state::sinsp_table_owner* owner, const ss_plugin_state_data* key) override {
		return held(owner, m_input->reader_ext->get_table_entry(m_input->table, key));
	}
	void release_table_entry(state::sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) override {
		if(!m_own || owner->forget_counted_entry(entry)) {
			m_input->reader_ext->release_table_entry(m_input->table, entry);
		}
	}
	ss_plugin_bool iterate_entries(state::sinsp_table_owner*,
	                               ss_plugin_table_iterator_func_t it,
	                               ss_plugin_table_iterator_state_t* s) override {
		return m_input->reader_ext->iterate_entries(m_input->table, it, s);
	}
	ss_plugin_rc read_entry_field(state::sinsp_table_owner* owner,
	                              ss_plugin_table_entry_t* entry,
	                              const ss_plugin_table_field_t* field,
	                              ss_plugin_state_data* out) override {
		return done(owner, m_input->reader_ext->read_entry_field(m_input->table, entry, field, out));
	}

	ss_plugin_rc clear_entries(state::sinsp_table_owner* owner) override {
		return done(owner, m_input->writer_ext->clear_table(m_input->table));
	}
	ss_plugin_rc erase_entry(state::sinsp_table_owner* owner, const ss_plugin_state_data* key) override {
		return done(owner, m_input->writer_ext->erase_table_entry(m_input->table, key));
	}
	ss_plugin_table_entry_t* create_table_entry(state::sinsp_table_owner* owner) override {
		return checked(owner, m_input->writer_ext->create_table_entry(m_input->table));
	}
	void destroy_table_entry(state::sinsp_table_owner*, ss_plugin_table_entry_t* entry) override {
		m_input->writer_ext->destroy_table_entry(m_input->table, entry);
	}
	ss_plugin_table_entry_t* add_entry(state::sinsp_table_owner* owner,
	                                   const ss_plugin_state_data* key,
	                                   ss_plugin_table_entry_t* entry) override {
		return held(owner, m_input->writer_ext->add_table_entry(m_input->table, key, entry));
	}
	ss_plugin_rc write_entry_field(state::sinsp_table_owner* owner,
	                               ss_plugin_table_entry_t* entry,
	                               const ss_plugin_table_field_t* field,
	                               const ss_plugin_state_data* in) override {
		return done(owner, m_input->writer_ext->write_entry_field(m_input->table, entry, field, in));
	}

	// The table in the form of the plugin API.
	ss_plugin_table_input* input() const { return m_input; }

private:
	// On failure sets the owner's error.
	template<typename Result>
	Result checked(state::sinsp_table_owner* owner, Result result) {
		if(!result) {
			owner->m_last_owner_err = text(sinsp_table_error());
		}
		return result;
	}
	ss_plugin_rc done(state::sinsp_table_owner* owner, ss_plugin_rc rc) {
		checked(owner, rc == SS_PLUGIN_SUCCESS);
		return rc;
	}
	ss_plugin_table_entry_t* held(state::sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) {
		if(entry != nullptr && m_own) {
			owner->store_counted_entry(m_input, entry);
		}
		return checked(owner, entry);
	}

	ss_plugin_table_input* m_input;
	bool m_own;
	std::string m_name;
};

}  // namespace detail

namespace state {

// A table of any key type. The `table` must outlive this object.
class table_input_adapter : public detail::input_functions<base_table> {
public:
	explicit table_input_adapter(ss_plugin_table_input* input): input_functions(input, input->key_type) {}
	explicit table_input_adapter(ss_plugin_table_t* table): table_input_adapter(static_cast<ss_plugin_table_input*>(table)) {}
};

// A table with keys of type KeyType. The `input` must outlive this object.
template<typename KeyType>
class typed_table_input_adapter : public detail::input_functions<table<KeyType>> {
public:
	explicit typed_table_input_adapter(ss_plugin_table_input* input): detail::input_functions<table<KeyType>>(input) {}
};

// The dynamic fields of a table of the library: a field added here is added to the library's table, and fields that others added there appear here.
// `table` returns the table, or null once it no longer exists. `members`: the static fields of the table, which must outlive this object.
class library_field_infos : public dynamic_field_infos {
public:
	library_field_infos(std::function<ss_plugin_table_input*()> table, const static_field_infos& members):
	        m_table(std::move(table)),
	        m_members(members) {}

	const std::unordered_map<std::string, dynamic_field_info>& fields() override {
		auto* input = m_table();
		if(input == nullptr) {
			return m_definitions;
		}
		uint32_t count = 0;
		const auto* all = input->fields_ext->list_table_fields(input->table, &count);
		// The library lists dynamic fields in the order of their addition, after the static fields.
		for(uint32_t i = m_seen; i < count; i++) {
			if(m_members.count(all[i].name) == 0) {
				dynamic_field_infos::add_field_info(
				        dynamic_field_info(all[i].name, m_definitions.size(), all[i].field_type, id(), false));
			}
		}
		m_seen = count;
		return m_definitions;
	}

protected:
	const dynamic_field_info& add_field_info(const dynamic_field_info& field) override {
		auto* input = m_table();
		if(input == nullptr) {
			throw sinsp_exception("a field cannot be added to the tables of an inspector that is gone");
		}
		if(input->fields_ext->add_table_field(input->table, field.name().c_str(), field.type_id()) == nullptr) {
			throw sinsp_exception(detail::text(sinsp_table_error()));
		}
		return fields().at(field.name());
	}

private:
	std::function<ss_plugin_table_input*()> m_table;
	const static_field_infos& m_members;
	uint32_t m_seen = 0;
};

}  // namespace state
}  // namespace libsinsp
