// SPDX-License-Identifier: Apache-2.0
// Adapters that present standard containers as tables of state, with positions as keys.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table_bases.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace libsinsp {
namespace state {

// The accessor of an element, or of its member `index`.
class stl_table_entry_accessor : public accessor {
public:
	stl_table_entry_accessor(ss_plugin_state_type type_id, int index): accessor(type_id), m_index(index) {}

	[[nodiscard]] int index() const { return m_index; }
	[[nodiscard]] bool same_as(const accessor& other) const override {
		const auto* same = dynamic_cast<const stl_table_entry_accessor*>(&other);
		return same != nullptr && same->m_index == m_index && same->type_id() == type_id();
	}

private:
	int m_index;
};

// An element as an entry. value() throws if the container does not have the position.
template<typename T>
class element_table_entry : public table_entry {
public:
	virtual T& value() const = 0;

protected:
	static int index_of(const accessor& a) {
		const auto* of_element = dynamic_cast<const stl_table_entry_accessor*>(&a);
		if(of_element == nullptr) {
			throw sinsp_exception("an accessor of another kind of table is used on an element");
		}
		return of_element->index();
	}

	// Throws unless the field is of type Field.
	template<typename Field>
	static accessor::ptr typed(const char* name, int index, ss_plugin_state_type type_id) {
		if(type_id != type_id_of<Field>()) {
			throw sinsp_exception(std::string("field '") + name + "' has type " + type_name<Field>() + ", not " +
			                      type_name(type_id));
		}
		return accessor::ptr(std::make_unique<stl_table_entry_accessor>(type_id, index));
	}
};

// An element with one field, "value".
template<typename T>
class value_table_entry_adapter : public element_table_entry<T> {
public:
	static void list_fields(std::vector<ss_plugin_table_fieldinfo>& out) { out.push_back({"value", type_id_of<T>(), 0}); }

	static accessor::ptr get_field(const char* name, ss_plugin_state_type type_id) {
		if(std::string("value") != name) {
			throw sinsp_exception(std::string("there is no field '") + name + "'");
		}
		return element_table_entry<T>::template typed<T>(name, 0, type_id);
	}

	[[nodiscard]] const void* raw_read_field(const accessor& a) const override {
		this->index_of(a);
		return &this->value();
	}
	void raw_write_field(const accessor& a, const void* in) override {
		this->index_of(a);
		this->value() = *static_cast<const T*>(in);
	}
};

// A std::pair with the fields "first" and "second".
template<typename First, typename Second>
class pair_table_entry_adapter : public element_table_entry<std::pair<First, Second>> {
	using base = element_table_entry<std::pair<First, Second>>;

public:
	static void list_fields(std::vector<ss_plugin_table_fieldinfo>& out) {
		out.push_back({"first", type_id_of<First>(), 0});
		out.push_back({"second", type_id_of<Second>(), 0});
	}

	static accessor::ptr get_field(const char* name, ss_plugin_state_type type_id) {
		if(std::string("first") == name) {
			return base::template typed<First>(name, 0, type_id);
		}
		if(std::string("second") == name) {
			return base::template typed<Second>(name, 1, type_id);
		}
		throw sinsp_exception(std::string("there is no field '") + name + "'");
	}

	[[nodiscard]] const void* raw_read_field(const accessor& a) const override {
		auto& pair = this->value();
		return this->index_of(a) == 0 ? static_cast<const void*>(&pair.first) : &pair.second;
	}
	void raw_write_field(const accessor& a, const void* in) override {
		auto& pair = this->value();
		if(this->index_of(a) == 0) {
			pair.first = *static_cast<const First*>(in);
		} else {
			pair.second = *static_cast<const Second*>(in);
		}
	}
};

// A table over a sequence container such as std::vector. `Element`: value_table_entry_adapter or pair_table_entry_adapter. The container must
// outlive the table, and the table its entries. An entry refers to a position, not to an element.
template<typename T, typename Element = value_table_entry_adapter<typename T::value_type>>
class stl_container_table_adapter : public built_in_table<uint64_t> {
public:
	stl_container_table_adapter(const std::string& name, T& container): built_in_table(name), m_container(container) {}

	using built_in_table::add_entry;
	using built_in_table::add_field;
	using built_in_table::clear_entries;
	using built_in_table::erase_entry;
	using built_in_table::get_entry;
	using built_in_table::get_field;
	using built_in_table::list_fields;

	void list_fields(std::vector<ss_plugin_table_fieldinfo>& out) override { Element::list_fields(out); }
	accessor::ptr get_field(const char* name, ss_plugin_state_type type_id) override {
		return Element::get_field(name, type_id);
	}
	accessor::ptr add_field(const char*, ss_plugin_state_type) override {
		throw sinsp_exception("fields cannot be added to table '" + std::string(name()) + "'");
	}

	size_t entries_count() const override { return m_container.size(); }
	void clear_entries() override { m_container.clear(); }

	std::unique_ptr<table_entry> new_entry() const override { return std::make_unique<located>(m_container, SIZE_MAX); }

	bool foreach_entry(std::function<bool(table_entry& e)> pred) override {
		for(size_t at = 0; at < m_container.size(); at++) {
			located entry(m_container, at);
			if(!pred(entry)) {
				return false;
			}
		}
		return true;
	}

	std::shared_ptr<table_entry> get_entry(const uint64_t& key) override {
		return key < m_container.size() ? std::make_shared<located>(m_container, key) : nullptr;
	}

	// Resizes the container to `key` + 1 elements. Larger positions are lost.
	std::shared_ptr<table_entry> add_entry(const uint64_t& key, std::unique_ptr<table_entry> entry) override {
		auto* added = dynamic_cast<located*>(entry.get());
		if(added == nullptr || added->m_at != SIZE_MAX) {
			throw sinsp_exception("only a new entry of table '" + std::string(name()) + "' can be added to it");
		}
		m_container.resize(key + 1);
		return std::make_shared<located>(m_container, key);
	}

	bool erase_entry(const uint64_t& key) override {
		if(key >= m_container.size()) {
			return false;
		}
		m_container.erase(m_container.begin() + static_cast<typename T::difference_type>(key));
		return true;
	}

private:
	class located : public Element {
	public:
		located(T& container, size_t at): m_at(at), m_container(container) {}

		typename T::value_type& value() const override {
			if(m_at >= m_container.size()) {
				throw sinsp_exception("the entry is gone, or not in its table yet");
			}
			return m_container[m_at];
		}

		size_t m_at;

	private:
		T& m_container;
	};

	T& m_container;
};

}  // namespace state
}  // namespace libsinsp
