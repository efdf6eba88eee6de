// SPDX-License-Identifier: Apache-2.0
// The tables of state of an inspector, by name.
#pragma once

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/table.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace libsinsp {
namespace state {

class table_registry {
public:
	table_registry() = default;
	table_registry(const table_registry&) = delete;
	table_registry& operator=(const table_registry&) = delete;

	const std::unordered_map<std::string, base_table*>& tables() const { return m_tables; }

	// Adds a table, which is the registry's from then on; throws if there is one of its name.
	base_table* add_table(std::unique_ptr<base_table> table) {
		auto* added = table.get();
		if(!m_tables.emplace(added->name(), added).second) {
			throw sinsp_exception("table added to registry multiple times: " + std::string(added->name()));
		}
		m_owned.push_back(std::move(table));
		return added;
	}

private:
	std::unordered_map<std::string, base_table*> m_tables;
	std::vector<std::unique_ptr<base_table>> m_owned;
};

}  // namespace state
}  // namespace libsinsp
