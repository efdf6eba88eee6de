// SPDX-License-Identifier: Apache-2.0
// Values extracted by checks, and caches for them. The library caches the values of its own checks for all filters of an inspector; a
// program can install the caches here in checks that it defines.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/event.h>
#include <libsinsp/filter/ast.h>
#include <libsinsp/filter_compare.h>
#include <libsinsp/filter_field.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

// A value in the binary form of its type: address and length in bytes.
struct extract_value_t {
	uint8_t* ptr = nullptr;
	uint32_t len = 0;
};

// The position of a value in the event, in bytes; UINT32_MAX in both members if unknown, and in the length if it is not within the event.
struct extract_offset_t {
	uint32_t start = UINT32_MAX;
	uint32_t length = UINT32_MAX;
};

// The values that a check extracted from the event with one number.
class sinsp_filter_extract_cache {
public:
	void reset() { m_evtnum = UINT64_MAX; }

	bool is_valid(const sinsp_evt* evt) const {
		return evt->get_num() != 0 && m_evtnum != UINT64_MAX && evt->get_num() == m_evtnum;
	}

	// Stores the values. `deepcopy`: copies the bytes too; without it they must stay valid.
	void update(const sinsp_evt* evt, bool res, const std::vector<extract_value_t>& values, bool deepcopy = false) {
		m_evtnum = evt->get_num();
		m_result = res;
		m_values = values;
		if(!deepcopy) {
			return;
		}
		m_storage.resize(values.size());
		for(size_t i = 0; i < values.size(); i++) {
			m_storage[i].assign(values[i].ptr, values[i].ptr + values[i].len);
			m_values[i].ptr = m_storage[i].data();
		}
	}

	const std::vector<extract_value_t>& values() const { return m_values; }
	bool result() const { return m_result; }

private:
	uint64_t m_evtnum = UINT64_MAX;
	bool m_result = false;
	std::vector<extract_value_t> m_values;
	std::vector<std::vector<uint8_t>> m_storage;
};

// The result of a check for the event with one number.
class sinsp_filter_compare_cache {
public:
	void reset() { m_evtnum = UINT64_MAX; }

	bool is_valid(const sinsp_evt* evt) const {
		return evt->get_num() != 0 && m_evtnum != UINT64_MAX && evt->get_num() == m_evtnum;
	}

	void update(const sinsp_evt* evt, bool res) {
		m_evtnum = evt->get_num();
		m_result = res;
	}

	bool result() const { return m_result; }

private:
	uint64_t m_evtnum = UINT64_MAX;
	bool m_result = false;
};

// The number of extractions and comparisons of a check, and of those that a cache served.
struct sinsp_filter_cache_metrics {
	void reset() { *this = {}; }

	uint64_t m_num_extract = 0;
	uint64_t m_num_extract_cache = 0;
	uint64_t m_num_compare = 0;
	uint64_t m_num_compare_cache = 0;
};

// Makes caches for the nodes of a filter.
class sinsp_filter_cache_factory {
public:
	using ast_expr_t = libsinsp::filter::ast::expr;

	// Describes a node of the AST.
	struct node_info_t {
		const filtercheck_field_info* m_field = nullptr;        // the field, or the left side of the comparison
		const filtercheck_field_info* m_right_field = nullptr;  // the field on the right side, if there is one
		comparator m_compare = {};                              // the operator
	};

	virtual ~sinsp_filter_cache_factory() = default;

	virtual void reset() {}
	// The default returns null: no cache.
	virtual std::shared_ptr<sinsp_filter_extract_cache> new_extract_cache(const ast_expr_t*, node_info_t&) { return nullptr; }
	virtual std::shared_ptr<sinsp_filter_compare_cache> new_compare_cache(const ast_expr_t*, node_info_t&) { return nullptr; }
	virtual std::shared_ptr<sinsp_filter_cache_metrics> new_metrics(const ast_expr_t*, node_info_t&) { return nullptr; }
};

// Gives nodes with the same text the same cache.
class exprstr_sinsp_filter_cache_factory : public sinsp_filter_cache_factory {
public:
	void reset() override {
		m_extract_caches.clear();
		m_compare_caches.clear();
	}

	std::shared_ptr<sinsp_filter_extract_cache> new_extract_cache(const ast_expr_t* e, node_info_t& info) override {
		return shared(m_extract_caches, e, info);
	}

	std::shared_ptr<sinsp_filter_compare_cache> new_compare_cache(const ast_expr_t* e, node_info_t& info) override {
		return shared(m_compare_caches, e, info);
	}

	const std::unordered_map<std::string, std::shared_ptr<sinsp_filter_extract_cache>>& extract_cache() const {
		return m_extract_caches;
	}
	const std::unordered_map<std::string, std::shared_ptr<sinsp_filter_compare_cache>>& compare_cache() const {
		return m_compare_caches;
	}

private:
	template<typename T>
	static std::shared_ptr<T> shared(std::unordered_map<std::string, std::shared_ptr<T>>& caches,
	                                 const ast_expr_t* e,
	                                 const node_info_t& info) {
		// A network field compares more than one value, so its result is not cached.
		if(info.m_field != nullptr && info.m_field->m_type == PT_IPNET) {
			return nullptr;
		}
		auto& cache = caches[libsinsp::filter::ast::as_string(e)];
		if(cache == nullptr) {
			cache = std::make_shared<T>();
		}
		return cache;
	}

	std::unordered_map<std::string, std::shared_ptr<sinsp_filter_extract_cache>> m_extract_caches;
	std::unordered_map<std::string, std::shared_ptr<sinsp_filter_compare_cache>> m_compare_caches;
};
