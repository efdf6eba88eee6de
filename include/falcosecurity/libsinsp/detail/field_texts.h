// SPDX-License-Identifier: Apache-2.0
// Classes of fields as text, for people and for other programs.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace libsinsp {
namespace detail {

// Appends a text, padded with blanks to a width.
inline void pad(std::string& out, std::string_view text, size_t width) {
	out.append(text);
	out.append(width > text.size() ? width - text.size() : 0, ' ');
}

// Appends the words of a text, each with a blank behind it, as lines of at most `width` characters, if its words allow that. Lines but the
// first begin with `start` blanks.
inline void wrap(std::string& out, std::string_view text, size_t start, size_t width) {
	constexpr const char* blanks = " \n\t\r\v\f";
	size_t column = start;
	for(size_t at = text.find_first_not_of(blanks); at != std::string_view::npos; at = text.find_first_not_of(blanks, at)) {
		const auto word = text.substr(at, text.find_first_of(blanks, at) - at);
		if(column + word.size() + 1 > width) {
			out += '\n';
			out.append(start, ' ');
			column = start;
		}
		out.append(word);
		out += ' ';
		column += word.size() + 1;
		at += word.size();
	}
}

// Appends a text as JSON.
inline void quote(std::string& out, std::string_view text) {
	out += '"';
	for(const char c : text) {
		switch(c) {
		case '"': out += "\\\""; break;
		case '\\': out += "\\\\"; break;
		case '\n': out += "\\n"; break;
		case '\r': out += "\\r"; break;
		case '\t': out += "\\t"; break;
		default:
			if(static_cast<unsigned char>(c) < 0x20) {
				char code[8];
				std::snprintf(code, sizeof(code), "\\u%04x", static_cast<unsigned>(c));
				out += code;
			} else {
				out += c;
			}
		}
	}
	out += '"';
}

// Calls `each` with the fields of a class that lists show; false if all of them are deprecated and those are not shown.
template<typename Class, typename Each>
bool each_field(const Class& of, bool include_deprecated, Each each) {
	size_t deprecated = 0;
	for(const auto& field : of.fields) {
		if(field.is_skippable()) {
			continue;
		}
		if(field.is_deprecated() && !include_deprecated) {
			deprecated++;
			continue;
		}
		each(field);
	}
	return deprecated != of.fields.size();
}

template<typename Class, typename Sources>
std::string class_as_text(const Class& of, bool verbose, const Sources& sources, bool include_deprecated, size_t start, size_t width) {
	std::string out = "-------------------------------\n";
	pad(out, "Field Class:", start);
	out += of.name;
	out += of.shortdesc.empty() ? "\n" : " (" + of.shortdesc + ")\n";
	if(!of.desc.empty()) {
		pad(out, "Description:", start);
		wrap(out, of.desc, start, width);
		out += '\n';
	}
	if(!sources.empty()) {
		pad(out, "Event Sources:", start);
		for(const auto& source : sources) {
			out += source + " ";
		}
		out += '\n';
	}
	out += '\n';
	const bool any = each_field(of, include_deprecated, [&](const auto& field) {
		pad(out, field.name, start);
		if(field.name.size() > start) {
			out += '\n';
			out.append(start, ' ');
		}
		std::string text = verbose ? "(Type: " + field.data_type + ") " : "";
		const char* before = "(";
		for(const auto& tag : field.tags) {
			text += before + tag;
			before = ",";
		}
		text += field.tags.empty() ? field.desc : ") " + field.desc;
		wrap(out, text, start, width);
		out += '\n';
	});
	return any ? out : "";
}

template<typename Class, typename Sources>
std::string class_as_markdown(const Class& of, const Sources& sources, bool include_deprecated) {
	std::string out = "## Field Class: " + of.name + "\n\n";
	if(!of.desc.empty()) {
		out += of.desc + "\n\n";
	}
	if(!sources.empty()) {
		out += "Event Sources: ";
		for(const auto& source : sources) {
			out += source + " ";
		}
		out += "\n\n";
	}
	out += "Name | Type | Description\n:----|:-----|:-----------\n";
	const bool any = each_field(of, include_deprecated, [&](const auto& field) {
		const auto type = field.is_list() ? "LIST(" + field.data_type + ")" : field.data_type;
		out += "`" + field.name + "` | " + type + " | " + field.desc + "\n";
	});
	return any ? out : "";
}

// Members in alphabetical order, indented by two blanks.
template<typename Class, typename Sources>
std::string class_as_json(const Class& of, const Sources& sources, bool include_deprecated) {
	const auto line = [](std::string& out, size_t depth, std::string_view key) {
		out += out.back() == '{' || out.back() == '[' ? "\n" : ",\n";
		out.append(2 * depth, ' ');
		if(!key.empty()) {
			quote(out, key);
			out += " : ";
		}
	};
	const auto end = [](std::string& out, size_t depth, char bracket) {
		out += '\n';
		out.append(2 * depth, ' ');
		out += bracket;
	};
	const auto open = [](std::string& out, size_t depth, char bracket) {
		out += '\n';
		out.append(2 * depth, ' ');
		out += bracket;
	};
	std::string out = "{";
	if(!of.desc.empty()) {
		line(out, 1, "desc");
		quote(out, of.desc);
	}
	if(!sources.empty()) {
		line(out, 1, "event_sources");
		open(out, 1, '[');
		for(const auto& source : sources) {
			line(out, 2, "");
			quote(out, source);
		}
		end(out, 1, ']');
	}
	line(out, 1, "fields");
	const size_t before = out.size();
	open(out, 1, '[');
	const size_t none = out.size();
	const bool any = each_field(of, include_deprecated, [&](const auto& field) {
		line(out, 2, "");
		out += '{';
		line(out, 3, "argument");
		const auto kinds = field.get_argument_type();
		const auto requirement = field.is_expecting_arg();
		if(requirement == decltype(requirement){}) {
			out += "null";
		} else {
			open(out, 3, '{');
			line(out, 4, "required");
			out += field.tags.count("ARG_REQUIRED") != 0 ? "true" : "false";
			line(out, 4, "type");
			if(kinds == 0) {
				out += "[]";
			} else {
				open(out, 4, '[');
			}
			for(const auto& [bit, name] : {std::pair<int, const char*>(1, "INDEX"), std::pair<int, const char*>(2, "KEY")}) {
				if((kinds & bit) != 0) {
					line(out, 5, "");
					quote(out, name);
				}
			}
			if(kinds != 0) {
				end(out, 4, ']');
			}
			end(out, 3, '}');
		}
		line(out, 3, "desc");
		quote(out, field.desc);
		if(include_deprecated) {
			line(out, 3, "is_deprecated");
			out += field.is_deprecated() ? "true" : "false";
		}
		line(out, 3, "is_list");
		out += field.is_list() ? "true" : "false";
		line(out, 3, "name");
		quote(out, field.name);
		line(out, 3, "type");
		quote(out, field.data_type);
		end(out, 2, '}');
	});
	if(!any) {
		return "";
	}
	if(out.size() == none) {
		out.resize(before);
		out += "[]";
	} else {
		end(out, 1, ']');
	}
	line(out, 1, "name");
	quote(out, of.name);
	end(out, 0, '}');
	return out;
}

}  // namespace detail
}  // namespace libsinsp
