// SPDX-License-Identifier: Apache-2.0
// The base class of entries with static fields (members) and dynamic fields.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/dynamic_struct.h>
#include <libsinsp/state/static_struct.h>
#include <libsinsp/state/table_entry.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace libsinsp {
namespace state {

// Must be the first base class of a derived class. The object itself has the values of dynamic fields.
class extensible_struct : public table_entry {
public:
	explicit extensible_struct(const std::shared_ptr<dynamic_field_infos>& dynamic_fields = nullptr):
	        m_dynamic_fields(dynamic_fields) {}
	extensible_struct(extensible_struct&&) = default;
	extensible_struct& operator=(extensible_struct&&) = default;
	// A copy has its own values.
	extensible_struct(const extensible_struct&) = default;
	// Throws if the two objects have different dynamic fields and those of this object are shared.
	extensible_struct& operator=(const extensible_struct& other) {
		if(this != &other) {
			set_dynamic_fields(other.m_dynamic_fields);
			m_values = other.m_values;
		}
		return *this;
	}

	// Sets the dynamic fields. Throws for null, or if other fields were set before and are shared.
	virtual void set_dynamic_fields(const std::shared_ptr<dynamic_field_infos>& defs) {
		if(m_dynamic_fields == defs) {
			return;
		}
		if(m_dynamic_fields != nullptr && m_dynamic_fields.use_count() > 1) {
			throw sinsp_exception("the dynamic fields of an object can be set once");
		}
		if(defs == nullptr) {
			throw sinsp_exception("the dynamic fields of an object are set to null");
		}
		m_dynamic_fields = defs;
	}

	const std::shared_ptr<dynamic_field_infos>& dynamic_fields() const { return m_dynamic_fields; }

	[[nodiscard]] const void* raw_read_field(const accessor& a) const override {
		if(const auto* fixed = dynamic_cast<const static_field_accessor*>(&a)) {
			return reinterpret_cast<const char*>(this) + checked(fixed->info()).offset();
		}
		const auto at = checked(a).index();
		return at < m_values.size() ? m_values[at].address(a.type_id()) : nullptr;
	}

	void raw_write_field(const accessor& a, const void* in) override {
		if(const auto* fixed = dynamic_cast<const static_field_accessor*>(&a)) {
			const auto& info = checked(fixed->info());
			refuse_readonly(info);
			detail::dispatch(info.type_id(), assign{reinterpret_cast<char*>(this) + info.offset(), in});
			return;
		}
		const auto& info = checked(a);
		refuse_readonly(info);
		value_at(info.index()).assign(info.type_id(), in);
	}

	// For the library: access by the index of a dynamic field.

	size_t dynamic_values() const { return m_values.size(); }
	// Writes the value to `out`, where a string is valid until the next write. Returns its type; 0 if there is no value.
	uint32_t read_dynamic_value(size_t index, ss_plugin_state_data& out) const {
		return index < m_values.size() ? m_values[index].to_data(out) : 0;
	}
	void write_dynamic_value(size_t index, ss_plugin_state_type type, const ss_plugin_state_data& in) {
		value_at(index).from_data(type, in);
	}

private:
	struct assign {
		void* to;
		const void* from;
		template<typename T>
		void operator()() {
			*static_cast<T*>(to) = *static_cast<const T*>(from);
		}
	};

	dynamic_field_value& value_at(size_t index) {
		if(m_values.size() <= index) {
			m_values.resize(index + 1);
		}
		return m_values[index];
	}

	static const static_field_info& checked(const static_field_info& info) {
		if(!info.valid()) {
			throw sinsp_exception("field '" + info.name() + "' is not valid");
		}
		return info;
	}

	const dynamic_field_info& checked(const accessor& a) const {
		const auto* added = dynamic_cast<const dynamic_field_accessor*>(&a);
		if(added == nullptr) {
			throw sinsp_exception("an accessor of another kind of table is used on an object");
		}
		const auto& info = added->info();
		if(!info.valid() || m_dynamic_fields == nullptr || m_dynamic_fields->id() != info.defs_id()) {
			throw sinsp_exception("field '" + info.name() + "' is not one of the object's table");
		}
		return info;
	}

	template<typename Info>
	static void refuse_readonly(const Info& info) {
		if(info.readonly()) {
			throw sinsp_exception("field '" + info.name() + "' cannot be written");
		}
	}

	std::shared_ptr<dynamic_field_infos> m_dynamic_fields;
	std::vector<dynamic_field_value> m_values;
};

}  // namespace state
}  // namespace libsinsp
