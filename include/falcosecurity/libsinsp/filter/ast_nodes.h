// SPDX-License-Identifier: Apache-2.0
// The nodes and visitors of the AST of filters.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace libsinsp {
namespace filter {
namespace ast {

// A place in the text of a filter.
struct pos_info {
	pos_info() = default;
	pos_info(uint32_t i, uint32_t l, uint32_t c): idx(i), line(l), col(c) {}

	bool operator==(const pos_info& o) const { return idx == o.idx && line == o.line && col == o.col; }
	bool operator!=(const pos_info& o) const { return !(*this == o); }

	void reset() { *this = pos_info(); }

	std::string as_string() const {
		return "index " + std::to_string(idx) + ", line " + std::to_string(line) + ", column " + std::to_string(col);
	}

	uint32_t idx = 0;   // in bytes, from 0
	uint32_t line = 1;  // from 1
	uint32_t col = 1;   // from 1
};

inline const pos_info s_initial_pos;

struct and_expr;
struct or_expr;
struct not_expr;
struct identifier_expr;
struct value_expr;
struct list_expr;
struct transformer_list_expr;
struct unary_check_expr;
struct binary_check_expr;
struct field_expr;
struct field_transformer_expr;

// A visitor that may change the nodes.
struct SINSP_PUBLIC expr_visitor {
	virtual ~expr_visitor() = default;
	virtual void visit(and_expr*) = 0;
	virtual void visit(or_expr*) = 0;
	virtual void visit(not_expr*) = 0;
	virtual void visit(identifier_expr*) = 0;
	virtual void visit(value_expr*) = 0;
	virtual void visit(list_expr*) = 0;
	virtual void visit(transformer_list_expr*) = 0;
	virtual void visit(unary_check_expr*) = 0;
	virtual void visit(binary_check_expr*) = 0;
	virtual void visit(field_expr*) = 0;
	virtual void visit(field_transformer_expr*) = 0;
};

// A visitor of const nodes.
struct SINSP_PUBLIC const_expr_visitor {
	virtual ~const_expr_visitor() = default;
	virtual void visit(const and_expr*) = 0;
	virtual void visit(const or_expr*) = 0;
	virtual void visit(const not_expr*) = 0;
	virtual void visit(const identifier_expr*) = 0;
	virtual void visit(const value_expr*) = 0;
	virtual void visit(const list_expr*) = 0;
	virtual void visit(const transformer_list_expr*) = 0;
	virtual void visit(const unary_check_expr*) = 0;
	virtual void visit(const binary_check_expr*) = 0;
	virtual void visit(const field_expr*) = 0;
	virtual void visit(const field_transformer_expr*) = 0;
};

// A node of a filter.
class SINSP_PUBLIC expr {
public:
	virtual ~expr() = default;
	virtual void accept(expr_visitor*) = 0;
	virtual void accept(const_expr_visitor*) const = 0;
	// Whether both ASTs are equal, apart from their positions in a text.
	virtual bool is_equal(const expr* other) const = 0;

	const pos_info& get_pos() const { return m_pos; }
	void set_pos(const pos_info& pos) { m_pos = pos; }

private:
	pos_info m_pos;
};

inline bool compare(const expr* left, const expr* right) {
	return left->is_equal(right);
}

namespace detail {

using children_t = std::vector<std::unique_ptr<expr>>;

inline bool equal(const children_t& a, const children_t& b) {
	if(a.size() != b.size()) {
		return false;
	}
	for(size_t i = 0; i < a.size(); i++) {
		if(!compare(a[i].get(), b[i].get())) {
			return false;
		}
	}
	return true;
}

inline bool equal(const std::unique_ptr<expr>& a, const std::unique_ptr<expr>& b) {
	return compare(a.get(), b.get());
}

template<typename T>
bool equal(const T& a, const T& b) {
	return a == b;
}

// The base of all nodes: visiting and comparison.
template<typename Node>
class node : public expr {
public:
	void accept(expr_visitor* v) override { v->visit(static_cast<Node*>(this)); }
	void accept(const_expr_visitor* v) const override { v->visit(static_cast<const Node*>(this)); }

	bool is_equal(const expr* other) const override {
		const auto* same_kind = dynamic_cast<const Node*>(other);
		return same_kind != nullptr && static_cast<const Node*>(this)->same(*same_kind);
	}
};

template<typename Node, typename... Args>
std::unique_ptr<Node> make_node(const pos_info& pos, Args&&... args) {
	auto node = std::make_unique<Node>(std::forward<Args>(args)...);
	node->set_pos(pos);
	return node;
}

}  // namespace detail

// Conjunction of the children.
struct SINSP_PUBLIC and_expr : detail::node<and_expr> {
	and_expr() = default;
	explicit and_expr(std::vector<std::unique_ptr<expr>>& c): children(std::move(c)) {}

	bool same(const and_expr& o) const { return detail::equal(children, o.children); }

	static std::unique_ptr<and_expr> create(std::vector<std::unique_ptr<expr>>& c, const pos_info& pos = s_initial_pos) {
		return detail::make_node<and_expr>(pos, c);
	}

	std::vector<std::unique_ptr<expr>> children;
};

// Disjunction of the children.
struct SINSP_PUBLIC or_expr : detail::node<or_expr> {
	or_expr() = default;
	explicit or_expr(std::vector<std::unique_ptr<expr>>& c): children(std::move(c)) {}

	bool same(const or_expr& o) const { return detail::equal(children, o.children); }

	static std::unique_ptr<or_expr> create(std::vector<std::unique_ptr<expr>>& c, const pos_info& pos = s_initial_pos) {
		return detail::make_node<or_expr>(pos, c);
	}

	std::vector<std::unique_ptr<expr>> children;
};

// Negation of the child.
struct SINSP_PUBLIC not_expr : detail::node<not_expr> {
	not_expr() = default;
	explicit not_expr(std::unique_ptr<expr> c): child(std::move(c)) {}

	bool same(const not_expr& o) const { return detail::equal(child, o.child); }

	static std::unique_ptr<not_expr> create(std::unique_ptr<expr> c, const pos_info& pos = s_initial_pos) {
		return detail::make_node<not_expr>(pos, std::move(c));
	}

	std::unique_ptr<expr> child;
};

// An identifier: the name of a macro or list.
struct SINSP_PUBLIC identifier_expr : detail::node<identifier_expr> {
	identifier_expr() = default;
	explicit identifier_expr(const std::string& i): identifier(i) {}

	bool same(const identifier_expr& o) const { return identifier == o.identifier; }

	static std::unique_ptr<identifier_expr> create(const std::string& i, const pos_info& pos = s_initial_pos) {
		return detail::make_node<identifier_expr>(pos, i);
	}

	std::string identifier;
};

// A constant.
struct SINSP_PUBLIC value_expr : detail::node<value_expr> {
	value_expr() = default;
	explicit value_expr(const std::string& v): value(v) {}

	bool same(const value_expr& o) const { return value == o.value; }

	static std::unique_ptr<value_expr> create(const std::string& v, const pos_info& pos = s_initial_pos) {
		return detail::make_node<value_expr>(pos, v);
	}

	std::string value;
};

// Constants in parentheses.
struct SINSP_PUBLIC list_expr : detail::node<list_expr> {
	list_expr() = default;
	explicit list_expr(const std::vector<std::string>& v): values(v) {}

	bool same(const list_expr& o) const { return values == o.values; }

	static std::unique_ptr<list_expr> create(const std::vector<std::string>& v, const pos_info& pos = s_initial_pos) {
		return detail::make_node<list_expr>(pos, v);
	}

	std::vector<std::string> values;
};

// The arguments of a transformer.
struct SINSP_PUBLIC transformer_list_expr : detail::node<transformer_list_expr> {
	transformer_list_expr() = default;
	explicit transformer_list_expr(std::vector<std::unique_ptr<expr>>& v): children(std::move(v)) {}

	bool same(const transformer_list_expr& o) const { return detail::equal(children, o.children); }

	static std::unique_ptr<transformer_list_expr> create(std::vector<std::unique_ptr<expr>>& v,
	                                                     const pos_info& pos = s_initial_pos) {
		return detail::make_node<transformer_list_expr>(pos, v);
	}

	std::vector<std::unique_ptr<expr>> children;
};

// A check without a right-hand side, such as `exists`.
struct SINSP_PUBLIC unary_check_expr : detail::node<unary_check_expr> {
	unary_check_expr() = default;
	unary_check_expr(std::unique_ptr<expr> l, const std::string& o): left(std::move(l)), op(o) {}

	bool same(const unary_check_expr& o) const { return detail::equal(left, o.left) && op == o.op; }

	static std::unique_ptr<unary_check_expr> create(std::unique_ptr<expr> l,
	                                                const std::string& o,
	                                                const pos_info& pos = s_initial_pos) {
		return detail::make_node<unary_check_expr>(pos, std::move(l), o);
	}

	std::unique_ptr<expr> left;
	std::string op;
};

// A comparison. `op` may contain a space and a modifier.
struct SINSP_PUBLIC binary_check_expr : detail::node<binary_check_expr> {
	binary_check_expr() = default;
	binary_check_expr(std::unique_ptr<expr> l, const std::string& o, std::unique_ptr<expr> r):
	        left(std::move(l)),
	        op(o),
	        right(std::move(r)) {}

	bool same(const binary_check_expr& o) const {
		return detail::equal(left, o.left) && op == o.op && detail::equal(right, o.right);
	}

	static std::unique_ptr<binary_check_expr> create(std::unique_ptr<expr> l,
	                                                 const std::string& o,
	                                                 std::unique_ptr<expr> r,
	                                                 const pos_info& pos = s_initial_pos) {
		return detail::make_node<binary_check_expr>(pos, std::move(l), o, std::move(r));
	}

	std::unique_ptr<expr> left;
	std::string op;
	std::unique_ptr<expr> right;
};

// A field with its argument.
struct SINSP_PUBLIC field_expr : detail::node<field_expr> {
	field_expr() = default;
	field_expr(const std::string& f, const std::optional<std::string>& a): field(f), arg(a) {}

	bool same(const field_expr& o) const { return field == o.field && arg == o.arg; }

	static std::unique_ptr<field_expr> create(const std::string& f,
	                                          const std::optional<std::string>& a = std::nullopt,
	                                          const pos_info& pos = s_initial_pos) {
		return detail::make_node<field_expr>(pos, f, a);
	}

	std::string field;
	std::optional<std::string> arg;
};

// A transformer of fields and constants.
struct SINSP_PUBLIC field_transformer_expr : detail::node<field_transformer_expr> {
	field_transformer_expr() = default;
	field_transformer_expr(const std::string& t,
	                       std::vector<std::unique_ptr<expr>>& v,
	                       const std::optional<std::string>& a = std::nullopt):
	        transformer(t),
	        values(std::move(v)),
	        arg(a) {}

	bool same(const field_transformer_expr& o) const {
		return transformer == o.transformer && arg == o.arg && detail::equal(values, o.values);
	}

	static std::unique_ptr<field_transformer_expr> create(const std::string& t,
	                                                      std::vector<std::unique_ptr<expr>>& v,
	                                                      const std::optional<std::string>& a,
	                                                      const pos_info& pos = s_initial_pos) {
		return detail::make_node<field_transformer_expr>(pos, t, v, a);
	}

	static std::unique_ptr<field_transformer_expr> create(const std::string& t,
	                                                      std::vector<std::unique_ptr<expr>>& v,
	                                                      const pos_info& pos = s_initial_pos) {
		return create(t, v, std::nullopt, pos);
	}

	static std::unique_ptr<field_transformer_expr> create(const std::string& t,
	                                                      std::unique_ptr<expr> v,
	                                                      const std::optional<std::string>& a,
	                                                      const pos_info& pos = s_initial_pos) {
		std::vector<std::unique_ptr<expr>> values;
		values.push_back(std::move(v));
		return create(t, values, a, pos);
	}

	static std::unique_ptr<field_transformer_expr> create(const std::string& t,
	                                                      std::unique_ptr<expr> v,
	                                                      const pos_info& pos = s_initial_pos) {
		return create(t, std::move(v), std::nullopt, pos);
	}

	std::string transformer;
	std::vector<std::unique_ptr<expr>> values;
	std::optional<std::string> arg;
};

namespace detail {

// Visits all nodes below the visited one.
template<typename Base, typename And, typename Or, typename Not, typename Identifier, typename Value, typename List,
         typename TransformerList, typename Unary, typename Binary, typename Field, typename Transformer>
struct SINSP_PUBLIC traversal : Base {
	using Base::visit;

	// If true, no further nodes are visited.
	void stop(bool v) { m_stop = v; }

	void visit(And* e) override { all(e->children); }
	void visit(Or* e) override { all(e->children); }
	void visit(Not* e) override { one(e->child); }
	void visit(Identifier*) override {}
	void visit(Value*) override {}
	void visit(List*) override {}
	void visit(TransformerList* e) override { all(e->children); }
	void visit(Unary* e) override { one(e->left); }
	void visit(Binary* e) override {
		one(e->left);
		one(e->right);
	}
	void visit(Field*) override {}
	void visit(Transformer* e) override { all(e->values); }

private:
	template<typename Child>
	void one(Child& child) {
		if(!m_stop) {
			child->accept(this);
		}
	}

	template<typename Children>
	void all(Children& children) {
		for(auto& child : children) {
			one(child);
		}
	}

	bool m_stop = false;
};

}  // namespace detail

// A visitor of the whole AST. Derived classes override functions for single kinds of nodes.
struct SINSP_PUBLIC base_expr_visitor
    : detail::traversal<expr_visitor, and_expr, or_expr, not_expr, identifier_expr, value_expr, list_expr,
                        transformer_list_expr, unary_check_expr, binary_check_expr, field_expr, field_transformer_expr> {};

// Same for const nodes.
struct SINSP_PUBLIC const_base_expr_visitor
    : detail::traversal<const_expr_visitor, const and_expr, const or_expr, const not_expr, const identifier_expr,
                        const value_expr, const list_expr, const transformer_list_expr, const unary_check_expr,
                        const binary_check_expr, const field_expr, const field_transformer_expr> {};

// Makes a deep copy.
inline std::unique_ptr<expr> clone(const expr* e);

}  // namespace ast
}  // namespace filter
}  // namespace libsinsp
