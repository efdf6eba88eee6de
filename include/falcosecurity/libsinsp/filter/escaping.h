// SPDX-License-Identifier: Apache-2.0
// Quoted texts of filters.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>

#include <string>

namespace libsinsp {
namespace filter {

// The text as it is written in a filter: in double quotes with escapes if it needs them, else unchanged.
inline std::string escape_str(const std::string& str) {
	return detail::text(sinsp_filter_quote(detail::str(str)));
}

// The text that a quoted text means. The first character is the quote; the last one is not read. Throws if `str` is empty or has an escape
// that does not exist.
inline std::string unescape_str(const std::string& str) {
	detail::error error;
	const sinsp_str text = sinsp_filter_unquote(detail::str(str), error.out());
	if(error.status() != SINSP_SUCCESS) {
		error.raise();
	}
	return detail::text(text);
}

}  // namespace filter
}  // namespace libsinsp
