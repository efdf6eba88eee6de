// SPDX-License-Identifier: Apache-2.0
// The comparison operators of filters, and comparisons of values in binary form.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/sinsp_exception.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

enum cmpop : uint8_t {
	CO_NONE = 0,
	CO_EQ = 1,
	CO_NE = 2,
	CO_LT = 3,
	CO_LE = 4,
	CO_GT = 5,
	CO_GE = 6,
	CO_CONTAINS = 7,
	CO_IN = 8,
	CO_EXISTS = 9,
	CO_ICONTAINS = 10,
	CO_STARTSWITH = 11,
	CO_GLOB = 12,
	CO_PMATCH = 13,
	CO_ENDSWITH = 14,
	CO_INTERSECTS = 15,
	CO_BCONTAINS = 16,
	CO_BSTARTSWITH = 17,
	CO_IGLOB = 18,
	CO_REGEX = 19,
};

enum cmpop_mod : uint8_t {
	CMPOP_MOD_NONE = 0,
	CMPOP_MOD_ONEOF = 1,
	CMPOP_MOD_ANYOF = 2,
	CMPOP_MOD_ALLOF = 3,
};

// An operator with its modifier.
struct comparator {
	cmpop op = CO_NONE;
	cmpop_mod mod = CMPOP_MOD_NONE;
	comparator() = default;
	comparator(cmpop op): op(op) {}
};

namespace libsinsp {
namespace detail {

// The names, indexed by the enums.
inline constexpr const char* operators[] = {"none",       "=",          "!=",       "<",        "<=",     ">",      ">=",
                                            "contains",   "in",         "exists",   "icontains", "startswith", "glob", "pmatch",
                                            "endswith",   "intersects", "bcontains", "bstartswith", "iglob", "regex"};
inline constexpr const char* modifiers[] = {"", "oneof", "anyof", "allof"};

}  // namespace detail
}  // namespace libsinsp

// Throws if there is no such operator.
inline cmpop str_to_cmpop(std::string_view str) {
	uint8_t number = 0;
	for(const char* name : libsinsp::detail::operators) {
		if(number != CO_NONE && str == name) {
			return static_cast<cmpop>(number);
		}
		number++;
	}
	if(str == "==") {
		return CO_EQ;
	}
	throw sinsp_exception("unrecognized filter comparison operator '" + std::string(str) + "'");
}

// Throws if there is no such modifier.
inline cmpop_mod str_to_cmpop_mod(std::string_view str) {
	uint8_t number = 0;
	for(const char* name : libsinsp::detail::modifiers) {
		if(number != CMPOP_MOD_NONE && str == name) {
			return static_cast<cmpop_mod>(number);
		}
		number++;
	}
	throw sinsp_exception("unrecognized filter comparison modifier '" + std::string(str) + "'");
}

// Parses an operator, optionally followed by a space and a modifier. Throws if there is no such operator or modifier.
inline comparator str_to_cmpop_with_modifier(std::string_view str) {
	comparator cmp;
	const auto blank = str.find(' ');
	cmp.op = str_to_cmpop(str.substr(0, blank));
	if(blank != std::string_view::npos) {
		cmp.mod = str_to_cmpop_mod(str.substr(blank + 1));
	}
	return cmp;
}

// Writes the name of the operator, without the modifier. Returns false for an unknown operator.
inline bool cmpop_to_str(comparator cmp, std::string& out) {
	if(cmp.op >= std::size(libsinsp::detail::operators)) {
		return false;
	}
	out = libsinsp::detail::operators[cmp.op];
	return true;
}

namespace std {
// The name of the enumerator without its prefix.
inline std::string to_string(cmpop op) {
	static constexpr const char* names[] = {"NONE",     "EQ",         "NE",   "LT",     "LE",       "GT",         "GE",
	                                        "CONTAINS", "IN",         "EXISTS", "ICONTAINS", "STARTSWITH", "GLOB", "PMATCH",
	                                        "ENDSWITH", "INTERSECTS", "BCONTAINS", "BSTARTSWITH", "IGLOB", "REGEX"};
	return op < std::size(names) ? names[op] : "<unset>";
}
}  // namespace std

namespace libsinsp {
namespace detail {

// The operator with its modifier, in the syntax of filters.
inline std::string spelled(comparator cmp) {
	std::string text;
	if(!cmpop_to_str(cmp, text) || cmp.mod >= std::size(modifiers)) {
		throw sinsp_exception("unknown comparison operator");
	}
	return cmp.mod == CMPOP_MOD_NONE ? text : text + " " + modifiers[cmp.mod];
}

using values = handle<sinsp_values, sinsp_values_free>;
using constants = handle<sinsp_constants, sinsp_constants_free>;

// A view of a value. If `len` is 0, the length is that of the NUL-terminated string or of the type.
inline sinsp_str measured(ppm_param_type type, const void* value, uint32_t len) {
	const auto* bytes = static_cast<const char*>(value);
	switch(type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		return {bytes, len != 0 ? len : std::strlen(bytes)};
	default:
		return {bytes, len != 0 ? len : sinsp_type_size(type)};
	}
}

}  // namespace detail
}  // namespace libsinsp

// Returns whether the operator applies to values, or lists of values, of a type. If not, sets `err` to the reason.
inline bool flt_is_comparable(comparator cmp, ppm_param_type t, bool is_list, std::string& err) {
	libsinsp::detail::error error;
	const std::string op = libsinsp::detail::spelled(cmp);
	if(sinsp_comparable(libsinsp::detail::str(op), t, is_list, error.out()) == SINSP_SUCCESS) {
		return true;
	}
	err = error.message();
	return false;
}

// Compares two values of a type. A length of 0 means that of the NUL-terminated string or of the type. Throws if the operator does not apply.
inline bool flt_compare(comparator cmp,
                        ppm_param_type type,
                        const void* operand1,
                        const void* operand2,
                        uint32_t op1_len = 0,
                        uint32_t op2_len = 0) {
	namespace detail = libsinsp::detail;
	detail::error error;
	const std::string op = detail::spelled(cmp);
	const sinsp_str right = detail::measured(type, operand2, op2_len);
	const detail::constants constants(sinsp_constants_new(detail::str(op), type, false, &right, 1, error.out()));
	if(constants == nullptr) {
		error.raise();
	}
	const detail::values left(sinsp_values_new());
	error.check(sinsp_values_add(left.get(), type, detail::measured(type, operand1, op1_len), error.out()));
	const int32_t holds = sinsp_constants_hold(constants.get(), left.get(), error.out());
	if(holds < 0) {
		error.raise();
	}
	return holds != 0;
}

// Compares the averages of two sums, of `cnt1` and `cnt2` numbers, 0 counting as 1; averages of integers are rounded towards zero. Throws if the
// values are no numbers.
inline bool flt_compare_avg(comparator cmp,
                            ppm_param_type type,
                            const void* operand1,
                            const void* operand2,
                            uint32_t op1_len,
                            uint32_t op2_len,
                            uint32_t cnt1,
                            uint32_t cnt2) {
	namespace detail = libsinsp::detail;
	detail::error error;
	const std::string op = detail::spelled(cmp);
	error.check(sinsp_comparable(detail::str(op), type, false, error.out()));
	const detail::values left(sinsp_values_new()), right(sinsp_values_new());
	error.check(sinsp_values_add(left.get(), type, detail::measured(type, operand1, op1_len), error.out()));
	error.check(sinsp_values_add(right.get(), type, detail::measured(type, operand2, op2_len), error.out()));
	error.check(sinsp_values_divide(left.get(), cnt1, error.out()));
	error.check(sinsp_values_divide(right.get(), cnt2, error.out()));
	return detail::truth(sinsp_values_compare(detail::str(op), false, left.get(), right.get(), error.out()), error);
}
