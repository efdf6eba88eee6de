// SPDX-License-Identifier: Apache-2.0
// Objects that are entries of a table: their members are fields, and fields can be added to them at run time.
#pragma once

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/dynamic_struct.h>
#include <libsinsp/state/static_struct.h>
#include <libsinsp/state/table_entry.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace libsinsp {
namespace state {

// The base of such a class, which has to be its first. The values of fields that were added lie in the object.
class extensible_struct : public table_entry {
public:
	explicit extensible_struct(const std::shared_ptr<dynamic_field_infos>& dynamic_fields = nullptr):
	        m_dynamic_fields(dynamic_fields) {}
	extensible_struct(extensible_struct&&) = default;
	extensible_struct& operator=(extensible_struct&&) = default;
	// A copy has values of its own.
	extensible_struct(const extensible_struct&) = default;
	// Throws if the objects belong to tables with different fields, of which this one's are in use elsewhere.
	extensible_struct& operator=(const extensible_struct& other) {
		if(this != &other) {
			set_dynamic_fields(other.m_dynamic_fields);
			m_values = other.m_values;
		}
		return *this;
	}

	// Says which fields were added to its table; throws if that was said before and others know those too.
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
		const auto* value = dynamic_value(checked(a).index());
		return value != nullptr ? value->address() : nullptr;
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
		dynamic_value_to_write(info.index()).assign(in);
	}

	// For the library, by the position of a field among those that were added.

	// Null for a value that was never written.
	const dynamic_field_value* dynamic_value(size_t index) const {
		return index < m_values.size() ? &m_values[index] : nullptr;
	}

	// Throws if there is no such field.
	dynamic_field_value& dynamic_value_to_write(size_t index) {
		while(m_values.size() <= index) {
			const auto* field = m_dynamic_fields != nullptr ? m_dynamic_fields->at(m_values.size()) : nullptr;
			if(field == nullptr) {
				throw sinsp_exception("an object has no dynamic field at position " + std::to_string(index));
			}
			m_values.emplace_back(field->type_id());
		}
		return m_values[index];
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
