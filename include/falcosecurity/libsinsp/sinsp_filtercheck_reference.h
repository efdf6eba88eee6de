// SPDX-License-Identifier: Apache-2.0
// A check whose value a program sets, for tables of numbers.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/filter_check.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace Json {
class Value;
}

// Shows a value that the program sets, as a cell of a table or as JSON. The value has no name and is not extracted from events.
class SINSP_PUBLIC sinsp_filter_check_reference : public sinsp_filter_check {
public:
	enum alignment {
		ALIGN_LEFT,
		ALIGN_RIGHT,
	};

	sinsp_filter_check_reference() {
		m_cinfo.m_name = "<NA>";
		m_cinfo.m_fields = &m_finfo;
		m_cinfo.m_nfields = 1;
		m_cinfo.m_flags = filter_check_info::FL_HIDDEN;
		m_finfo.m_print_format = PF_DEC;
		m_field = &m_finfo;
		m_info = &m_cinfo;
	}

	// Throws: the value of a check is not another's.
	std::unique_ptr<sinsp_filter_check> allocate_new() override {
		throw sinsp_exception("a check whose value the program sets cannot be made again");
	}

	int32_t parse_field_name(std::string_view, bool, bool) override { return -1; }

	uint8_t* extract_single(sinsp_evt*, uint32_t* len, bool sanitize_strings = true) override {
		(void)sanitize_strings;
		*len = m_len;
		return m_val;
	}

	// Sets the value, in the binary form of its type, which must stay valid while it is used. `cnt`: the value is a sum of as many.
	void set_val(ppm_param_type type,
	             filtercheck_field_flags flags,
	             uint8_t* val,
	             int32_t len,
	             uint32_t cnt,
	             ppm_print_format print_format) {
		m_finfo.m_type = type;
		m_finfo.m_flags = flags;
		m_val = val;
		m_len = static_cast<uint32_t>(len);
		m_cnt = cnt;
		m_print_format = print_format;
	}

	// The value, or the average of a sum, as text of `str_len` characters, valid until the check is used again; null without a value. With a
	// `time_delta` in nanoseconds, the value per second.
	char* tostring_nice(sinsp_evt*, uint32_t str_len, uint64_t time_delta) {
		namespace detail = libsinsp::detail;
		if(m_val == nullptr) {
			return nullptr;
		}
		count_of(time_delta);
		detail::error error;
		const bool number = m_finfo.m_type >= PT_INT8 && m_finfo.m_type <= PT_UINT64;
		const auto format = number ? m_print_format : m_finfo.m_print_format;
		const sinsp_str text = sinsp_values_cell(loaded(), m_finfo.m_type, format, str_len, m_cnt, error.out());
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		return kept(detail::view(text));
	}

	// The same as JSON: numbers are numbers. A program that calls it includes <json/json.h>.
	template<typename Value = Json::Value>
	Value tojson(sinsp_evt* evt, uint32_t str_len, uint64_t time_delta) {
		namespace detail = libsinsp::detail;
		if(m_val == nullptr) {
			return Value("");
		}
		count_of(time_delta);
		const auto type = m_finfo.m_type;
		if(type == PT_RELTIME) {
			return Value(tostring_nice(evt, str_len, 0));
		}
		if(type == PT_DOUBLE) {
			double sum = 0;
			std::memcpy(&sum, m_val, sizeof(sum));
			return Value(m_cnt > 1 ? sum / m_cnt : sum);
		}
		detail::error error;
		const std::string json = detail::text(sinsp_values_json(loaded(), type, m_finfo.m_print_format, error.out()));
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		if(json == "true" || json == "false") {
			return Value(json == "true");
		}
		if(json == "null") {
			return Value();
		}
		if(json.front() == '"') {
			return Value(rawval_to_string(m_val, type, m_finfo.m_print_format, m_len));
		}
		if(json.front() == '-') {
			return Value(typename Value::Int64(std::stoll(json)));
		}
		return Value(typename Value::UInt64(std::stoull(json)));
	}

private:
	void count_of(uint64_t time_delta) {
		if(time_delta != 0) {
			m_cnt = static_cast<double>(time_delta) / 1'000'000'000;
		}
	}

	const sinsp_values* loaded() {
		auto& values = emptied(m_values);
		libsinsp::detail::error error;
		const auto bytes = libsinsp::detail::measured(m_finfo.m_type, m_val, m_len);
		error.check(sinsp_values_add(values.get(), m_finfo.m_type, bytes, error.out()));
		return values.get();
	}

	filtercheck_field_info m_finfo;
	filter_check_info m_cinfo;
	uint8_t* m_val = nullptr;
	uint32_t m_len = 0;
	double m_cnt = 0;
	ppm_print_format m_print_format = PF_NA;
	libsinsp::detail::values m_values;
};
