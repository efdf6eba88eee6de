// SPDX-License-Identifier: Apache-2.0
// Formats events as text or JSON.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/own_checks.h>
#include <libsinsp/event.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/logger.h>
#include <libsinsp/sinsp_public.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

class sinsp;

// Formats events by a format string such as "%evt.num %proc.name". Used on the thread that uses the inspector.
class SINSP_PUBLIC sinsp_evt_formatter {
public:
	enum output_format { OF_NORMAL = 0, OF_JSON = 1 };

	// A formatter without a format string: its output is empty until set_format() sets one.
	sinsp_evt_formatter(sinsp* inspector, filter_check_list& available_checks):
	        m_inspector(inspector),
	        m_available_checks(&available_checks) {}

	// Throws if the format is malformed or names an unknown field. Formats JSON if the inspector's buffer format is a JSON one.
	sinsp_evt_formatter(sinsp* inspector, const std::string& format, filter_check_list& available_checks):
	        m_inspector(inspector),
	        m_available_checks(&available_checks) {
		sinsp_evt_formatter::set_format(libsinsp::detail::shows_json(inspector) ? OF_JSON : OF_NORMAL, format);
	}

	virtual ~sinsp_evt_formatter() = default;

	virtual void set_format(output_format of, const std::string& format) {
		libsinsp::detail::error error;
		std::unique_ptr<libsinsp::detail::registry> own;
		if(!m_available_checks->is_table()) {
			own = std::make_unique<libsinsp::detail::registry>(m_inspector, [this](std::string_view name) {
				return m_available_checks->new_filter_check_from_fldname(name, m_inspector, true);
			});
		}
		m_has_own = own != nullptr;
		m_formatter.reset(sinsp_formatter_new(libsinsp::detail::handle_of(m_inspector),
		                                      m_has_own ? own->get() : nullptr,
		                                      libsinsp::detail::str(format),
		                                      error.out()));
		if(m_formatter == nullptr) {
			error.raise();
		}
		m_output_format = of;
		set_resolve_transformed_fields(m_resolve_transformed_fields);
	}
	virtual output_format get_output_format() { return m_output_format; }

	// Formats the event to `output`. Returns false if the format does not start with '*' and a field of it has no value.
	virtual bool tostring(sinsp_evt* evt, std::string& output) { return tostring_withformat(evt, output, m_output_format); }
	bool tostring(sinsp_evt* evt, std::string* output) { return output != nullptr && tostring(evt, *output); }

	virtual bool tostring_withformat(sinsp_evt* evt, std::string& output, output_format of) {
		if(m_formatter == nullptr) {
			output.clear();
			return true;
		}
		std::optional<libsinsp::detail::asking> asking;
		if(m_has_own) {
			asking.emplace(evt);
		}
		sinsp_str text;
		sinsp_error* why = nullptr;
		const int32_t show = sinsp_formatter_run(m_formatter.get(),
		                                         libsinsp::detail::handle_of(evt),
		                                         libsinsp::detail::c_event(evt),
		                                         of,
		                                         &text,
		                                         &why);
		if(show < 0) {
			libsinsp::detail::raise(why);
		}
		output.assign(libsinsp::detail::view(text));
		return show != 0;
	}

	// Appends the names of the fields that the format has, and of those within transformed ones.
	virtual void get_field_names(std::vector<std::string>& fields) {
		for(size_t i = 0;; i++) {
			const auto name = libsinsp::detail::view(sinsp_formatter_field(m_formatter.get(), i));
			if(name.empty()) {
				return;
			}
			fields.emplace_back(name);
		}
	}

	// Puts what an event has of each field into `fields`, "<NA>" for nothing. False if the format wants a value of a field that has none.
	virtual bool get_field_values(sinsp_evt* evt, std::map<std::string, std::string>& fields) { return resolve_tokens(evt, fields); }
	bool resolve_tokens(sinsp_evt* evt, std::map<std::string, std::string>& values) {
		if(m_formatter == nullptr) {
			return true;
		}
		std::optional<libsinsp::detail::asking> asking;
		if(m_has_own) {
			asking.emplace(evt);
		}
		const auto visit = [](void* context, sinsp_str name, sinsp_str text) noexcept {
			auto& values = *static_cast<std::map<std::string, std::string>*>(context);
			values[libsinsp::detail::text(name)] = libsinsp::detail::text(text);
		};
		sinsp_error* why = nullptr;
		const int32_t complete =
		        sinsp_formatter_resolve(m_formatter.get(), libsinsp::detail::handle_of(evt), libsinsp::detail::c_event(evt), visit, &values, &why);
		if(complete < 0) {
			libsinsp::detail::raise(why);
		}
		return complete != 0;
	}

	// Whether transformed fields are among those that JSON and the functions above show; at first they are not.
	bool get_resolve_transformed_fields() const { return m_resolve_transformed_fields; }
	void set_resolve_transformed_fields(bool v) {
		m_resolve_transformed_fields = v;
		if(m_formatter != nullptr) {
			libsinsp::detail::error error;
			error.check(sinsp_formatter_show_transformed(m_formatter.get(), v, error.out()));
		}
	}

private:
	sinsp* m_inspector;
	filter_check_list* m_available_checks;
	// Whether the format uses a check defined by the program.
	bool m_has_own = false;
	bool m_resolve_transformed_fields = false;
	output_format m_output_format = OF_NORMAL;
	libsinsp::detail::handle<sinsp_formatter, sinsp_formatter_free> m_formatter;
};

// Makes formatters for the events of an inspector. Formatters of the same format string are one object.
class SINSP_PUBLIC sinsp_evt_formatter_factory {
public:
	sinsp_evt_formatter_factory(sinsp* inspector, filter_check_list& available_checks):
	        m_inspector(inspector),
	        m_available_checks(available_checks) {}
	virtual ~sinsp_evt_formatter_factory() = default;

	// Sets the output of the formatters that it makes from now on.
	virtual void set_output_format(sinsp_evt_formatter::output_format of) {
		m_formatters.clear();
		m_output_format = of;
	}

	// Throws if the format is malformed or names an unknown field.
	virtual std::shared_ptr<sinsp_evt_formatter> create_formatter(const std::string& format) {
		if(const auto made = m_formatters.find(format); made != m_formatters.end()) {
			return made->second;
		}
		auto formatter = std::make_shared<sinsp_evt_formatter>(m_inspector, m_available_checks);
		formatter->set_format(m_output_format, format);
		return m_formatters.emplace(format, std::move(formatter)).first->second;
	}

protected:
	// By format string.
	std::map<std::string, std::shared_ptr<sinsp_evt_formatter>> m_formatters;
	sinsp* m_inspector;
	filter_check_list& m_available_checks;
	sinsp_evt_formatter::output_format m_output_format = sinsp_evt_formatter::OF_NORMAL;
};
