// SPDX-License-Identifier: Apache-2.0
// The fields that filters and formats may name.
#pragma once

#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_public.h>

#include <memory>
#include <utility>
#include <vector>

// A list of classes of fields.
class filter_check_list {
public:
	filter_check_list() = default;
	virtual ~filter_check_list() = default;

	void add_filter_check(std::unique_ptr<sinsp_filter_check> check) { m_check_list.push_back(std::move(check)); }

	// Appends the classes; they are valid as long as the list.
	void get_all_fields(std::vector<const filter_check_info*>& list) const {
		for(const auto& check : m_check_list) {
			list.push_back(check->get_fields());
		}
	}

protected:
	std::vector<std::unique_ptr<sinsp_filter_check>> m_check_list;
};

// All classes of fields that the library has.
class sinsp_filter_check_list : public filter_check_list {
public:
	sinsp_filter_check_list() {
		for(size_t i = 0; i < sinsp_field_class_count(); i++) {
			m_check_list.push_back(std::make_unique<sinsp_filter_check>(i));
		}
	}
};
