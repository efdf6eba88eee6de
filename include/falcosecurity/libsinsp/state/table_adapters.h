// SPDX-License-Identifier: Apache-2.0
// Tables that others have.
#pragma once

#include <libsinsp/state/table.h>
#include <plugin/plugin_api.h>

#include <cstdint>

namespace libsinsp {
namespace state {

// A table behind the functions of the plugin API. It has to live longer than this.
class table_input_adapter : public base_table {
public:
	explicit table_input_adapter(ss_plugin_table_input* input): base_table(input->key_type), m_input(input) {}
	explicit table_input_adapter(ss_plugin_table_t* table): table_input_adapter(static_cast<ss_plugin_table_input*>(table)) {}

	const char* name() const override { return m_input->name != nullptr ? m_input->name : "unknown"; }

	const ss_plugin_table_fieldinfo* list_fields(sinsp_table_owner*, uint32_t* nfields) override {
		return m_input->fields_ext->list_table_fields(m_input->table, nfields);
	}
	ss_plugin_table_field_t* get_field(sinsp_table_owner*, const char* name, ss_plugin_state_type type) override {
		return m_input->fields_ext->get_table_field(m_input->table, name, type);
	}
	ss_plugin_table_field_t* add_field(sinsp_table_owner*, const char* name, ss_plugin_state_type type) override {
		return m_input->fields_ext->add_table_field(m_input->table, name, type);
	}

	uint64_t get_size(sinsp_table_owner*) override { return m_input->reader_ext->get_table_size(m_input->table); }
	ss_plugin_table_entry_t* get_entry(sinsp_table_owner*, const ss_plugin_state_data* key) override {
		return m_input->reader_ext->get_table_entry(m_input->table, key);
	}
	void release_table_entry(sinsp_table_owner*, ss_plugin_table_entry_t* entry) override {
		m_input->reader_ext->release_table_entry(m_input->table, entry);
	}
	ss_plugin_bool iterate_entries(sinsp_table_owner*,
	                               ss_plugin_table_iterator_func_t it,
	                               ss_plugin_table_iterator_state_t* s) override {
		return m_input->reader_ext->iterate_entries(m_input->table, it, s);
	}
	ss_plugin_rc read_entry_field(sinsp_table_owner*,
	                              ss_plugin_table_entry_t* entry,
	                              const ss_plugin_table_field_t* field,
	                              ss_plugin_state_data* out) override {
		return m_input->reader_ext->read_entry_field(m_input->table, entry, field, out);
	}

	ss_plugin_rc clear_entries(sinsp_table_owner*) override { return m_input->writer_ext->clear_table(m_input->table); }
	ss_plugin_rc erase_entry(sinsp_table_owner*, const ss_plugin_state_data* key) override {
		return m_input->writer_ext->erase_table_entry(m_input->table, key);
	}
	ss_plugin_table_entry_t* create_table_entry(sinsp_table_owner*) override {
		return m_input->writer_ext->create_table_entry(m_input->table);
	}
	void destroy_table_entry(sinsp_table_owner*, ss_plugin_table_entry_t* entry) override {
		m_input->writer_ext->destroy_table_entry(m_input->table, entry);
	}
	ss_plugin_table_entry_t* add_entry(sinsp_table_owner*,
	                                   const ss_plugin_state_data* key,
	                                   ss_plugin_table_entry_t* entry) override {
		return m_input->writer_ext->add_table_entry(m_input->table, key, entry);
	}
	ss_plugin_rc write_entry_field(sinsp_table_owner*,
	                               ss_plugin_table_entry_t* entry,
	                               const ss_plugin_table_field_t* field,
	                               const ss_plugin_state_data* in) override {
		return m_input->writer_ext->write_entry_field(m_input->table, entry, field, in);
	}

private:
	ss_plugin_table_input* m_input;
};

}  // namespace state
}  // namespace libsinsp
