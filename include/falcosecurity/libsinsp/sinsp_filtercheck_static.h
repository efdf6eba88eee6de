// SPDX-License-Identifier: Apache-2.0
// Fields with constant values that a program defines.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/filter.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/version.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The class of fields "static.NAME", one for each entry of a map from names to values.
class SINSP_PUBLIC sinsp_filter_check_static : public sinsp_filter_check {
public:
	sinsp_filter_check_static(): sinsp_filter_check_static(std::map<std::string, std::string>()) {}

	explicit sinsp_filter_check_static(std::map<std::string, std::string> filters): m_filters(std::move(filters)) {
		for(const auto& [name, value] : m_filters) {
			m_info_fields.push_back({PT_CHARBUF, EPF_FORMAT_SUGGESTED, PF_NA, "static." + name, "", ""});
			m_values.push_back(value);
		}
		m_class.m_name = "static";
		m_class.m_desc = "Static, user-defined filters";
		m_class.m_nfields = static_cast<int32_t>(m_info_fields.size());
		m_class.m_fields = m_info_fields.data();
		m_info = &m_class;
	}

	explicit sinsp_filter_check_static(const sinsp_filter_check_static& p): sinsp_filter_check_static(p.m_filters) {}

	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<sinsp_filter_check_static>(*this); }

protected:
	uint8_t* extract_single(sinsp_evt*, uint32_t* len, bool sanitize_strings = true) override {
		if(m_field_id >= m_values.size()) {
			throw sinsp_exception("a field of the class 'static' is used before parse_field_name() selected it");
		}
		return extract_single_string(m_values[m_field_id], len, sanitize_strings);
	}

private:
	std::map<std::string, std::string> m_filters;
	// The values, in the order of the fields.
	std::vector<std::string> m_values;
	std::vector<filtercheck_field_info> m_info_fields;
	filter_check_info m_class;
};
