// SPDX-License-Identifier: Apache-2.0
// Lists of the classes of fields that filters and formats may use.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_filtercheck_utils.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

class sinsp;

// A list of classes of fields. Lookups search it in order.
class filter_check_list {
public:
	filter_check_list() = default;
	virtual ~filter_check_list() = default;

	// Adds a class, unless the list has one with the same name and description.
	void add_filter_check(std::unique_ptr<sinsp_filter_check> check) {
		const auto* info = check->get_fields();
		for(const auto& known : m_check_list) {
			const auto* other = known->get_fields();
			if(other->m_name == info->m_name && other->m_shortdesc == info->m_shortdesc) {
				return;
			}
		}
		m_check_list.push_back(std::move(check));
	}

	// Appends the classes to `list`. The pointers are valid as long as this list.
	void get_all_fields(std::vector<const filter_check_info*>& list) const {
		for(const auto& check : m_check_list) {
			list.push_back(check->get_fields());
		}
	}

	// Makes a check of the first class that has a field with which `name` begins, or which `name` equals if `do_exact_check`. The caller passes the
	// name to its parse_field_name(). Returns null if no class has such a field.
	std::unique_ptr<sinsp_filter_check> new_filter_check_from_fldname(std::string_view name,
	                                                                  sinsp* inspector,
	                                                                  bool do_exact_check) const {
		for(const auto& known : m_check_list) {
			known->m_inspector = inspector;
			const int32_t len = known->parse_field_name(name, false, true);
			if(len == -1) {
				continue;
			}
			if(do_exact_check && static_cast<size_t>(len) != name.size()) {
				return nullptr;
			}
			auto check = known->allocate_new();
			check->set_inspector(inspector);
			return check;
		}
		return nullptr;
	}

	// Whether it contains the library's classes, and but for them at most the field that counts: the library then looks fields up itself.
	bool is_table() const {
		size_t count = 0;
		for(const auto& known : m_check_list) {
			const auto& check = *known;
			if(libsinsp::detail::is_table_check(check)) {
				count++;
			} else if(typeid(check) != typeid(sinsp_filter_check_utils)) {
				return false;
			}
		}
		return count == sinsp_field_class_count();
	}

protected:
	std::vector<std::unique_ptr<sinsp_filter_check>> m_check_list;
};

// The list of all classes of the library, and, before the last, that of the field that counts, which no filter or format of text finds.
class sinsp_filter_check_list : public filter_check_list {
public:
	sinsp_filter_check_list() {
		const size_t count = sinsp_field_class_count();
		for(size_t i = 0; i < count; i++) {
			if(i + 1 == count) {
				m_check_list.push_back(std::make_unique<sinsp_filter_check_utils>());
			}
			m_check_list.push_back(std::make_unique<libsinsp::detail::table_check>(i));
		}
	}
};
