// SPDX-License-Identifier: Apache-2.0
// Strings and lists of an object of the core, as data members that take no room: a property lies at the address of its object and
// reads through the C ABI. Nothing here is for consumers but what the members can do.
#pragma once

#include <libsinsp/detail/ffi.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#if defined(_MSC_VER)
#define SINSP_PROPERTY [[msvc::no_unique_address]]
#else
#define SINSP_PROPERTY [[no_unique_address]]
#endif

namespace libsinsp {
namespace detail {

// The text `Which` of a thread or an fd: reads like a const std::string.
template<typename Object, sinsp_str (*Read)(const Object*, uint32_t), uint32_t Which>
class text_property {
public:
	text_property() = default;
	text_property(const text_property&) = delete;
	text_property& operator=(const text_property&) = delete;

	std::string_view view() const { return detail::view(Read(reinterpret_cast<const Object*>(this), Which)); }
	std::string str() const { return std::string(view()); }

	operator std::string() const { return str(); }
	operator std::string_view() const { return view(); }

	bool empty() const { return view().empty(); }
	size_t size() const { return view().size(); }
	size_t length() const { return view().size(); }
	size_t find(std::string_view what, size_t from = 0) const { return view().find(what, from); }
	char operator[](size_t i) const { return view()[i]; }

	friend bool operator==(const text_property& a, std::string_view b) { return a.view() == b; }
	friend bool operator==(std::string_view a, const text_property& b) { return a == b.view(); }
	friend bool operator!=(const text_property& a, std::string_view b) { return a.view() != b; }
	friend bool operator!=(std::string_view a, const text_property& b) { return a != b.view(); }
	friend std::string operator+(const text_property& a, std::string_view b) { return a.str().append(b); }
	friend std::string operator+(std::string_view a, const text_property& b) { return std::string(a).append(b.view()); }
	friend std::ostream& operator<<(std::ostream& out, const text_property& text) { return out << text.view(); }
};

// The list `Which` of a thread: reads like a const std::vector<std::string>.
template<typename Object, sinsp_str (*Read)(const Object*, uint32_t), uint32_t Which>
class list_property {
public:
	list_property() = default;
	list_property(const list_property&) = delete;
	list_property& operator=(const list_property&) = delete;

	std::vector<std::string> all() const { return texts(Read(reinterpret_cast<const Object*>(this), Which)); }
	operator std::vector<std::string>() const { return all(); }

	bool empty() const { return Read(reinterpret_cast<const Object*>(this), Which).len == 0; }
	size_t size() const { return all().size(); }
	std::string operator[](size_t i) const { return all().at(i); }
};

}  // namespace detail
}  // namespace libsinsp
