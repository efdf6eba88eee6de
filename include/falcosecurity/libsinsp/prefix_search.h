// SPDX-License-Identifier: Apache-2.0
// Sets of paths that find those below them.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/filter_value.h>
#include <libsinsp/utils.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>

namespace path_prefix_map_ut {

typedef std::list<std::string> filter_components_t;

// The parts of a path between its slashes; empty parts are left out.
inline void split_path(const filter_value_t& path, filter_components_t& components) {
	components.clear();
	std::string_view rest(reinterpret_cast<const char*>(path.first), path.second);
	while(!rest.empty()) {
		const auto slash = rest.find('/');
		if(slash != 0) {
			components.emplace_back(rest.substr(0, slash));
		}
		rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
	}
}

}  // namespace path_prefix_map_ut

// Values by path. A path also stands for all paths below it; a longer one that is added has no effect, or is dropped. Parts with one of `*?[` are
// shell patterns; parts without are preferred.
template<class Value>
class path_prefix_map {
	using components_t = path_prefix_map_ut::filter_components_t;

public:
	path_prefix_map() = default;
	path_prefix_map(const path_prefix_map&) = delete;
	path_prefix_map& operator=(const path_prefix_map&) = delete;
	virtual ~path_prefix_map() = default;

	void add_search_path(const char* path, Value& v) { add(path, v); }
	void add_search_path(const std::string& str, Value& v) { add(str, v); }
	void add_search_path(const filter_value_t& path, Value& v) { add(text_of(path), v); }
	// `components`: at least one.
	void add_search_path_components(const components_t& components, Value& v) {
		if(!components.empty()) {
			insert(components, components.begin(), v);
		}
	}

	// The value of the path or of the shortest one above it; null if there is none. The map owns it; adding a path may remove it.
	Value* match(const char* path) { return find(path); }
	Value* match(const filter_value_t& path) { return find(text_of(path)); }
	Value* match_components(const components_t& components) {
		return components.empty() ? nullptr : lookup(components, components.begin());
	}

	// One line for each part, indented by its depth.
	std::string as_string(bool include_vals) {
		std::ostringstream out;
		print(out, "", include_vals);
		return out.str();
	}

private:
	// A part of a path: a value, or the parts below it.
	struct entry {
		std::unique_ptr<path_prefix_map> below;
		std::optional<Value> value;
	};
	using entries_t = std::unordered_map<std::string, entry>;

	static std::string_view text_of(const filter_value_t& path) { return {reinterpret_cast<const char*>(path.first), path.second}; }

	static components_t split(std::string_view path) {
		components_t components;
		auto* bytes = reinterpret_cast<uint8_t*>(const_cast<char*>(path.data()));
		path_prefix_map_ut::split_path({bytes, static_cast<uint32_t>(path.size())}, components);
		// So that the path "/" has a part too.
		components.emplace_front("root");
		return components;
	}

	void add(std::string_view path, Value& v) { add_search_path_components(split(path), v); }
	Value* find(std::string_view path) { return match_components(split(path)); }

	void insert(const components_t& components, components_t::const_iterator at, Value& v) {
		auto& entries = at->find_first_of("?*[") == std::string::npos ? m_names : m_patterns;
		auto& found = entries[*at];
		const auto next = std::next(at);
		if(next == components.end()) {
			found.below.reset();
			found.value.emplace(v);
		} else if(!found.value.has_value()) {
			if(found.below == nullptr) {
				found.below = std::make_unique<path_prefix_map>();
			}
			found.below->insert(components, next, v);
		}
	}

	Value* lookup(const components_t& components, components_t::const_iterator at) {
		const auto next = std::next(at);
		const auto in = [&](entry& found) -> Value* {
			if(found.value.has_value()) {
				return &*found.value;
			}
			return next == components.end() ? nullptr : found.below->lookup(components, next);
		};
		if(const auto name = m_names.find(*at); name != m_names.end()) {
			if(auto* value = in(name->second)) {
				return value;
			}
		}
		for(auto& [pattern, found] : m_patterns) {
			if(sinsp_utils::glob_match(pattern.c_str(), at->c_str())) {
				if(auto* value = in(found)) {
					return value;
				}
			}
		}
		return nullptr;
	}

	void print(std::ostringstream& out, const std::string& indent, bool include_vals) const {
		for(const auto* entries : {&m_names, &m_patterns}) {
			std::map<std::string, const entry*> sorted;
			for(const auto& [name, found] : *entries) {
				sorted.emplace(name, &found);
			}
			for(const auto& [name, found] : sorted) {
				out << indent << name << " ->";
				if(include_vals && found->value.has_value()) {
					out << " v=" << *found->value;
				}
				out << '\n';
				if(found->below != nullptr) {
					found->below->print(out, indent + "    ", include_vals);
				}
			}
		}
	}

	entries_t m_names;
	entries_t m_patterns;
};

// A set of paths.
class path_prefix_search : public path_prefix_map<bool> {
public:
	void add_search_path(const char* path) { add(path); }
	void add_search_path(const filter_value_t& path) { add(path); }
	void add_search_path(const std::string& str) { add(str); }

	bool match(const char* path) { return path_prefix_map<bool>::match(path) != nullptr; }
	bool match(const filter_value_t& path) { return path_prefix_map<bool>::match(path) != nullptr; }

	std::string as_string() { return path_prefix_map<bool>::as_string(false); }

private:
	template<typename Path>
	void add(const Path& path) {
		bool present = true;
		path_prefix_map<bool>::add_search_path(path, present);
	}
};
