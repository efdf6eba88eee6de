// SPDX-License-Identifier: Apache-2.0
// What most events were about.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <libsinsp/sinsp.h>

class sinsp_filter_check_list;

class summary {
public:
	summary(sinsp& inspector, const sinsp_filter_check_list& fields);

	void count(sinsp_evt* evt);

	// Prints a table for each field on the standard error.
	void print() const;

	uint64_t events() const { return m_events; }

private:
	struct table {
		const char* title;
		std::unique_ptr<sinsp_filter_check> field;
		std::unordered_map<std::string, uint64_t> counts;
		uint64_t events; // those that have the field

		void print() const;
	};

	std::vector<table> m_tables;
	uint64_t m_events = 0;
};
