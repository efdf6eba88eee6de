// SPDX-License-Identifier: Apache-2.0
// Static fields: members of a class that are fields of its entries.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table_entry.h>
#include <libsinsp/state/type_info.h>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace libsinsp {
namespace state {

// A static field.
class static_field_info {
public:
	// `offset`: the offset of the member in the object, in bytes.
	static_field_info(std::string name, size_t offset, ss_plugin_state_type type, bool readonly):
	        m_name(std::move(name)),
	        m_offset(offset),
	        m_type(type),
	        m_readonly(readonly) {}

	friend bool operator==(const static_field_info& a, const static_field_info& b) {
		return a.m_name == b.m_name && a.m_offset == b.m_offset && a.m_type == b.m_type && a.m_readonly == b.m_readonly;
	}
	friend bool operator!=(const static_field_info& a, const static_field_info& b) { return !(a == b); }

	bool valid() const { return m_offset != static_cast<size_t>(-1); }
	bool readonly() const { return m_readonly; }
	const std::string& name() const { return m_name; }
	ss_plugin_state_type type_id() const { return m_type; }
	size_t offset() const { return m_offset; }

	// Throws if the field is not valid.
	inline accessor::ptr new_accessor() const;

private:
	std::string m_name;
	size_t m_offset;
	ss_plugin_state_type m_type;
	bool m_readonly;
};

// The accessor of a static field.
class static_field_accessor : public accessor {
public:
	explicit static_field_accessor(static_field_info info): accessor(info.type_id()), m_info(std::move(info)) {}

	[[nodiscard]] const static_field_info& info() const { return m_info; }

	[[nodiscard]] bool same_as(const accessor& other) const override {
		const auto* same = dynamic_cast<const static_field_accessor*>(&other);
		return same != nullptr && same->m_info == m_info;
	}

private:
	static_field_info m_info;
};

inline accessor::ptr static_field_info::new_accessor() const {
	if(!valid()) {
		throw sinsp_exception("field '" + m_name + "' is not valid, it has no accessor");
	}
	return accessor::ptr(std::make_unique<static_field_accessor>(*this));
}

// The static fields of a class, by name.
using static_field_infos = std::unordered_map<std::string, static_field_info>;

// Adds a field of type T. Throws if there is a field of that name.
template<typename T>
const static_field_info& define_static_field(static_field_infos& fields,
                                             size_t offset,
                                             const std::string& name,
                                             bool readonly = false) {
	const auto added = fields.emplace(name, static_field_info(name, offset, type_id_of<T>(), readonly));
	if(!added.second) {
		throw sinsp_exception("multiple definitions of static field in struct: " + name);
	}
	return added.first->second;
}

}  // namespace state
}  // namespace libsinsp

// The offset of a member. The class need not have standard layout.
#define OFFSETOF_STATIC_FIELD(type, member)                                             \
	([]() __attribute__((no_sanitize("undefined"))) -> size_t {                         \
		type* const somewhere = reinterpret_cast<type*>(alignof(std::max_align_t));     \
		return reinterpret_cast<size_t>(&somewhere->member) - alignof(std::max_align_t); \
	}())

// Adds a member of a class to its static fields.
#define DEFINE_STATIC_FIELD(field_infos, container_type, container_field, name)                                   \
	libsinsp::state::define_static_field<decltype(static_cast<container_type*>(nullptr)->container_field)>( \
	        field_infos,                                                                                          \
	        OFFSETOF_STATIC_FIELD(container_type, container_field),                                               \
	        name)

// Same, for a read-only field.
#define DEFINE_STATIC_FIELD_READONLY(field_infos, container_type, container_field, name)                          \
	libsinsp::state::define_static_field<decltype(static_cast<container_type*>(nullptr)->container_field)>( \
	        field_infos,                                                                                          \
	        OFFSETOF_STATIC_FIELD(container_type, container_field),                                               \
	        name,                                                                                                 \
	        true)
