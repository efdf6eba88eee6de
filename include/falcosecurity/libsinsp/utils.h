// SPDX-License-Identifier: Apache-2.0
// Small helpers that consumers use.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/event_tables.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

class sinsp_utils {
public:
	// The name of a negative error number: "ENOENT" for -2; empty if unknown.
	static const char* errno_to_str(int32_t code) {
		const char* name = sinsp_errno_name(code);
		return name != nullptr ? name : "";
	}

	// The name of a signal: "SIGKILL" for 9; null if unknown.
	static const char* signal_to_str(uint8_t code) { return sinsp_signal_name(code); }

	// Returns false for an empty prefix.
	static bool startswith(std::string_view text, std::string_view prefix) {
		return !prefix.empty() && text.substr(0, prefix.size()) == prefix;
	}

	static bool endswith(std::string_view text, std::string_view ending) {
		return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
	}

	static bool endswith(const char* text, const char* ending, uint32_t text_len, uint32_t ending_len) {
		return endswith(std::string_view(text, text_len), std::string_view(ending, ending_len));
	}

	// Resolves `path2` in the directory `path1` (which ends with a slash), and removes `.`, `..` and repeated slashes.
	static std::string concatenate_paths(std::string_view path1, std::string_view path2) {
		return libsinsp::detail::text(sinsp_text_concatenated(libsinsp::detail::str(path1), libsinsp::detail::str(path2)));
	}

	// Nanoseconds since the epoch.
	static uint64_t get_current_time_ns() {
		const auto now = std::chrono::system_clock::now().time_since_epoch();
		return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
	}

	// Whether a shell pattern matches the text from begin to end.
	static bool glob_match(const char* pattern, const char* text, const bool& case_insensitive = false) {
		return sinsp_glob_matches(libsinsp::detail::str(pattern), libsinsp::detail::str(text), case_insensitive);
	}

	// Formats nanoseconds since the epoch in local time: "16:00:09"; with `date` and `ns`: "2020-04-30 16:00:09.999999999".
	static void ts_to_string(uint64_t ts, std::string* res, bool date, bool ns) {
		*res = libsinsp::detail::text(sinsp_text_local_time(ts, date, ns));
	}

	// Formats nanoseconds since the epoch in UTC: "2020-04-30T16:00:09.999999999+0000".
	static void ts_to_iso_8601(uint64_t ts, std::string* res) { *res = libsinsp::detail::text(sinsp_text_iso_8601(ts)); }

	// The names of the capabilities in a bit set, separated by spaces.
	static std::string caps_to_string(uint64_t caps) { return libsinsp::detail::text(sinsp_text_capabilities(caps)); }

	// The bit set of all capabilities that have a name.
	static uint64_t get_max_caps() { return sinsp_all_capabilities(); }
};

// Replaces what cannot be printed with U+FFFD. Returns `text` itself if nothing was replaced, else a view of `storage`.
[[nodiscard]] inline std::string_view sanitize_string(std::string_view text, std::string& storage) {
	const auto sane = libsinsp::detail::view(sinsp_text_sanitized(libsinsp::detail::str(text)));
	if(sane.data() == text.data() || text.empty()) {
		return text;
	}
	return storage.assign(sane);
}

// The name of a parameter type: "UINT32" for PT_UINT32.
inline const char* param_type_to_string(ppm_param_type type) {
	const char* name = sinsp_param_type_name(type);
	return name != nullptr ? name : "<NA>";
}

// The name of a print format: "DEC" for PF_DEC.
inline const char* print_format_to_string(ppm_print_format format) {
	const char* name = sinsp_print_format_name(format);
	return name != nullptr ? name : "NA";
}

// How many CPUs this machine may bring up, with those that are offline; 0 if that cannot be read.
inline unsigned int read_num_possible_cpus() {
	return sinsp_possible_cpus();
}

// Parses decimal numbers as C does: a number too large for its type loses its upper bits. The parse functions throw if there is no number.
class sinsp_numparser {
public:
	static uint8_t parseu8(const std::string& text) { return parsed<uint8_t>(text); }
	static int8_t parsed8(const std::string& text) { return parsed<int8_t>(text); }
	static uint16_t parseu16(const std::string& text) { return parsed<uint16_t>(text); }
	static int16_t parsed16(const std::string& text) { return parsed<int16_t>(text); }
	static uint32_t parseu32(const std::string& text) { return parsed<uint32_t>(text); }
	static int32_t parsed32(const std::string& text) { return parsed<int32_t>(text); }
	static uint64_t parseu64(const std::string& text) { return parsed<uint64_t>(text); }
	static int64_t parsed64(const std::string& text) { return parsed<int64_t>(text); }

	static bool tryparseu32(const std::string& text, uint32_t* res) { return parse(text, *res); }
	static bool tryparsed32(const std::string& text, int32_t* res) { return parse(text, *res); }
	static bool tryparseu64(const std::string& text, uint64_t* res) { return parse(text, *res); }
	static bool tryparsed64(const std::string& text, int64_t* res) { return parse(text, *res); }

private:
	template<typename T>
	static bool parse(const std::string& text, T& out) {
		std::conditional_t<std::is_signed<T>::value, int64_t, uint64_t> wide = 0;
		bool is_number;
		if constexpr(std::is_signed<T>::value) {
			is_number = sinsp_parse_i64(libsinsp::detail::str(text), &wide);
		} else {
			is_number = sinsp_parse_u64(libsinsp::detail::str(text), &wide);
		}
		if(is_number) {
			out = static_cast<T>(wide);
		}
		return is_number;
	}

	template<typename T>
	static T parsed(const std::string& text) {
		T out = 0;
		if(!parse(text, out)) {
			throw sinsp_exception(text + " is not a valid number");
		}
		return out;
	}
};

// Remove whitespace at the begin (l), the end (r) or both.

[[nodiscard]] inline std::string_view ltrim_sv(std::string_view text) {
	const auto first = std::find_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) == 0; });
	return text.substr(static_cast<size_t>(first - text.begin()));
}

[[nodiscard]] inline std::string_view rtrim_sv(std::string_view text) {
	const auto last = std::find_if(text.rbegin(), text.rend(), [](unsigned char c) { return std::isspace(c) == 0; });
	return text.substr(0, static_cast<size_t>(text.rend() - last));
}

[[nodiscard]] inline std::string_view trim_sv(std::string_view text) {
	return ltrim_sv(rtrim_sv(text));
}

inline std::string& ltrim(std::string& text) {
	return text.erase(0, text.size() - ltrim_sv(text).size());
}

inline std::string& rtrim(std::string& text) {
	return text.erase(rtrim_sv(text).size());
}

inline std::string& trim(std::string& text) {
	return ltrim(rtrim(text));
}

// Replaces each `search` with `replacement`; does nothing if `search` is empty.
inline std::string& replace_in_place(std::string& text, const std::string& search, const std::string& replacement) {
	for(size_t at = 0; !search.empty() && (at = text.find(search, at)) != std::string::npos; at += replacement.size()) {
		text.replace(at, search.size(), replacement);
	}
	return text;
}

inline std::string replace(const std::string& text, const std::string& search, const std::string& replacement) {
	std::string copy(text);
	return replace_in_place(copy, search, replacement);
}

// Splits a text at each delimiter. Returns no parts for an empty text.
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

// Joins texts, with the delimiter between them.
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

template<typename T>
std::set<T> set_difference(const std::set<T>& a, const std::set<T>& b) {
	std::set<T> out;
	std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
	return out;
}

template<typename T>
std::set<T> set_union(const std::set<T>& a, const std::set<T>& b) {
	std::set<T> out;
	std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
	return out;
}

template<typename T>
std::set<T> set_intersection(const std::set<T>& a, const std::set<T>& b) {
	std::set<T> out;
	std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
	return out;
}

inline std::string concat_set_in_order(const std::set<std::string>& set, const std::string& delim = ", ") {
	return sinsp_join(set.begin(), set.end(), std::string_view(delim));
}

inline std::string concat_set_in_order(const std::unordered_set<std::string>& set, const std::string& delim = ", ") {
	return concat_set_in_order(unordered_set_to_ordered(set), delim);
}
