// SPDX-License-Identifier: Apache-2.0
// The constants of filter checks.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <functional>
#include <utility>

// The address and length in bytes of a constant, in the binary form of its type.
using filter_value_t = std::pair<uint8_t*, uint32_t>;

struct g_hash_membuf {
	size_t operator()(filter_value_t val) const {
		return std::hash<std::string_view>()({reinterpret_cast<const char*>(val.first), val.second});
	}
};

struct g_equal_to_membuf {
	bool operator()(filter_value_t a, filter_value_t b) const {
		return a.second == b.second && (a.second == 0 || std::memcmp(a.first, b.first, a.second) == 0);
	}
};
