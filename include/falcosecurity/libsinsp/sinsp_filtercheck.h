// SPDX-License-Identifier: Apache-2.0
// A class of fields that a list of checks can be made of.
#pragma once

#include <libsinsp/detail/ffi.h>
#include <libsinsp/filter_field.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <vector>

// A class of fields that the library extracts.
class SINSP_PUBLIC sinsp_filter_check {
public:
	// The class at position `index` of the library's table.
	explicit sinsp_filter_check(size_t index) {
		using libsinsp::detail::text;
		sinsp_field_class of_class;
		if(!sinsp_field_class_at(index, &of_class)) {
			throw sinsp_exception("there is no class of fields at position " + std::to_string(index));
		}
		sinsp_field field;
		for(size_t i = 0; sinsp_field_at(index, i, &field); i++) {
			m_fields.push_back({static_cast<ppm_param_type>(field.kind),
			                    field.flags,
			                    static_cast<ppm_print_format>(field.format),
			                    text(field.name),
			                    text(field.display),
			                    text(field.description)});
		}
		m_info.m_name = text(of_class.name);
		m_info.m_shortdesc = text(of_class.short_description);
		m_info.m_desc = text(of_class.description);
		m_info.m_nfields = static_cast<int32_t>(m_fields.size());
		m_info.m_fields = m_fields.data();
	}
	sinsp_filter_check(const sinsp_filter_check&) = delete;
	sinsp_filter_check& operator=(const sinsp_filter_check&) = delete;
	virtual ~sinsp_filter_check() = default;

	virtual const filter_check_info* get_fields() const { return &m_info; }

private:
	std::vector<filtercheck_field_info> m_fields;
	filter_check_info m_info;
};
