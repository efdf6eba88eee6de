// SPDX-License-Identifier: Apache-2.0
// Typed access to tables of state, with C++ types and exceptions.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/state_data.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

// An entry of a table; its destructor releases or destroys it as `dtor` says. The owner and the table must outlive it.
class sinsp_table_entry {
public:
	enum class entry_dtor { NONE, DESTROY, RELEASE };

	sinsp_table_entry() = delete;
	sinsp_table_entry(libsinsp::state::sinsp_table_owner* owner,
	                  ss_plugin_table_entry_t* entry,
	                  libsinsp::state::base_table* table,
	                  entry_dtor dtor):
	        m_owner(owner),
	        m_entry(entry),
	        m_table(table),
	        m_dtor(dtor) {}
	sinsp_table_entry(const sinsp_table_entry&) = delete;
	sinsp_table_entry& operator=(const sinsp_table_entry&) = delete;
	sinsp_table_entry(sinsp_table_entry&& other) noexcept:
	        m_owner(other.m_owner),
	        m_entry(std::exchange(other.m_entry, nullptr)),
	        m_table(other.m_table),
	        m_dtor(other.m_dtor) {}
	sinsp_table_entry& operator=(sinsp_table_entry&& other) noexcept {
		std::swap(m_owner, other.m_owner);
		std::swap(m_entry, other.m_entry);
		std::swap(m_table, other.m_table);
		std::swap(m_dtor, other.m_dtor);
		return *this;
	}
	~sinsp_table_entry() {
		if(m_entry != nullptr && m_dtor == entry_dtor::DESTROY) {
			m_table->destroy_table_entry(m_owner, m_entry);
		} else if(m_entry != nullptr && m_dtor == entry_dtor::RELEASE) {
			m_table->release_table_entry(m_owner, m_entry);
		}
	}

	// Throws if the field does not belong to the table or its type is not FieldType.
	template<typename FieldType>
	void read_field(const ss_plugin_table_field_t* field, FieldType& out) {
		ss_plugin_state_data data = {};
		if(m_table->read_entry_field(m_owner, m_entry, field, &data) != SS_PLUGIN_SUCCESS) {
			throw sinsp_exception("failed to read field: " + m_owner->m_last_owner_err);
		}
		out = libsinsp::detail::state_data<FieldType>::get(data);
	}

	template<typename FieldType>
	void write_field(const ss_plugin_table_field_t* field, const FieldType& in) {
		ss_plugin_state_data data = {};
		libsinsp::detail::state_data<FieldType>::set(data, in);
		if(m_table->write_entry_field(m_owner, m_entry, field, &data) != SS_PLUGIN_SUCCESS) {
			throw sinsp_exception("failed to write field: " + m_owner->m_last_owner_err);
		}
	}

private:
	template<typename KeyType>
	friend class sinsp_table;

	libsinsp::state::sinsp_table_owner* m_owner;
	ss_plugin_table_entry_t* m_entry;
	libsinsp::state::base_table* m_table;
	entry_dtor m_dtor;
};

// A table. The owner and the table must outlive it.
template<typename KeyType>
class sinsp_table {
public:
	// Throws if the table's keys are not of type KeyType.
	sinsp_table(libsinsp::state::sinsp_table_owner* owner, libsinsp::state::base_table* table):
	        m_owner(owner),
	        m_table(table) {
		using namespace libsinsp::state;
		if(table->key_type() != type_id_of<KeyType>()) {
			throw sinsp_exception("table '" + std::string(table->name()) + "' has keys of type " +
			                      type_name(table->key_type()) + ", not " + type_name<KeyType>());
		}
	}

	// The fields of a table.
	class field_list {
	public:
		field_list(const ss_plugin_table_fieldinfo* first, size_t count): m_first(first), m_count(count) {}
		const ss_plugin_table_fieldinfo* begin() const { return m_first; }
		const ss_plugin_table_fieldinfo* end() const { return m_first + m_count; }
		size_t size() const { return m_count; }
		bool empty() const { return m_count == 0; }
		const ss_plugin_table_fieldinfo& operator[](size_t i) const { return m_first[i]; }

	private:
		const ss_plugin_table_fieldinfo* m_first;
		size_t m_count;
	};

	std::string_view name() const { return m_table->name(); }
	size_t entries_count() const { return m_table->get_size(m_owner); }
	ss_plugin_state_type key_type() const { return m_table->key_type(); }

	field_list fields() const {
		uint32_t count = 0;
		const auto* first = m_table->list_fields(m_owner, &count);
		return field_list(first, first != nullptr ? count : 0);
	}

	// Returns null if there is no such field.
	const ss_plugin_table_fieldinfo* get_field_info(const char* name) const {
		for(const auto& field : fields()) {
			if(std::string_view(field.name) == name) {
				return &field;
			}
		}
		return nullptr;
	}

	// Returns null if there is no field of that name and type.
	template<typename FieldType>
	ss_plugin_table_field_t* get_field(const char* name) {
		return m_table->get_field(m_owner, name, libsinsp::state::type_id_of<FieldType>());
	}
	template<typename FieldType>
	ss_plugin_table_field_t* add_field(const char* name) {
		return m_table->add_field(m_owner, name, libsinsp::state::type_id_of<FieldType>());
	}

	// Throws if there is no entry with this key.
	sinsp_table_entry get_entry(const KeyType& key) {
		const auto data = data_of(key);
		return make_entry("could not get entry: ", m_table->get_entry(m_owner, &data), sinsp_table_entry::entry_dtor::RELEASE);
	}

	sinsp_table_entry new_entry() {
		return make_entry("could not create entry: ", m_table->create_table_entry(m_owner), sinsp_table_entry::entry_dtor::DESTROY);
	}

	// Adds a new entry; `entry` then refers to the one in the table. Throws on failure, after which `entry` is empty.
	void add_entry(const KeyType& key, sinsp_table_entry& entry) {
		const auto data = data_of(key);
		entry.m_entry = m_table->add_entry(m_owner, &data, entry.m_entry);
		entry.m_dtor = sinsp_table_entry::entry_dtor::RELEASE;
		if(entry.m_entry == nullptr) {
			throw sinsp_exception("could not add entry: " + m_owner->m_last_owner_err);
		}
	}

	// Calls `pred` for each entry until it returns false. Returns whether all calls returned true. An exception of `pred` comes out of it.
	bool foreach_entry(std::function<bool(sinsp_table_entry& e)> pred) {
		visit state = {m_owner, m_table, pred, nullptr};
		const bool whole = m_table->iterate_entries(m_owner, visit::call, &state) != 0;
		if(state.thrown) {
			std::rethrow_exception(state.thrown);
		}
		return whole;
	}

	// Throws if there is no entry with this key.
	void erase_entry(const KeyType& key) {
		const auto data = data_of(key);
		if(m_table->erase_entry(m_owner, &data) != SS_PLUGIN_SUCCESS) {
			throw sinsp_exception("could not erase entry: " + m_owner->m_last_owner_err);
		}
	}

	void clear_entries() { m_table->clear_entries(m_owner); }

private:
	struct visit {
		libsinsp::state::sinsp_table_owner* owner;
		libsinsp::state::base_table* table;
		std::function<bool(sinsp_table_entry& e)>& pred;
		std::exception_ptr thrown;

		static ss_plugin_bool call(ss_plugin_table_iterator_state_t* context, ss_plugin_table_entry_t* raw) {
			auto& self = *static_cast<visit*>(context);
			try {
				sinsp_table_entry entry(self.owner, raw, self.table, sinsp_table_entry::entry_dtor::NONE);
				return self.pred(entry) ? 1 : 0;
			} catch(...) {
				self.thrown = std::current_exception();
				return 0;
			}
		}
	};

	static ss_plugin_state_data data_of(const KeyType& key) {
		ss_plugin_state_data data = {};
		libsinsp::detail::state_data<KeyType>::set(data, key);
		return data;
	}

	sinsp_table_entry make_entry(const char* failed, ss_plugin_table_entry_t* entry, sinsp_table_entry::entry_dtor dtor) {
		if(entry == nullptr) {
			throw sinsp_exception(failed + m_owner->m_last_owner_err);
		}
		return sinsp_table_entry(m_owner, entry, m_table, dtor);
	}

	libsinsp::state::sinsp_table_owner* m_owner;
	libsinsp::state::base_table* m_table;
};
