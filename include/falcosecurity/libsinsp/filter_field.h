// SPDX-License-Identifier: Apache-2.0
// Descriptions of fields and of classes of fields.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>

#include <cstdint>
#include <string>

// The flags of a field.
enum filtercheck_field_flags {
	EPF_NONE = 0,
	EPF_FILTER_ONLY = 1 << 0,        // only filters may use it
	EPF_PRINT_ONLY = 1 << 1,         // only formats may use it
	EPF_ARG_REQUIRED = 1 << 2,       // it needs an argument
	EPF_TABLE_ONLY = 1 << 3,         // listings omit it
	EPF_INFO = 1 << 4,               // it is a summary of the event
	EPF_CONVERSATION = 1 << 5,       // it identifies a conversation
	EPF_IS_LIST = 1 << 6,            // it yields a list of values
	EPF_ARG_ALLOWED = 1 << 7,        // it may have an argument
	EPF_ARG_INDEX = 1 << 8,          // its argument may be a number
	EPF_ARG_KEY = 1 << 9,            // its argument may be a text
	EPF_DEPRECATED = 1 << 10,        // it will go away
	EPF_NO_TRANSFORMER = 1 << 11,    // no transformer may be applied to it
	EPF_NO_RHS = 1 << 12,            // it cannot be compared with another field, on either side
	EPF_NO_PTR_STABILITY = 1 << 13,  // its values do not outlive the next extraction
	EPF_FORMAT_SUGGESTED = 1 << 14,  // a good choice for output
};

// A field.
struct filtercheck_field_info {
	ppm_param_type m_type = PT_NONE;
	uint32_t m_flags = 0;  // EPF_*
	ppm_print_format m_print_format = PF_NA;
	std::string m_name;
	std::string m_display;  // a title of a few words
	std::string m_description;

	bool is_arg_required() const { return m_flags & EPF_ARG_REQUIRED; }
	bool is_arg_allowed() const { return m_flags & EPF_ARG_REQUIRED; }
	bool is_arg_supported() const { return m_flags & (EPF_ARG_REQUIRED | EPF_ARG_ALLOWED); }
	bool is_list() const { return m_flags & EPF_IS_LIST; }
	bool is_rhs_field_supported() const { return !(m_flags & EPF_NO_RHS); }
	bool is_transformer_supported() const { return !(m_flags & EPF_NO_TRANSFORMER); }
	bool is_ptr_unstable() const { return m_flags & EPF_NO_PTR_STABILITY; }
	bool is_format_suggested() const { return m_flags & EPF_FORMAT_SUGGESTED; }
	bool is_numeric_type() const { return m_type == PT_PID || m_type == PT_INT64 || m_type == PT_UINT64; }
};

// A class of fields.
class filter_check_info {
public:
	enum flags : uint8_t {
		FL_NONE = 0,
		FL_HIDDEN = (1 << 0),  // listings omit it
	};

	std::string m_name;
	std::string m_shortdesc;  // a few words; may be empty
	std::string m_desc;
	int32_t m_nfields = 0;
	const filtercheck_field_info* m_fields = nullptr;
	uint32_t m_flags = FL_NONE;
};
