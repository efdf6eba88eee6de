// SPDX-License-Identifier: Apache-2.0
// The base classes of all tables of state.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/state/type_info.h>
#include <plugin/plugin_api.h>
#include <plugin/plugin_types.h>

#include <cstdint>

namespace libsinsp {
namespace state {

class sinsp_table_owner;

// A table with the functions of the plugin API. A function that fails sets the owner's m_last_owner_err to the reason.
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
	// Returns null if there is no field of that name and type.
	virtual ss_plugin_table_field_t* get_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) = 0;
	virtual ss_plugin_table_field_t* add_field(sinsp_table_owner* owner, const char* name, ss_plugin_state_type type) = 0;

	virtual uint64_t get_size(sinsp_table_owner* owner) = 0;
	// The owner holds the entry until it calls release_table_entry().
	virtual ss_plugin_table_entry_t* get_entry(sinsp_table_owner* owner, const ss_plugin_state_data* key) = 0;
	virtual void release_table_entry(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) = 0;
	virtual ss_plugin_bool iterate_entries(sinsp_table_owner* owner,
	                                       ss_plugin_table_iterator_func_t it,
	                                       ss_plugin_table_iterator_state_t* s) = 0;
	virtual ss_plugin_rc clear_entries(sinsp_table_owner* owner) = 0;
	virtual ss_plugin_rc erase_entry(sinsp_table_owner* owner, const ss_plugin_state_data* key) = 0;
	// The owner holds the new entry until it adds or destroys it.
	virtual ss_plugin_table_entry_t* create_table_entry(sinsp_table_owner* owner) = 0;
	virtual void destroy_table_entry(sinsp_table_owner* owner, ss_plugin_table_entry_t* entry) = 0;
	// Consumes `entry`, also on failure. The owner must release the returned entry.
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

// A table with keys of type KeyType.
template<typename KeyType>
class table : public base_table {
public:
	table(): base_table(type_id_of<KeyType>()) {}
};

}  // namespace state
}  // namespace libsinsp
