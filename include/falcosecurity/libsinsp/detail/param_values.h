// SPDX-License-Identifier: Apache-2.0
// The values of a parameter of an event. Included by event.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libsinsp/detail/event_class.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/utils.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

inline const ppm_param_info* sinsp_evt_param::get_info() const {
	return m_evt->get_param_info(m_idx);
}

inline bool sinsp_evt_param::used_legacy_null_encoding() const {
	switch(get_info()->type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		// Old captures write a null string as "(NULL)".
		return m_len == 0 || std::string_view(m_data, m_len) == std::string_view("(NULL)", 7);
	default:
		return false;
	}
}

inline void sinsp_evt_param::throw_invalid_len_error(size_t requested_len) const {
	const auto* info = get_info();
	throw sinsp_exception("could not parse param " + std::to_string(m_idx) + " (" + info->name + ") for event " +
	                      std::to_string(m_evt->get_num()) + " of type " + std::to_string(m_evt->get_type()) + " (" +
	                      m_evt->get_name() + "): expected length " + std::to_string(requested_len) + ", found " +
	                      std::to_string(m_len));
}

template<class T>
inline T get_event_param_as(const sinsp_evt_param& param) {
	static_assert(std::is_fundamental_v<T>, "a parameter has no value of this type");
	const auto [data, len] = param.data_and_len_with_legacy_null_encoding();
	if(len != sizeof(T)) {
		param.throw_invalid_len_error(sizeof(T));
	}
	T value;
	std::memcpy(&value, data, sizeof(T));
	return value;
}

// Returns a null view if the parameter is empty.
template<>
inline std::string_view get_event_param_as<std::string_view>(const sinsp_evt_param& param) {
	const auto [data, len] = param.data_and_len_with_legacy_null_encoding();
	if(len == 0) {
		return {};
	}
	const size_t text_len = strnlen(data, len);
	if(len != text_len + 1) {
		param.throw_invalid_len_error(text_len + 1);
	}
	return {data, text_len};
}

template<>
inline std::string get_event_param_as<std::string>(const sinsp_evt_param& param) {
	return std::string(get_event_param_as<std::string_view>(param));
}

template<>
inline std::vector<std::string> get_event_param_as<std::vector<std::string>>(const sinsp_evt_param& param) {
	const auto [data, len] = param.data_and_len_with_legacy_null_encoding();
	std::string_view list(data, len);
	if(!list.empty() && list.back() == '\0') {
		list.remove_suffix(1);
	}
	return sinsp_split(list, '\0');
}

template<>
inline std::vector<uint8_t> get_event_param_as<std::vector<uint8_t>>(const sinsp_evt_param& param) {
	const auto [data, len] = param.data_and_len_with_legacy_null_encoding();
	return std::vector<uint8_t>(data, data + len);
}
