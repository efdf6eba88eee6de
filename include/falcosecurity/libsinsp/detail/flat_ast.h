// SPDX-License-Identifier: Apache-2.0
// Conversion of ASTs to and from the flat form of the C ABI. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/filter/ast_nodes.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace libsinsp {
namespace detail {

// The nodes of an AST in post-order: children before parents. The strings point into the AST.
class flat_ast : private filter::ast::const_expr_visitor {
public:
	explicit flat_ast(const filter::ast::expr* e) { e->accept(this); }

	const sinsp_ast_node* data() const { return m_nodes.data(); }
	size_t size() const { return m_nodes.size(); }

private:
	using children_t = std::vector<std::unique_ptr<filter::ast::expr>>;
	using arg_t = std::optional<std::string>;

	void add(const filter::ast::expr* e, sinsp_ast_kind kind, size_t children, std::string_view text = {}, const arg_t& arg = {}) {
		const auto& at = e->get_pos();
		m_nodes.push_back({static_cast<uint32_t>(kind),
		                   static_cast<uint32_t>(children),
		                   str(text),
		                   arg ? str(*arg) : str({}),
		                   arg.has_value(),
		                   {at.idx, at.line, at.col}});
	}

	size_t all(const children_t& children) {
		for(const auto& child : children) {
			child->accept(this);
		}
		return children.size();
	}

	void visit(const filter::ast::and_expr* e) override { add(e, SINSP_AST_AND, all(e->children)); }
	void visit(const filter::ast::or_expr* e) override { add(e, SINSP_AST_OR, all(e->children)); }
	void visit(const filter::ast::not_expr* e) override {
		e->child->accept(this);
		add(e, SINSP_AST_NOT, 1);
	}
	void visit(const filter::ast::identifier_expr* e) override { add(e, SINSP_AST_IDENTIFIER, 0, e->identifier); }
	void visit(const filter::ast::value_expr* e) override { add(e, SINSP_AST_VALUE, 0, e->value); }
	void visit(const filter::ast::list_expr* e) override {
		for(const auto& value : e->values) {
			add(e, SINSP_AST_VALUE, 0, value);
		}
		add(e, SINSP_AST_LIST, e->values.size());
	}
	void visit(const filter::ast::transformer_list_expr* e) override {
		add(e, SINSP_AST_TRANSFORMER_LIST, all(e->children));
	}
	void visit(const filter::ast::unary_check_expr* e) override {
		e->left->accept(this);
		add(e, SINSP_AST_UNARY, 1, e->op);
	}
	void visit(const filter::ast::binary_check_expr* e) override {
		e->left->accept(this);
		e->right->accept(this);
		add(e, SINSP_AST_BINARY, 2, e->op);
	}
	void visit(const filter::ast::field_expr* e) override { add(e, SINSP_AST_FIELD, 0, e->field, e->arg); }
	void visit(const filter::ast::field_transformer_expr* e) override {
		add(e, SINSP_AST_TRANSFORMER, all(e->values), e->transformer, e->arg);
	}

	std::vector<sinsp_ast_node> m_nodes;
};

// Makes an AST from nodes in post-order.
inline std::unique_ptr<filter::ast::expr> unflatten(const sinsp_ast_node* nodes, size_t count) {
	namespace ast = filter::ast;
	std::vector<std::unique_ptr<ast::expr>> open;
	for(size_t i = 0; i < count; i++) {
		const auto& node = nodes[i];
		const ast::pos_info at(node.at.offset, node.at.line, node.at.column);
		const auto word = text(node.text);
		const auto arg = node.has_arg ? std::optional<std::string>(text(node.arg)) : std::nullopt;
		if(node.children > open.size()) {
			throw sinsp_exception("node " + std::to_string(i) + " of a filter has more children than there are");
		}
		std::vector<std::unique_ptr<ast::expr>> children;
		for(size_t child = open.size() - node.children; child < open.size(); child++) {
			children.push_back(std::move(open[child]));
		}
		open.resize(open.size() - node.children);
		const auto only = [&](size_t which) {
			if(which >= children.size()) {
				throw sinsp_exception("node " + std::to_string(i) + " of a filter has too few children");
			}
			return std::move(children[which]);
		};
		switch(node.kind) {
		case SINSP_AST_AND:
			open.push_back(ast::and_expr::create(children, at));
			break;
		case SINSP_AST_OR:
			open.push_back(ast::or_expr::create(children, at));
			break;
		case SINSP_AST_NOT:
			open.push_back(ast::not_expr::create(only(0), at));
			break;
		case SINSP_AST_IDENTIFIER:
			open.push_back(ast::identifier_expr::create(word, at));
			break;
		case SINSP_AST_VALUE:
			open.push_back(ast::value_expr::create(word, at));
			break;
		case SINSP_AST_LIST: {
			std::vector<std::string> values;
			for(const auto& child : children) {
				if(const auto* value = dynamic_cast<const ast::value_expr*>(child.get())) {
					values.push_back(value->value);
				}
			}
			open.push_back(ast::list_expr::create(values, at));
			break;
		}
		case SINSP_AST_TRANSFORMER_LIST:
			open.push_back(ast::transformer_list_expr::create(children, at));
			break;
		case SINSP_AST_UNARY:
			open.push_back(ast::unary_check_expr::create(only(0), word, at));
			break;
		case SINSP_AST_BINARY: {
			auto left = only(0);
			open.push_back(ast::binary_check_expr::create(std::move(left), word, only(1), at));
			break;
		}
		case SINSP_AST_FIELD:
			open.push_back(ast::field_expr::create(word, arg, at));
			break;
		case SINSP_AST_TRANSFORMER:
			open.push_back(ast::field_transformer_expr::create(word, children, arg, at));
			break;
		default:
			throw sinsp_exception("node " + std::to_string(i) + " of a filter is of an unknown kind");
		}
	}
	if(open.size() != 1) {
		throw sinsp_exception("a filter has no single root");
	}
	return std::move(open.front());
}

}  // namespace detail

namespace filter {
namespace ast {

// The text of an AST.
inline std::string as_string(const expr* e) {
	const libsinsp::detail::flat_ast flat(e);
	libsinsp::detail::error error;
	const sinsp_str text = sinsp_ast_text(flat.data(), flat.size(), error.out());
	if(error.status() != SINSP_SUCCESS) {
		error.raise();
	}
	return libsinsp::detail::text(text);
}

inline std::unique_ptr<expr> clone(const expr* e) {
	const libsinsp::detail::flat_ast flat(e);
	return libsinsp::detail::unflatten(flat.data(), flat.size());
}

}  // namespace ast
}  // namespace filter
}  // namespace libsinsp
