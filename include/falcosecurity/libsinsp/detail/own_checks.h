// SPDX-License-Identifier: Apache-2.0
// The program's checks as callbacks of the C ABI. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/table_check.h>
#include <libsinsp/event.h>
#include <libsinsp/filter_check.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace libsinsp {
namespace detail {

// The event on which the current thread runs a filter or format, so that callbacks receive that object. May be nested.
class asking {
public:
	explicit asking(sinsp_evt* evt): m_evt(evt), m_before(s_innermost) { s_innermost = this; }
	asking(const asking&) = delete;
	asking& operator=(const asking&) = delete;
	~asking() { s_innermost = m_before; }

	// The innermost event object if it is the event that the library passed; else null.
	static sinsp_evt* about(const sinsp_event* event) {
		const bool same = s_innermost != nullptr && s_innermost->m_evt->c_event()->bytes == event->bytes &&
		                  s_innermost->m_evt->get_num() == event->num;
		return same ? s_innermost->m_evt : nullptr;
	}

private:
	sinsp_evt* m_evt;
	asking* m_before;
	static inline thread_local asking* s_innermost = nullptr;
};

// The registry of fields for filters and formats that may use the program's checks.
class registry {
public:
	// Makes a check for a field name; null if there is none.
	using find_t = std::function<std::unique_ptr<sinsp_filter_check>(std::string_view)>;

	// The object must outlive compilations that use it.
	registry(sinsp* inspector, find_t find): m_inspector(inspector), m_find(std::move(find)) {
		static constexpr sinsp_field_source source = {sizeof(sinsp_field_source), find_field};
		static constexpr sinsp_check_calls calls = {sizeof(sinsp_check_calls), extract, make_check, holds, free};
		error error;
		m_handle.reset(sinsp_registry_new(handle_of(inspector), &source, &calls, this, error.out()));
		if(m_handle == nullptr) {
			error.raise();
		}
	}
	registry(const registry&) = delete;
	registry& operator=(const registry&) = delete;

	const sinsp_registry* get() const { return m_handle.get(); }

private:
	// A check, and the data to make another for the same field during a compilation.
	struct field {
		std::unique_ptr<sinsp_filter_check> check;
		registry* from = nullptr;
		std::string text;
	};

	// Calls `act`. Stores its exception for rethrow() and returns `failed` and the message.
	template<typename Answer, typename Act>
	static Answer guarded(Answer failed, sinsp_str* why, Act act) {
		try {
			return act();
		} catch(...) {
			*why = thrown::keep();
			return failed;
		}
	}

	std::unique_ptr<sinsp_filter_check> make(std::string_view text) const {
		auto check = m_find(text);
		if(check == nullptr || is_table_check(*check) || plugin_of(*check) != nullptr) {
			return check;
		}
		if(check->m_inspector == nullptr) {
			check->set_inspector(m_inspector);
		}
		if(check->parse_field_name(text, true, true) == -1) {
			throw sinsp_exception("filter error: can't parse field expression '" + std::string(text) + "'");
		}
		return check;
	}

	static int32_t find_field(void* context, sinsp_str text, sinsp_own_field* found, sinsp_str* why) {
		return guarded(int32_t{-1}, why, [&]() -> int32_t {
			auto& self = *static_cast<registry*>(context);
			auto check = self.make(view(text));
			if(check == nullptr) {
				return SINSP_FOUND_NOTHING;
			}
			if(is_table_check(*check)) {
				return SINSP_FOUND_TABLE;
			}
			if(const auto* plugin = plugin_of(*check)) {
				found->field = const_cast<sinsp_plugin_ref*>(plugin);
				return SINSP_FOUND_PLUGIN;
			}
			const auto* info = check->get_transformed_field_info();
			found->name = str(info->m_name);
			found->kind = info->m_type;
			found->format = info->m_print_format;
			found->flags = info->m_flags;
			found->field = new field{std::move(check), &self, std::string(view(text))};
			return SINSP_FOUND_OWN;
		});
	}

	// Calls `act` with the current event object, or with a temporary one if the library passed another event.
	template<typename Act>
	static int32_t with_event(sinsp_filter_check& check, const sinsp_event* event, sinsp_str* why, Act act) {
		return guarded(int32_t{-1}, why, [&]() -> int32_t {
			if(sinsp_evt* evt = asking::about(event)) {
				return act(evt);
			}
			sinsp_evt described(check.m_inspector);
			described.describe(*event);
			const asking now(&described);
			return act(&described);
		});
	}

	static int32_t extract(void* object, const sinsp_event* event, sinsp_values* out, sinsp_str* why) {
		auto& check = *static_cast<field*>(object)->check;
		return with_event(check, event, why, [&](sinsp_evt* evt) -> int32_t {
			std::vector<extract_value_t>& values = check.m_extracted_values;
			values.clear();
			if(!check.extract(evt, values, false)) {
				return 0;
			}
			const auto type = check.get_transformed_field_info()->m_type;
			error error;
			for(const auto& value : values) {
				error.check(sinsp_values_add(out, type, measured(type, value.ptr, value.len), error.out()));
			}
			return 1;
		});
	}

	static void* make_check(void* object, sinsp_str op, const sinsp_str* constants, size_t count, sinsp_str* why) {
		return guarded<void*>(nullptr, why, [&]() -> void* {
			auto& of = *static_cast<field*>(object);
			auto made = std::make_unique<field>();
			made->check = of.from->make(of.text);
			if(made->check == nullptr) {
				throw sinsp_exception("filter_check called with nonexistent field " + of.text);
			}
			made->check->m_cmp = str_to_cmpop_with_modifier(view(op));
			for(size_t i = 0; i < count; i++) {
				made->check->add_filter_value(constants[i].data, static_cast<uint32_t>(constants[i].len), static_cast<uint32_t>(i));
			}
			return made.release();
		});
	}

	static int32_t holds(void* object, const sinsp_event* event, sinsp_str* why) {
		auto& check = *static_cast<field*>(object)->check;
		return with_event(check, event, why, [&](sinsp_evt* evt) -> int32_t { return check.compare(evt); });
	}

	static void free(void* object) { delete static_cast<field*>(object); }

	sinsp* m_inspector;
	find_t m_find;
	handle<sinsp_registry, sinsp_registry_free> m_handle;
};

}  // namespace detail
}  // namespace libsinsp
