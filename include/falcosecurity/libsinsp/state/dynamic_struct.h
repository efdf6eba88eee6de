// SPDX-License-Identifier: Apache-2.0
// Dynamic fields: fields added to the entries of a table at run time.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/state_data.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table_entry.h>
#include <libsinsp/state/type_info.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

namespace libsinsp {
namespace state {

// A dynamic field.
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

	// The id of the dynamic_field_infos that contains it.
	uintptr_t defs_id() const { return m_defs_id; }
	bool readonly() const { return m_readonly; }
	bool valid() const { return m_index != static_cast<size_t>(-1) && m_type != SS_PLUGIN_ST_TABLE; }
	const std::string& name() const { return m_name; }
	// The index among the dynamic fields.
	size_t index() const { return m_index; }
	ss_plugin_state_type type_id() const { return m_type; }

	// Throws if the field is not valid.
	inline accessor::ptr new_accessor() const;

private:
	std::string m_name;
	size_t m_index;
	ss_plugin_state_type m_type;
	uintptr_t m_defs_id;
	bool m_readonly;
};

// The accessor of a dynamic field.
class dynamic_field_accessor : public accessor {
public:
	explicit dynamic_field_accessor(dynamic_field_info info): accessor(info.type_id()), m_info(std::move(info)) {}

	const dynamic_field_info& info() const { return m_info; }

	[[nodiscard]] bool same_as(const accessor& other) const override {
		const auto* same = dynamic_cast<const dynamic_field_accessor*>(&other);
		return same != nullptr && same->m_info == m_info;
	}

private:
	dynamic_field_info m_info;
};

inline accessor::ptr dynamic_field_info::new_accessor() const {
	if(!valid()) {
		throw sinsp_exception("field '" + m_name + "' is not valid, it has no accessor");
	}
	return accessor::ptr(std::make_unique<dynamic_field_accessor>(*this));
}

// The definitions of dynamic fields, shared by a table and its entries.
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

	// Adds a field. Returns the existing one if it has the same type; throws if it has another.
	const dynamic_field_info& add_field(const std::string& name, ss_plugin_state_type type_id) {
		return add_field_info(dynamic_field_info(name, fields().size(), type_id, id(), false));
	}

	// All fields by name.
	virtual const std::unordered_map<std::string, dynamic_field_info>& fields() { return m_definitions; }

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
		return known;
	}

	uintptr_t m_defs_id;
	std::unordered_map<std::string, dynamic_field_info> m_definitions;
};

// The value of a dynamic field; it has none until it is written.
class dynamic_field_value {
public:
	// The address of the value, whose C++ type is that of `type`; null if the value has another type or there is none.
	const void* address(ss_plugin_state_type type) const {
		return type == m_type ? std::visit([](const auto& value) { return static_cast<const void*>(&value); }, m_value) : nullptr;
	}

	// Copies the value at `in`, whose C++ type is that of `type`.
	void assign(ss_plugin_state_type type, const void* in) {
		detail::dispatch(type, copy{m_value, in});
		m_type = type;
	}

	// Writes the value to `out`, where a string is valid until the next write. Returns the type of the value; 0 if there is none.
	uint32_t to_data(ss_plugin_state_data& out) const {
		std::visit(
		        [&out](const auto& value) {
			        using T = std::decay_t<decltype(value)>;
			        if constexpr(!std::is_same_v<T, std::monostate>) {
				        detail::state_data<T>::set(out, value);
			        }
		        },
		        m_value);
		return m_type;
	}
	void from_data(ss_plugin_state_type type, const ss_plugin_state_data& in) {
		detail::dispatch(type, take{m_value, in});
		m_type = type;
	}

private:
	using value_t = std::variant<std::monostate,
	                             bool,
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

	struct copy {
		value_t& value;
		const void* in;
		template<typename T>
		void operator()() {
			value = *static_cast<const T*>(in);
		}
	};

	struct take {
		value_t& value;
		const ss_plugin_state_data& in;
		template<typename T>
		void operator()() {
			value = detail::state_data<T>::get(in);
		}
	};

	value_t m_value;
	// The type of the value; 0 if there is none.
	uint32_t m_type = 0;
};

}  // namespace state
}  // namespace libsinsp
