// SPDX-License-Identifier: Apache-2.0
// The parser of filters.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/filter/ast.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace libsinsp {
namespace filter {

// Parses one text.
class SINSP_PUBLIC parser {
public:
	explicit parser(const std::string& input): m_input(input) {}

	// The comparison operators, or those that compare with a list; the transformers, with "val" if `include_val`.
	static std::vector<std::string> supported_operators(bool list_only = false) {
		return words(list_only ? SINSP_WORD_LIST_OPERATOR : SINSP_WORD_OPERATOR);
	}
	static std::vector<std::string> supported_field_transformers(bool include_val = false) {
		auto names = words(SINSP_WORD_TRANSFORMER);
		if(include_val) {
			names.insert(names.begin(), "val");
		}
		return names;
	}

	// The position of the error, or the end of the parsed text.
	ast::pos_info get_pos() const { return m_pos; }
	void get_pos(ast::pos_info& pos) const { pos = m_pos; }

	// Accepts text after the filter.
	void set_parse_partial(bool partial) { m_partial = partial; }
	// The largest nesting depth of parentheses and transformers.
	void set_max_depth(uint32_t depth) { m_max_depth = depth; }

	// Parses a filter. Throws if the text is malformed; get_pos() then returns the position.
	std::unique_ptr<ast::expr> parse() { return parse(m_partial ? SINSP_AST_FILTER_PREFIX : SINSP_AST_FILTER); }

	// Parses a field or a transformed field at the start of the text, and ignores the rest.
	std::unique_ptr<ast::expr> parse_field_or_transformer() { return parse(SINSP_AST_FIELD_PREFIX); }

private:
	static std::vector<std::string> words(sinsp_word_kind kind) {
		std::vector<std::string> all;
		for(auto word = sinsp_filter_word(kind, 0); word.len != 0; word = sinsp_filter_word(kind, all.size())) {
			all.push_back(detail::text(word));
		}
		return all;
	}

	void move_to(const sinsp_position& at) { m_pos = ast::pos_info(at.offset, at.line, at.column); }

	std::unique_ptr<ast::expr> parse(sinsp_ast_start start) {
		detail::error error;
		detail::handle<sinsp_ast, sinsp_ast_free> parsed(
		        sinsp_ast_parse(detail::str(m_input), start, m_max_depth, error.out()));
		if(parsed == nullptr) {
			sinsp_position at;
			if(error.position(at)) {
				move_to(at);
			}
			error.raise();
		}
		move_to(sinsp_ast_end(parsed.get()));
		size_t count = 0;
		const auto* nodes = sinsp_ast_nodes(parsed.get(), &count);
		return detail::unflatten(nodes, count);
	}

	std::string m_input;
	ast::pos_info m_pos;
	bool m_partial = false;
	uint32_t m_max_depth = 0;
};

}  // namespace filter
}  // namespace libsinsp
