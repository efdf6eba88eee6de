// SPDX-License-Identifier: Apache-2.0
// The library's classes of fields as checks. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/program.h>
#include <libsinsp/filter_check.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

namespace libsinsp {
namespace detail {

// A class of fields that the library extracts, formats and compares: those of its own table, or of a plugin.
class library_check : public sinsp_filter_check {
public:
	// The plugin whose fields they are; null for those of the table.
	virtual const sinsp_plugin_ref* c_plugin() const { return nullptr; }
	// Whether its fields are those of the library, unchanged: a class that a program derives may change them.
	virtual bool is_known() const { return true; }

	int32_t parse_field_name(std::string_view str, bool alloc_state, bool needed_for_filtering) override {
		size_t index = 0;
		const int64_t len = find_field(str, index);
		if(len == 0) {
			return -1;
		}
		m_field_id = static_cast<uint32_t>(index);
		m_field = &m_info->m_fields[index];
		check_use(str, needed_for_filtering);
		if(alloc_state) {
			m_text = str.substr(0, static_cast<size_t>(len));
			m_extractor.reset();
			m_compared.reset();
			m_formatter.reset();
			m_program.reset();
		}
		if(m_field->m_type == PT_DYN) {
			// Until an event says otherwise, the type of the first parameter with this name.
			m_varying = *m_field;
			m_field = &m_varying;
			if(alloc_state && m_inspector != nullptr) {
				vary(sinsp_extractor_shape(made(m_extractor, sinsp_extractor_new)));
			}
		}
		return static_cast<int32_t>(len);
	}

	using sinsp_filter_check::add_filter_value;

	void add_filter_value(const char* str, uint32_t len, uint32_t i = 0) override {
		sinsp_filter_check::add_filter_value(str, len, i);
		const auto value = std::string_view(str, len).substr(0, std::string_view(str, len).find('\0'));
		if(c_plugin() == nullptr && !value.empty()) {
			error error;
			error.check(sinsp_field_check_value(detail::str(m_text), detail::str(value), error.out()));
		}
		m_texts.resize(m_vals.size());
		m_texts[i].assign(str, len);
		m_program.reset();
	}

	void add_transformer(filter_transformer_type trtype) override {
		sinsp_filter_check::add_transformer(trtype);
		m_formatter.reset();
	}

	// Formats with the library's extractor, as formats do.
	char* tostring(sinsp_evt* evt) override {
		if(!is_known()) {
			return sinsp_filter_check::tostring(evt);
		}
		error error;
		if(m_formatter == nullptr) {
			std::string text = m_text;
			for(const auto transformer : m_transformers) {
				if(transformer != FTR_STORAGE) {
					text = std::string(transformers[transformer]) + "(" + text + ")";
				}
			}
			m_formatter.reset(sinsp_formatter_new(owner(), fields_of(), detail::str("%" + text), error.out()));
			if(m_formatter == nullptr) {
				error.raise();
			}
		}
		sinsp_str text = {};
		const int32_t shown = sinsp_formatter_run(m_formatter.get(),
		                                          handle_of(of(evt)),
		                                          of(evt)->c_event(),
		                                          SINSP_OUTPUT_TEXT,
		                                          &text,
		                                          error.out());
		return truth(shown, error) ? kept(view(text)) : nullptr;
	}

protected:
	// Finds the field whose name begins the text: returns how many bytes it takes with its argument, 0 if there is none.
	virtual int64_t find_field(std::string_view text, size_t& index) = 0;
	// Where the library finds the fields; null for its own table.
	virtual const sinsp_registry* fields_of() { return nullptr; }

	bool extract_nocache(sinsp_evt* evt,
	                     std::vector<extract_value_t>& values,
	                     std::vector<extract_offset_t>* offsets,
	                     bool sanitize_strings) override {
		values.clear();
		if(offsets != nullptr) {
			offsets->clear();
		}
		error error;
		auto* extractor = is_comparing() ? made(m_compared, sinsp_extractor_new_compared) : made(m_extractor, sinsp_extractor_new);
		if(offsets != nullptr) {
			error.check(sinsp_extractor_locate(extractor, error.out()));
		}
		sinsp_shape shape = {};
		auto& found = emptied(m_found);
		const int32_t present = sinsp_extractor_run(extractor,
		                                            handle_of(of(evt)),
		                                            of(evt)->c_event(),
		                                            found.get(),
		                                            &shape,
		                                            error.out());
		if(!truth(present, error)) {
			return false;
		}
		if(sanitize_strings && shape.kind != PT_BYTEBUF) {
			error.check(sinsp_values_sanitize(found.get(), error.out()));
		}
		if(m_field == &m_varying) {
			vary(shape);
		}
		store(found, static_cast<ppm_param_type>(shape.kind), values);
		if(offsets != nullptr) {
			size_t count = 0;
			const sinsp_span* spans = sinsp_values_spans(found.get(), &count, error.out());
			if(spans == nullptr) {
				error.raise();
			}
			for(size_t i = 0; i < count; i++) {
				offsets->push_back({spans[i].start, spans[i].len});
			}
		}
		return true;
	}

	// Compares with the library's extractor, as filters do: some fields are not compared by their values.
	bool compare_nocache(sinsp_evt* evt) override {
		const bool by_library = is_known() && !has_transformers() && !has_filtercheck_value() && (m_cmp.op == CO_EXISTS || !m_texts.empty());
		if(!by_library) {
			return sinsp_filter_check::compare_nocache(evt);
		}
		if(!m_program || m_compiled_for.op != m_cmp.op || m_compiled_for.mod != m_cmp.mod) {
			compile();
		}
		return m_program.run(of(evt));
	}

private:
	static sinsp_evt* of(sinsp_evt* evt) {
		if(evt == nullptr) {
			throw sinsp_exception("a field cannot be extracted without an event");
		}
		return evt;
	}

	using extractor_handle = handle<sinsp_extractor, sinsp_extractor_free>;

	// The extractor, made at its first use.
	template<typename Make>
	sinsp_extractor* made(extractor_handle& extractor, Make make) {
		if(extractor == nullptr) {
			error error;
			extractor.reset(make(owner(), fields_of(), detail::str(m_text), error.out()));
			if(extractor == nullptr) {
				error.raise();
			}
		}
		return extractor.get();
	}

	// Sets the type of a field whose type depends on the event.
	void vary(const sinsp_shape& shape) {
		m_varying.m_type = static_cast<ppm_param_type>(shape.kind);
		m_varying.m_print_format = static_cast<ppm_print_format>(shape.format);
	}

	sinsp_inspector* owner() const {
		if(m_inspector == nullptr || m_text.empty()) {
			throw sinsp_exception("a check needs an inspector and the name of a field before it is used");
		}
		return handle_of(m_inspector);
	}

	void compile() {
		const auto bracket = m_text.find('[');
		const auto arg = bracket == std::string::npos ? std::string_view() : std::string_view(m_text).substr(bracket + 1);
		const sinsp_position at = {0, 1, 1};
		std::vector<sinsp_ast_node> nodes;
		nodes.push_back({SINSP_AST_FIELD,
		                 0,
		                 detail::str(std::string_view(m_text).substr(0, bracket)),
		                 detail::str(arg.substr(0, arg.empty() ? 0 : arg.size() - 1)),
		                 bracket != std::string::npos,
		                 at});
		const std::string op = spelled(m_cmp);
		const bool many = m_cmp.op == CO_IN || m_cmp.op == CO_INTERSECTS || m_cmp.op == CO_PMATCH || m_cmp.mod != CMPOP_MOD_NONE;
		if(m_cmp.op == CO_EXISTS) {
			nodes.push_back({SINSP_AST_UNARY, 1, detail::str(op), {}, false, at});
		} else {
			for(size_t i = 0; i < (many ? m_texts.size() : 1); i++) {
				nodes.push_back({SINSP_AST_VALUE, 0, detail::str(m_texts[i]), {}, false, at});
			}
			if(many) {
				nodes.push_back({SINSP_AST_LIST, static_cast<uint32_t>(m_texts.size()), {}, {}, false, at});
			}
			nodes.push_back({SINSP_AST_BINARY, 2, detail::str(op), {}, false, at});
		}
		error error;
		m_compiled_for = m_cmp;
		m_program.reset(sinsp_program_compile_ast(owner(), fields_of(), nodes.data(), nodes.size(), error.out()));
		if(!m_program) {
			error.raise();
		}
	}

	// The field name with its argument.
	std::string m_text;
	// The constants, as text.
	std::vector<std::string> m_texts;
	// The field, if its type depends on the event.
	filtercheck_field_info m_varying;
	// The values to show, and those to compare.
	extractor_handle m_extractor;
	extractor_handle m_compared;
	handle<sinsp_formatter, sinsp_formatter_free> m_formatter;
	program m_program;
	comparator m_compiled_for;
	values m_found;
};

// A class of fields of the library's table.
class table_check : public library_check {
public:
	// The class at position `index`.
	explicit table_check(size_t index): table_check(index, typeid(table_check)) {}

	// The position of the class that has this field. Throws if none has.
	static size_t class_of(std::string_view field) {
		for(size_t index = 0; index < sinsp_field_class_count(); index++) {
			size_t at = 0;
			if(sinsp_field_find(index, detail::str(field), &at, nullptr) > 0) {
				return index;
			}
		}
		throw sinsp_exception("there is no field " + std::string(field));
	}

	bool is_known() const override { return typeid(*this) == m_known; }

	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<table_check>(m_class); }

protected:
	// `known` is the type of the object, if its fields are the table's.
	table_check(size_t index, const std::type_info& known): m_class(index), m_known(known) {
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
		m_of_class.m_name = text(of_class.name);
		m_of_class.m_shortdesc = text(of_class.short_description);
		m_of_class.m_desc = text(of_class.description);
		m_of_class.m_nfields = static_cast<int32_t>(m_fields.size());
		m_of_class.m_fields = m_fields.data();
		m_info = &m_of_class;
	}

	int64_t find_field(std::string_view text, size_t& index) override {
		error error;
		const int64_t len = sinsp_field_find(m_class, detail::str(text), &index, error.out());
		if(len < 0) {
			error.raise();
		}
		return len;
	}

private:
	size_t m_class;
	const std::type_info& m_known;
	std::vector<filtercheck_field_info> m_fields;
	filter_check_info m_of_class;
};

// One of the classes of the table, under its name.
template<typename Own>
class known_check : public table_check {
public:
	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<Own>(); }

protected:
	// The class with this field.
	explicit known_check(std::string_view field): table_check(class_of(field), typeid(Own)) {}
};

// The plugin that has the check's field; null for other checks. A class derived from the check of a plugin is a program's own.
inline const sinsp_plugin_ref* plugin_of(const sinsp_filter_check& check) {
	const auto* known = dynamic_cast<const library_check*>(&check);
	return known != nullptr ? known->c_plugin() : nullptr;
}

// Whether the field of the check is the library's.
inline bool is_table_check(const sinsp_filter_check& check) {
	const auto* known = dynamic_cast<const table_check*>(&check);
	return known != nullptr && known->is_known();
}

}  // namespace detail
}  // namespace libsinsp
