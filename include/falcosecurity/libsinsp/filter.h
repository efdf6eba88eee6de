// SPDX-License-Identifier: Apache-2.0
// Compiled filters and what makes them.
#pragma once

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/event.h>
#include <libsinsp/filter/parser.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

class sinsp;

// A compiled filter. It runs on the events of the inspector that it was compiled for.
class SINSP_PUBLIC sinsp_filter {
public:
	using program_t = libsinsp::detail::handle<sinsp_program, sinsp_program_free>;

	explicit sinsp_filter(program_t program):
	        m_program(std::move(program)),
	        m_types(sinsp_program_types(m_program.get())) {}
	virtual ~sinsp_filter() = default;

	// Whether the event passes. Throws for an event of another inspector, and for one that its inspector has moved on from.
	bool run(sinsp_evt* evt) {
		const size_t code = evt->c_event()->code;
		if(m_types != nullptr && code / 64 < SINSP_TYPES_WORDS && (m_types[code / 64] >> code % 64 & 1) == 0) {
			return false;
		}
		libsinsp::detail::error error;
		const int32_t passes = sinsp_program_run(m_program.get(), libsinsp::detail::handle_of(evt), evt->c_event(), error.out());
		if(passes < 0) {
			error.raise();
		}
		return passes != 0;
	}

private:
	friend class sinsp;

	program_t m_program;
	// The types of events for which it can hold, which the program keeps.
	const uint64_t* m_types;
};

// Makes filters for the events of an inspector.
class sinsp_filter_factory {
public:
	sinsp_filter_factory(sinsp* inspector, filter_check_list& available_checks):
	        m_inspector(inspector),
	        m_available_checks(available_checks) {}
	virtual ~sinsp_filter_factory() = default;

protected:
	friend class sinsp_filter_compiler;

	sinsp* m_inspector;
	filter_check_list& m_available_checks;
};

// Compiles one filter.
class SINSP_PUBLIC sinsp_filter_compiler {
public:
	sinsp_filter_compiler(sinsp* inspector, const std::string& filter): m_inspector(inspector), m_text(filter) {}

	sinsp_filter_compiler(const std::shared_ptr<sinsp_filter_factory>& factory, const std::string& filter):
	        m_factory(factory),
	        m_inspector(factory->m_inspector),
	        m_text(filter) {}

	// The tree has to live until the filter is compiled.
	sinsp_filter_compiler(const std::shared_ptr<sinsp_filter_factory>& factory, const libsinsp::filter::ast::expr* filter):
	        m_factory(factory),
	        m_inspector(factory->m_inspector),
	        m_tree(filter) {}

	// Throws if the filter is not well formed or does not fit the fields that it uses; get_pos() then tells where.
	std::unique_ptr<sinsp_filter> compile() {
		if(m_inspector == nullptr) {
			throw sinsp_exception("a filter cannot be compiled without an inspector");
		}
		if(m_tree == nullptr && m_parsed == nullptr) {
			parse();
		}
		const libsinsp::detail::flat_ast flat(m_tree != nullptr ? m_tree : m_parsed.get());
		libsinsp::detail::error error;
		sinsp_filter::program_t program(sinsp_program_compile_ast(libsinsp::detail::handle_of(m_inspector),
		                                                          flat.data(),
		                                                          flat.size(),
		                                                          error.out()));
		if(program == nullptr) {
			if(sinsp_position at; error.position(at)) {
				m_pos = libsinsp::filter::ast::pos_info(at.offset, at.line, at.column);
			}
			error.raise();
		}
		return std::make_unique<sinsp_filter>(std::move(program));
	}

	// The tree of the text that was compiled; null before that, and if a tree was given.
	std::shared_ptr<libsinsp::filter::ast::expr> get_filter_ast() const { return m_parsed; }

	const libsinsp::filter::ast::pos_info& get_pos() const { return m_pos; }

private:
	void parse() {
		libsinsp::filter::parser parser(m_text);
		try {
			m_parsed = parser.parse();
		} catch(const sinsp_exception& e) {
			m_pos = parser.get_pos();
			throw sinsp_exception("filter error at " + m_pos.as_string() + ": " + e.what());
		}
	}

	std::shared_ptr<sinsp_filter_factory> m_factory;
	sinsp* m_inspector;
	std::string m_text;
	const libsinsp::filter::ast::expr* m_tree = nullptr;
	std::shared_ptr<libsinsp::filter::ast::expr> m_parsed;
	libsinsp::filter::ast::pos_info m_pos;
};

#include <libsinsp/sinsp.h>
