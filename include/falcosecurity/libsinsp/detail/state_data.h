// SPDX-License-Identifier: Apache-2.0
// Conversion of C++ values to and from ss_plugin_state_data. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/state/type_info.h>
#include <plugin/plugin_types.h>

#include <cstdint>
#include <string>
#include <utility>

namespace libsinsp {
namespace detail {

// The member of ss_plugin_state_data for a C++ type.
template<typename T>
struct state_data;

#define LIBSINSP_STATE_DATA(TYPE, MEMBER)                                                        \
	template<>                                                                                   \
	struct state_data<TYPE> {                                                                    \
		static void set(ss_plugin_state_data& data, const TYPE& value) { data.MEMBER = value; }  \
		static TYPE get(const ss_plugin_state_data& data) { return static_cast<TYPE>(data.MEMBER); } \
	}
LIBSINSP_STATE_DATA(int8_t, s8);
LIBSINSP_STATE_DATA(int16_t, s16);
LIBSINSP_STATE_DATA(int32_t, s32);
LIBSINSP_STATE_DATA(int64_t, s64);
LIBSINSP_STATE_DATA(uint8_t, u8);
LIBSINSP_STATE_DATA(uint16_t, u16);
LIBSINSP_STATE_DATA(uint32_t, u32);
LIBSINSP_STATE_DATA(uint64_t, u64);
#undef LIBSINSP_STATE_DATA

template<>
struct state_data<bool> {
	static void set(ss_plugin_state_data& data, const bool& value) { data.b = value ? 1 : 0; }
	static bool get(const ss_plugin_state_data& data) { return data.b != 0; }
};

// set() stores a pointer to the string, which must outlive the data.
template<>
struct state_data<std::string> {
	static void set(ss_plugin_state_data& data, const std::string& value) { data.str = value.c_str(); }
	static std::string get(const ss_plugin_state_data& data) { return data.str != nullptr ? data.str : ""; }
};

template<>
struct state_data<const char*> {
	static void set(ss_plugin_state_data& data, const char* const& value) { data.str = value; }
	static const char* get(const ss_plugin_state_data& data) { return data.str != nullptr ? data.str : ""; }
};

template<>
struct state_data<state::base_table*> {
	static void set(ss_plugin_state_data& data, state::base_table* const& value) { data.table = value; }
	static state::base_table* get(const ss_plugin_state_data& data) { return static_cast<state::base_table*>(data.table); }
};

// Calls `function.template operator()<T>(args...)` with the C++ type T of a state type.
template<typename Function, typename... Args>
auto dispatch(ss_plugin_state_type type, Function&& function, Args&&... args) {
	switch(type) {
	case SS_PLUGIN_ST_INT8:
		return function.template operator()<int8_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_INT16:
		return function.template operator()<int16_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_INT32:
		return function.template operator()<int32_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_INT64:
		return function.template operator()<int64_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_UINT8:
		return function.template operator()<uint8_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_UINT16:
		return function.template operator()<uint16_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_UINT32:
		return function.template operator()<uint32_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_UINT64:
		return function.template operator()<uint64_t>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_STRING:
		return function.template operator()<std::string>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_TABLE:
		return function.template operator()<state::base_table*>(std::forward<Args>(args)...);
	case SS_PLUGIN_ST_BOOL:
		return function.template operator()<bool>(std::forward<Args>(args)...);
	}
	throw sinsp_exception("there is no type " + std::to_string(type) + " of tables of state");
}

}  // namespace detail
}  // namespace libsinsp
