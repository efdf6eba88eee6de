// SPDX-License-Identifier: Apache-2.0
// Small helpers that consumers use.
#pragma once

#include <driver/ppm_events_public.h>
#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

class sinsp_utils {
public:
	static bool startswith(std::string_view text, std::string_view prefix) {
		return text.substr(0, prefix.size()) == prefix;
	}

	static bool endswith(std::string_view text, std::string_view ending) {
		return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
	}

	// A time, in nanoseconds since the epoch, as "2020-04-30T16:00:09.999999999+0000".
	static void ts_to_iso_8601(uint64_t ts, std::string* res) { *res = libsinsp::detail::text(sinsp_text_iso_8601(ts)); }
};

// The parts of a text between delimiters; none of an empty text.
inline std::vector<std::string> sinsp_split(std::string_view text, char delim) {
	std::vector<std::string> parts;
	while(!text.empty()) {
		const auto at = text.find(delim);
		parts.emplace_back(text.substr(0, at));
		if(at == std::string_view::npos) {
			break;
		}
		text.remove_prefix(at + 1);
		if(text.empty()) {
			parts.emplace_back();
		}
	}
	return parts;
}

template<typename It>
std::string sinsp_join(It begin, It end, std::string_view delim) {
	std::string joined;
	for(auto it = begin; it != end; ++it) {
		if(it != begin) {
			joined += delim;
		}
		joined += *it;
	}
	return joined;
}

template<typename It>
std::string sinsp_join(It begin, It end, char delim) {
	return sinsp_join(begin, end, std::string_view(&delim, 1));
}

template<typename T>
std::set<T> unordered_set_to_ordered(const std::unordered_set<T>& set) {
	return std::set<T>(set.begin(), set.end());
}

template<typename T>
std::unordered_set<T> unordered_set_difference(const std::unordered_set<T>& a, const std::unordered_set<T>& b) {
	std::unordered_set<T> out;
	for(const auto& value : a) {
		if(b.find(value) == b.end()) {
			out.insert(value);
		}
	}
	return out;
}

template<typename T>
std::unordered_set<T> unordered_set_union(const std::unordered_set<T>& a, const std::unordered_set<T>& b) {
	auto out = a;
	out.insert(b.begin(), b.end());
	return out;
}

template<typename T>
std::unordered_set<T> unordered_set_intersection(const std::unordered_set<T>& a, const std::unordered_set<T>& b) {
	std::unordered_set<T> out;
	for(const auto& value : a) {
		if(b.find(value) != b.end()) {
			out.insert(value);
		}
	}
	return out;
}

inline std::string concat_set_in_order(const std::set<std::string>& set, const std::string& delim = ", ") {
	return sinsp_join(set.begin(), set.end(), std::string_view(delim));
}

inline std::string concat_set_in_order(const std::unordered_set<std::string>& set, const std::string& delim = ", ") {
	return concat_set_in_order(unordered_set_to_ordered(set), delim);
}

// For the table of events.
#include <libsinsp/event.h>
