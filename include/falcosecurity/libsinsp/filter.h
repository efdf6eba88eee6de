// SPDX-License-Identifier: Apache-2.0
// Compiled filters, the factory of their checks, and the compiler.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/field_texts.h>
#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/own_checks.h>
#include <libsinsp/detail/program.h>
#include <libsinsp/event.h>
#include <libsinsp/filter/parser.h>
#include <libsinsp/filter_cache.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

class sinsp;

// Checks joined by boolean operators, as one check.
class sinsp_filter_expression : public sinsp_filter_check {
public:
	int32_t parse_field_name(std::string_view, bool, bool) override { return 0; }
	void add_filter_value(const char*, uint32_t, uint32_t = 0) override {}

	bool compare(sinsp_evt* evt) override {
		bool holds = true;
		for(size_t i = 0; i < m_checks.size(); i++) {
			auto& check = *m_checks[i];
			const auto tie = static_cast<uint8_t>(check.m_boolop & ~BO_NOT);
			if(i > 0 && holds == (tie == BO_OR)) {
				return holds;
			}
			holds = check.compare(evt) != ((check.m_boolop & BO_NOT) != 0);
		}
		return holds;
	}

	void add_check(std::unique_ptr<sinsp_filter_check> chk) { m_checks.push_back(std::move(chk)); }

	// The operator (boolop) that joins its checks, if all have the same; else -1.
	int32_t get_expr_boolop() const {
		if(m_checks.size() <= 1) {
			return m_boolop;
		}
		const int32_t first = m_checks[1]->m_boolop & ~BO_NOT;
		for(size_t i = 2; i < m_checks.size(); i++) {
			if((m_checks[i]->m_boolop & ~BO_NOT) != first) {
				return -1;
			}
		}
		return first;
	}

	sinsp_filter_expression* m_parent = nullptr;
	std::vector<std::unique_ptr<sinsp_filter_check>> m_checks;
};

// A compiled filter, or one that a program builds from checks. It accepts events of its inspector and events without an inspector. Used on
// the thread that uses the inspector.
class SINSP_PUBLIC sinsp_filter {
public:
	using program_t = libsinsp::detail::program;

	sinsp_filter(): m_filter(std::make_unique<sinsp_filter_expression>()), m_curexpr(m_filter.get()) {}
	// `has_own`: whether the filter contains checks defined by the program.
	explicit sinsp_filter(program_t program, bool has_own = false):
	        m_program(std::move(program)),
	        m_types(sinsp_program_types(m_program.get())),
	        m_by_library(!has_own) {}
	virtual ~sinsp_filter() = default;

	// Returns whether the event matches. Throws if the event belongs to another inspector or its inspector has read another event since;
	// exceptions of the program's checks come out of it. A null event is an error, but in a filter that a program built from checks.
	bool run(sinsp_evt* evt) {
		if(evt == nullptr) {
			return decide(evt);
		}
		// Most filters match few event types. This inline test rejects the other types without a call into the library.
		const size_t code = evt->c_event()->code;
		if(m_types != nullptr && code / 64 < SINSP_TYPES_WORDS && (m_types[code / 64] >> code % 64 & 1) == 0) {
			return false;
		}
		return m_by_library ? m_program.run(evt) : decide(evt);
	}

	// Opens a parenthesis, joined to the preceding check by `op`.
	void push_expression(boolop op) {
		auto expression = std::make_unique<sinsp_filter_expression>();
		auto* opened = expression.get();
		opened->m_boolop = op;
		opened->m_parent = m_curexpr;
		add_check(std::move(expression));
		m_curexpr = opened;
	}

	// Closes the parenthesis. Throws if it contains both "and" and "or".
	void pop_expression() {
		if(m_curexpr == nullptr || m_curexpr->m_parent == nullptr) {
			throw sinsp_exception("no expression is open");
		}
		if(m_curexpr->get_expr_boolop() == -1) {
			throw sinsp_exception("expression mixes 'and' and 'or' in an ambiguous way. Please use brackets.");
		}
		m_curexpr = m_curexpr->m_parent;
	}

	void add_check(std::unique_ptr<sinsp_filter_check> chk) {
		if(m_curexpr == nullptr) {
			throw sinsp_exception("no check can be added to a compiled filter");
		}
		m_curexpr->add_check(std::move(chk));
	}

	// The checks that the program added; null in a compiled filter.
	std::unique_ptr<sinsp_filter_expression> m_filter;

private:
	friend class sinsp;

	// Runs a filter that contains checks defined by the program.
	bool decide(sinsp_evt* evt) {
		if(!m_program) {
			return m_filter->compare(evt);
		}
		const libsinsp::detail::asking asking(evt);
		return m_program.run(evt);
	}

	sinsp_filter_expression* m_curexpr = nullptr;
	program_t m_program;
	// A bit for each event type that the filter can match; m_program owns the array.
	const uint64_t* m_types = nullptr;
	// Whether all checks are the library's.
	bool m_by_library = false;
};

// Makes checks for the filters of an inspector.
class sinsp_filter_factory {
public:
	// The kinds of argument that a field accepts.
	enum field_argument_type : uint8_t {
		ARG_TYPE_NONE = 0,
		ARG_TYPE_INDEX = 1,
		ARG_TYPE_KEY = 2,
	};

	// Whether a field accepts or requires an argument.
	enum field_argument_requirement : uint8_t {
		ARG_REQ_NONE = 0,
		ARG_REQ_ALLOWED = 1,
		ARG_REQ_REQUIRED = 2,
	};

	// A field.
	struct filter_field_info {
		std::string name;
		std::string desc;
		std::string data_type;
		// The names of its flags, such as "EPF_IS_LIST".
		std::set<std::string> tags;

		bool is_skippable() const { return tags.count("EPF_TABLE_ONLY") != 0; }
		bool is_deprecated() const { return tags.count("EPF_DEPRECATED") != 0; }
		bool is_list() const { return tags.count("EPF_IS_LIST") != 0; }
		field_argument_type get_argument_type() const {
			const int index = tags.count("ARG_INDEX") != 0 ? ARG_TYPE_INDEX : 0;
			const int key = tags.count("ARG_KEY") != 0 ? ARG_TYPE_KEY : 0;
			return static_cast<field_argument_type>(index | key);
		}
		field_argument_requirement is_expecting_arg() const {
			return tags.count("ARG_REQUIRED") != 0 ? ARG_REQ_REQUIRED : tags.count("ARG_ALLOWED") != 0 ? ARG_REQ_ALLOWED : ARG_REQ_NONE;
		}
	};

	// A class of fields.
	class filter_fieldclass_info {
	public:
		std::string name;
		std::string desc;
		std::string shortdesc;
		std::list<filter_field_info> fields;

		// For people: with the sources whose events have these fields, and with types if `verbose`. Empty if only deprecated fields would be
		// left out.
		std::string as_string(bool verbose, const std::set<std::string>& event_sources = {}, bool include_deprecated = false) const {
			return libsinsp::detail::class_as_text(*this, verbose, event_sources, include_deprecated, s_rightblock_start, s_width);
		}
		// As a section with a table.
		std::string as_markdown(const std::set<std::string>& event_sources = {}, bool include_deprecated = false) const {
			return libsinsp::detail::class_as_markdown(*this, event_sources, include_deprecated);
		}
		// As an object.
		std::string as_json(const std::set<std::string>& event_sources = {}, bool include_deprecated = false) const {
			return libsinsp::detail::class_as_json(*this, event_sources, include_deprecated);
		}

		// Where descriptions begin, and how wide lines are, in characters.
		inline static uint32_t s_rightblock_start = 30;
		inline static uint32_t s_width = 120;
	};

	sinsp_filter_factory(sinsp* inspector, filter_check_list& available_checks):
	        m_inspector(inspector),
	        m_available_checks(available_checks) {}
	sinsp_filter_factory(const sinsp_filter_factory& other):
	        m_inspector(other.m_inspector),
	        m_available_checks(other.m_available_checks) {}
	virtual ~sinsp_filter_factory() = default;

	// Makes a check of the class that has the field. The caller passes the name to its parse_field_name(). Returns null if no class has it.
	virtual std::unique_ptr<sinsp_filter_check> new_filtercheck(std::string_view fldname) const {
		return m_available_checks.new_filter_check_from_fldname(fldname, m_inspector, true);
	}

	// The fields usable in filters, by class.
	virtual std::list<filter_fieldclass_info> get_fields() const {
		std::vector<const filter_check_info*> infos;
		m_available_checks.get_all_fields(infos);
		return check_infos_to_fieldclass_infos(infos);
	}

	static std::list<filter_fieldclass_info> check_infos_to_fieldclass_infos(
	        const std::vector<const filter_check_info*>& fc_plugins) {
		std::list<filter_fieldclass_info> classes;
		for(const auto* from : fc_plugins) {
			if((from->m_flags & filter_check_info::FL_HIDDEN) != 0) {
				continue;
			}
			auto& to = classes.emplace_back();
			to.name = from->m_name;
			to.desc = from->m_desc;
			to.shortdesc = from->m_shortdesc;
			for(int32_t i = 0; i < from->m_nfields; i++) {
				const auto& field = from->m_fields[i];
				// Omits fields that only formats may use.
				if((field.m_flags & EPF_PRINT_ONLY) == 0) {
					to.fields.push_back({field.m_name,
					                     field.m_description,
					                     param_type_to_string(field.m_type),
					                     tags_of(field)});
				}
			}
		}
		return classes;
	}

protected:
	friend class sinsp_filter_compiler;

	static std::set<std::string> tags_of(const filtercheck_field_info& field) {
		static constexpr std::pair<uint32_t, const char*> names[] = {{EPF_FILTER_ONLY, "FILTER_ONLY"},
		                                                             {EPF_TABLE_ONLY, "EPF_TABLE_ONLY"},
		                                                             {EPF_DEPRECATED, "EPF_DEPRECATED"},
		                                                             {EPF_NO_RHS, "EPF_NO_RHS"},
		                                                             {EPF_NO_TRANSFORMER, "EPF_NO_TRANSFORMER"},
		                                                             {EPF_IS_LIST, "EPF_IS_LIST"}};
		std::set<std::string> tags;
		for(const auto& [flag, tag] : names) {
			if((field.m_flags & flag) != 0) {
				tags.insert(tag);
			}
		}
		if(field.is_arg_supported()) {
			tags.insert((field.m_flags & EPF_ARG_REQUIRED) != 0 ? "ARG_REQUIRED" : "ARG_ALLOWED");
			if((field.m_flags & EPF_ARG_INDEX) != 0) {
				tags.insert("ARG_INDEX");
			}
			if((field.m_flags & EPF_ARG_KEY) != 0) {
				tags.insert("ARG_KEY");
			}
		}
		return tags;
	}

	// The registry with the program's fields; null if only the library's fields are used.
	const sinsp_registry* own_fields() const {
		if(typeid(*this) == typeid(sinsp_filter_factory) && m_available_checks.is_table()) {
			return nullptr;
		}
		if(m_registry == nullptr) {
			m_registry = std::make_unique<libsinsp::detail::registry>(
			        m_inspector,
			        [this](std::string_view name) { return new_filtercheck(name); });
		}
		return m_registry->get();
	}

	sinsp* m_inspector;
	filter_check_list& m_available_checks;

private:
	mutable std::unique_ptr<libsinsp::detail::registry> m_registry;
};

// Compiles one filter.
class SINSP_PUBLIC sinsp_filter_compiler {
public:
	// A warning about a valid filter that is likely a mistake.
	struct message {
		std::string msg;
		libsinsp::filter::ast::pos_info pos;
	};

	// `cache_factory` is not used: the filters of an inspector already share extracted values and results of checks.

	sinsp_filter_compiler(sinsp* inspector,
	                      const std::string& fltstr,
	                      const std::shared_ptr<sinsp_filter_cache_factory>& cache_factory = nullptr):
	        m_inspector(inspector),
	        m_text(fltstr),
	        m_cache_factory(cache_factory) {}

	sinsp_filter_compiler(const std::shared_ptr<sinsp_filter_factory>& factory,
	                      const std::string& fltstr,
	                      const std::shared_ptr<sinsp_filter_cache_factory>& cache_factory = nullptr):
	        m_factory(factory),
	        m_inspector(factory->m_inspector),
	        m_text(fltstr),
	        m_cache_factory(cache_factory) {}

	// `fltast` must stay valid until compile() returns.
	sinsp_filter_compiler(const std::shared_ptr<sinsp_filter_factory>& factory,
	                      const libsinsp::filter::ast::expr* fltast,
	                      const std::shared_ptr<sinsp_filter_cache_factory>& cache_factory = nullptr):
	        m_factory(factory),
	        m_inspector(factory->m_inspector),
	        m_tree(fltast),
	        m_cache_factory(cache_factory) {}

	// Compiles the filter. Throws if it is malformed or a field does not allow its use; get_pos() then returns the position.
	std::unique_ptr<sinsp_filter> compile() {
		namespace detail = libsinsp::detail;
		m_warnings.clear();
		if(m_inspector == nullptr) {
			throw sinsp_exception("a filter cannot be compiled without an inspector");
		}
		const sinsp_registry* own = m_factory != nullptr ? m_factory->own_fields() : nullptr;
		auto* inspector = detail::handle_of(m_inspector);
		detail::error error;
		sinsp_filter::program_t program;
		if(m_tree != nullptr) {
			const detail::flat_ast flat(m_tree);
			program.reset(sinsp_program_compile_ast(inspector, own, flat.data(), flat.size(), error.out()));
		} else {
			program.reset(sinsp_program_compile(inspector, own, detail::str(m_text), error.out()));
		}
		if(!program) {
			if(sinsp_position at; error.position(at)) {
				m_pos = {at.offset, at.line, at.column};
			}
			error.raise();
		}
		m_compiled = true;
		sinsp_str text = {};
		sinsp_position at = {};
		for(size_t i = 0; sinsp_program_warning(program.get(), i, &text, &at); i++) {
			m_warnings.push_back({detail::text(text), {at.offset, at.line, at.column}});
		}
		return std::make_unique<sinsp_filter>(std::move(program), own != nullptr);
	}

	// The AST of the text that was compiled; null before compile(), or if the compiler was made from an AST.
	std::shared_ptr<libsinsp::filter::ast::expr> get_filter_ast() const {
		if(m_parsed == nullptr && m_compiled && m_tree == nullptr) {
			m_parsed = libsinsp::filter::parser(m_text).parse();
		}
		return m_parsed;
	}

	const libsinsp::filter::ast::pos_info& get_pos() const { return m_pos; }
	const std::vector<message>& get_warnings() const { return m_warnings; }

private:
	std::shared_ptr<sinsp_filter_factory> m_factory;
	sinsp* m_inspector;
	std::string m_text;
	const libsinsp::filter::ast::expr* m_tree = nullptr;
	std::shared_ptr<sinsp_filter_cache_factory> m_cache_factory;
	// Made at the first call of get_filter_ast().
	mutable std::shared_ptr<libsinsp::filter::ast::expr> m_parsed;
	bool m_compiled = false;
	libsinsp::filter::ast::pos_info m_pos;
	std::vector<message> m_warnings;
};
