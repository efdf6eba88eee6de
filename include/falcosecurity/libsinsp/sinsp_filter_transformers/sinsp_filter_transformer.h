// SPDX-License-Identifier: Apache-2.0
// The transformers of a field's values.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>

#include <cstdint>
#include <iterator>
#include <string>

enum filter_transformer_type : uint8_t {
	FTR_TOUPPER = 0,
	FTR_TOLOWER = 1,
	FTR_BASE64 = 2,
	FTR_STORAGE = 3,  // copies the values to storage of the check; the library always does
	FTR_BASENAME = 4,
	FTR_LEN = 5,
};

namespace libsinsp {
namespace detail {

// The names, indexed by the enum.
inline constexpr const char* transformers[] = {"toupper", "tolower", "b64", "storage", "basename", "len"};

}  // namespace detail
}  // namespace libsinsp

// The name in filters. Throws for an unknown transformer.
inline std::string filter_transformer_type_str(filter_transformer_type m) {
	if(m >= std::size(libsinsp::detail::transformers)) {
		throw sinsp_exception("unknown field transformer id " + std::to_string(m));
	}
	return libsinsp::detail::transformers[m];
}

// Throws if there is no transformer of that name.
inline filter_transformer_type filter_transformer_from_str(const std::string& str) {
	uint8_t number = 0;
	for(const char* name : libsinsp::detail::transformers) {
		if(str == name) {
			return static_cast<filter_transformer_type>(number);
		}
		number++;
	}
	throw sinsp_exception("unknown field transformer '" + str + "'");
}
