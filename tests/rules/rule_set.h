// SPDX-License-Identifier: Apache-2.0
// A rule engine on libsinsp: loads lists, macros and rules from YAML, compiles them through one factory, and evaluates for each event the rules
// whose conditions can match its type.
#pragma once

#include <libsinsp/eventformatter.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter/ppm_codes.h>
#include <libsinsp/sinsp.h>

#include <yaml-cpp/yaml.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rules {

namespace ast = libsinsp::filter::ast;

using lists_t = std::map<std::string, std::vector<std::string>>;
using macros_t = std::map<std::string, std::unique_ptr<ast::expr>>;

// Replaces the names of macros by copies of their conditions, and the names of lists by their items.
class resolver : public ast::base_expr_visitor {
public:
	using ast::base_expr_visitor::visit;

	resolver(const lists_t& lists, const macros_t& macros): m_lists(lists), m_macros(macros) {}

	void resolve(std::unique_ptr<ast::expr>& node) {
		node->accept(this);
		if(m_replacement != nullptr) {
			node = std::move(m_replacement);
		}
	}

	void visit(ast::and_expr* e) override { resolve_all(e->children); }
	void visit(ast::or_expr* e) override { resolve_all(e->children); }
	void visit(ast::not_expr* e) override { resolve(e->child); }

	void visit(ast::identifier_expr* e) override {
		const auto macro = m_macros.find(e->identifier);
		if(macro == m_macros.end()) {
			throw std::runtime_error("no macro '" + e->identifier + "', at " + e->get_pos().as_string());
		}
		m_replacement = ast::clone(macro->second.get());
	}

	void visit(ast::list_expr* e) override {
		std::vector<std::string> values;
		for(const auto& value : e->values) {
			const auto list = m_lists.find(value);
			if(list == m_lists.end()) {
				values.push_back(value);
			} else {
				values.insert(values.end(), list->second.begin(), list->second.end());
			}
		}
		e->values = std::move(values);
	}

private:
	void resolve_all(std::vector<std::unique_ptr<ast::expr>>& nodes) {
		for(auto& node : nodes) {
			resolve(node);
		}
	}

	const lists_t& m_lists;
	const macros_t& m_macros;
	std::unique_ptr<ast::expr> m_replacement;
};

struct rule {
	std::string name;
	std::string priority;
	std::unique_ptr<sinsp_filter> condition;
	std::shared_ptr<sinsp_evt_formatter> output;
	libsinsp::events::set<ppm_sc_code> calls;
	uint64_t fired = 0;
};

class rule_set {
public:
	rule_set(sinsp& inspector, filter_check_list& checks, sinsp_evt_formatter::output_format format):
	        m_factory(std::make_shared<sinsp_filter_factory>(&inspector, checks)),
	        m_formatters(&inspector, checks) {
		m_formatters.set_output_format(format);
	}

	// Loads a file; an error names the item.
	void load(const std::string& path) {
		for(const auto& item : YAML::LoadFile(path)) {
			const auto name = item.begin()->second.as<std::string>();
			try {
				load(item, name);
			} catch(const std::exception& e) {
				throw std::runtime_error(path + ": " + name + ": " + e.what());
			}
		}
	}

	// The system calls that any of the rules can match.
	libsinsp::events::set<ppm_sc_code> calls() const {
		libsinsp::events::set<ppm_sc_code> all;
		for(const auto& each : m_rules) {
			all = all.merge(each->calls);
		}
		return all;
	}

	const std::vector<std::unique_ptr<rule>>& all() const { return m_rules; }

	// Calls `alert(rule, text)` for each rule that an event fires.
	template<typename Alert>
	void evaluate(sinsp_evt* evt, Alert alert) {
		for(auto* each : m_by_type[evt->get_type()]) {
			if(each->condition->run(evt) && each->output->tostring(evt, m_text)) {
				each->fired++;
				alert(*each, m_text);
			}
		}
	}

private:
	void load(const YAML::Node& item, const std::string& name) {
		if(item["list"]) {
			auto& values = m_lists[name];
			for(const auto& value : item["items"]) {
				const auto text = value.as<std::string>();
				if(const auto other = m_lists.find(text); other != m_lists.end()) {
					values.insert(values.end(), other->second.begin(), other->second.end());
				} else {
					values.push_back(text);
				}
			}
			return;
		}
		auto condition = libsinsp::filter::parser(item["condition"].as<std::string>()).parse();
		resolver(m_lists, m_macros).resolve(condition);
		if(item["macro"]) {
			m_macros[name] = std::move(condition);
		} else if(!item["enabled"] || item["enabled"].as<bool>()) {
			add(item, name, condition.get());
		}
	}

	void add(const YAML::Node& item, const std::string& name, const ast::expr* condition) {
		sinsp_filter_compiler compiler(m_factory, condition);
		auto made = std::make_unique<rule>();
		made->name = name;
		made->priority = item["priority"].as<std::string>();
		made->condition = compiler.compile();
		if(!compiler.get_warnings().empty()) {
			throw std::runtime_error("warning: " + compiler.get_warnings().front().msg);
		}
		// "*": shown even if a field of it has no value.
		made->output = m_formatters.create_formatter("*" + item["output"].as<std::string>());
		made->calls = ast::ppm_sc_codes(condition);
		for(const auto code : ast::ppm_event_codes(condition)) {
			m_by_type[code].push_back(made.get());
		}
		m_rules.push_back(std::move(made));
	}

	std::shared_ptr<sinsp_filter_factory> m_factory;
	sinsp_evt_formatter_factory m_formatters;
	lists_t m_lists;
	macros_t m_macros;
	std::vector<std::unique_ptr<rule>> m_rules;
	std::vector<rule*> m_by_type[PPM_EVENT_MAX];
	std::string m_text;
};

}  // namespace rules
