// SPDX-License-Identifier: Apache-2.0
// Fields that are added to the entries of a table at run time.
#pragma once

#include <libsinsp/detail/state_data.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table_entry.h>
#include <libsinsp/state/type_info.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace libsinsp {
namespace state {

// A field that was added.
class dynamic_field_info {
public:
	dynamic_field_info(std::string name, size_t index, ss_plugin_state_type type, uintptr_t defs_id, bool readonly):
	        m_name(std::move(name)),
	        m_index(index),
	        m_type(type),
	        m_defs_id(defs_id),
	        m_readonly(readonly) {}

	friend bool operator==(const dynamic_field_info& a, const dynamic_field_info& b) {
		return a.m_name == b.m_name && a.m_index == b.m_index && a.m_type == b.m_type && a.m_defs_id == b.m_defs_id;
	}
	friend bool operator!=(const dynamic_field_info& a, const dynamic_field_info& b) { return !(a == b); }

	// Which definitions it belongs to.
	uintptr_t defs_id() const { return m_defs_id; }
	bool readonly() const { return m_readonly; }
	bool valid() const { return m_index != static_cast<size_t>(-1) && m_type != SS_PLUGIN_ST_TABLE; }
	const std::string& name() const { return m_name; }
	// Its position among the fields that were added.
	size_t index() const { return m_index; }
	ss_plugin_state_type type_id() const { return m_type; }

	// Throws if it is not valid.
	inline accessor::ptr new_accessor() const;

private:
	std::string m_name;
	size_t m_index;
	ss_plugin_state_type m_type;
	uintptr_t m_defs_id;
	bool m_readonly;
};

// Access to a field that was added.
class dynamic_field_accessor : public accessor {
public:
	explicit dynamic_field_accessor(dynamic_field_info info): accessor(info.type_id()), m_info(std::move(info)) {}

	const dynamic_field_info& info() const { return m_info; }

private:
	dynamic_field_info m_info;
};

inline accessor::ptr dynamic_field_info::new_accessor() const {
	if(!valid()) {
		throw sinsp_exception("field '" + m_name + "' is not valid, it has no accessor");
	}
	return accessor::ptr(std::make_unique<dynamic_field_accessor>(*this));
}

// The fields that were added to the entries of a table, which share these definitions.
class dynamic_field_infos {
public:
	dynamic_field_infos(): m_defs_id(reinterpret_cast<uintptr_t>(this)) {}
	explicit dynamic_field_infos(uintptr_t defs_id): m_defs_id(defs_id) {}
	virtual ~dynamic_field_infos() = default;
	dynamic_field_infos(dynamic_field_infos&&) = default;
	dynamic_field_infos& operator=(dynamic_field_infos&&) = default;
	dynamic_field_infos(const dynamic_field_infos&) = delete;
	dynamic_field_infos& operator=(const dynamic_field_infos&) = delete;

	uintptr_t id() const { return m_defs_id; }

	// Adds a field. One that was added before with the same type is answered as it is; with another type, it throws.
	const dynamic_field_info& add_field(const std::string& name, ss_plugin_state_type type_id) {
		return add_field_info(dynamic_field_info(name, fields().size(), type_id, id(), false));
	}

	// All of them, by name.
	virtual const std::unordered_map<std::string, dynamic_field_info>& fields() { return m_definitions; }

	// The one at a position; null if there is none. Valid as long as these definitions.
	const dynamic_field_info* at(size_t index) {
		fields();
		return index < m_definitions_ordered.size() ? m_definitions_ordered[index] : nullptr;
	}

protected:
	virtual const dynamic_field_info& add_field_info(const dynamic_field_info& field) {
		if(field.type_id() == SS_PLUGIN_ST_TABLE) {
			throw sinsp_exception("dynamic fields of type table are not supported");
		}
		const auto added = m_definitions.emplace(field.name(), field);
		const auto& known = added.first->second;
		if(known.type_id() != field.type_id()) {
			throw sinsp_exception("field '" + field.name() + "' was added with type " + type_name(known.type_id()) +
			                      ", it cannot be added with type " + type_name(field.type_id()));
		}
		if(added.second) {
			m_definitions_ordered.push_back(&known);
		}
		return known;
	}

	uintptr_t m_defs_id;
	std::unordered_map<std::string, dynamic_field_info> m_definitions;
	// By position.
	std::vector<const dynamic_field_info*> m_definitions_ordered;
};

// A value of a field that was added.
class dynamic_field_value {
public:
	// Zero or empty.
	explicit dynamic_field_value(ss_plugin_state_type type) { detail::dispatch(type, make{m_value}); }

	// The address of the value, of the C++ type that its field has.
	const void* address() const {
		return std::visit([](const auto& value) { return static_cast<const void*>(&value); }, m_value);
	}

	// Takes the value that `in` points to, of the C++ type that its field has.
	void assign(const void* in) {
		std::visit([in](auto& value) { value = *static_cast<const std::decay_t<decltype(value)>*>(in); }, m_value);
	}

	// The value as the plugin API has it; a text is valid until the value is assigned.
	void to_data(ss_plugin_state_data& out) const {
		std::visit([&out](const auto& value) { detail::state_data<std::decay_t<decltype(value)>>::set(out, value); }, m_value);
	}
	void from_data(const ss_plugin_state_data& in) {
		std::visit([&in](auto& value) { value = detail::state_data<std::decay_t<decltype(value)>>::get(in); }, m_value);
	}

private:
	using value_t = std::variant<bool,
	                             int8_t,
	                             int16_t,
	                             int32_t,
	                             int64_t,
	                             uint8_t,
	                             uint16_t,
	                             uint32_t,
	                             uint64_t,
	                             std::string,
	                             base_table*>;

	struct make {
		value_t& value;
		template<typename T>
		void operator()() {
			value = T();
		}
	};

	value_t m_value;
};

}  // namespace state
}  // namespace libsinsp
