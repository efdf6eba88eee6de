// SPDX-License-Identifier: Apache-2.0
// A field that counts.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/filter_check.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <memory>

// The field util.cnt: how often the check was used. Each check counts for itself.
class SINSP_PUBLIC sinsp_filter_check_utils : public sinsp_filter_check {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_CNT,
	};

	sinsp_filter_check_utils() { m_info = &infos(); }

	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<sinsp_filter_check_utils>(); }

protected:
	uint8_t* extract_single(sinsp_evt*, uint32_t* len, bool sanitize_strings = true) override {
		(void)sanitize_strings;
		m_count++;
		return extract_single_val(m_count, len);
	}

private:
	static const filter_check_info& infos() {
		static const filtercheck_field_info fields[] = {
		        {PT_UINT64, EPF_NONE, PF_ID, "util.cnt", "Counter", "The number of times that this field was extracted."},
		};
		static const filter_check_info of_class = {"util", "", "", 1, fields, filter_check_info::FL_HIDDEN};
		return of_class;
	}

	uint64_t m_count = 0;
};
