// SPDX-License-Identifier: Apache-2.0
#include "summary.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include <libsinsp/filter_check_list.h>

summary::summary(sinsp& inspector, const sinsp_filter_check_list& fields) {
	const struct {
		const char *name, *title;
	} counted[] = {{"proc.name", "process"}, {"fd.name", "file or connection"}, {"evt.type", "call or other event"}};
	for(const auto& [name, title] : counted) {
		auto field = fields.new_filter_check_from_fldname(name, &inspector, true);
		field->parse_field_name(name, true, false);
		m_tables.push_back({title, std::move(field), {}, 0});
	}
}

void summary::count(sinsp_evt* evt) {
	m_events++;
	for(auto& table : m_tables) {
		// The text of the field; null if the event does not have it.
		if(const char* text = table.field->tostring(evt); text != nullptr && *text != '\0') {
			table.counts[text]++;
			table.events++;
		}
	}
}

void summary::table::print() const {
	using row = std::pair<uint64_t, std::string>;
	constexpr size_t shown = 10;
	std::vector<row> rows;
	for(const auto& [text, count] : counts) {
		rows.emplace_back(count, text);
	}
	if(rows.empty()) {
		return;
	}
	// The most frequent first; by name where there are as many.
	std::sort(rows.begin(), rows.end(), [](const row& a, const row& b) {
		return a.first != b.first ? a.first > b.first : a.second < b.second;
	});
	if(rows.size() > shown) {
		uint64_t rest = events;
		for(size_t i = 0; i < shown; i++) {
			rest -= rows[i].first;
		}
		const size_t others = rows.size() - shown;
		rows.resize(shown);
		rows.emplace_back(rest, "(" + std::to_string(others) + " others)");
	}
	std::fprintf(stderr, "\n%10s %7s  %s\n", "events", "%", title);
	for(const auto& [count, text] : rows) {
		std::fprintf(stderr,
		             "%10" PRIu64 " %6.1f%%  %s\n",
		             count,
		             100.0 * static_cast<double>(count) / static_cast<double>(events),
		             text.c_str());
	}
}

void summary::print() const {
	for(const auto& table : m_tables) {
		table.print();
	}
}
