// SPDX-License-Identifier: Apache-2.0
// Sets of events and system calls, their names, and the conversions between them.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/event.h>
#include <libsinsp/events/sinsp_events_set.h>
#include <libsinsp/utils.h>

#include <string>
#include <unordered_set>
#include <vector>

namespace libsinsp {
namespace events {

namespace detail {

// The set that `fill(out, len, error)` writes.
template<typename T, typename Fill>
set<T> filled(T max, Fill fill) {
	std::vector<uint8_t> bytes(static_cast<size_t>(max));
	libsinsp::detail::error error;
	error.check(fill(bytes.data(), bytes.size(), error.out()));
	set<T> codes;
	for(size_t i = 0; i < bytes.size(); i++) {
		if(bytes[i] != 0) {
			codes.insert(static_cast<T>(i));
		}
	}
	return codes;
}

inline set<ppm_sc_code> group(sinsp_sc_group which) {
	return filled(PPM_SC_MAX, [&](uint8_t* out, size_t len, sinsp_error** error) {
		return sinsp_sc_group_set(which, out, len, error);
	});
}

template<typename To, typename From>
set<To> converted(To max,
                  const set<From>& from,
                  From from_max,
                  sinsp_status (*convert)(const uint8_t*, size_t, uint8_t*, size_t, sinsp_error**)) {
	return filled(max, [&](uint8_t* out, size_t len, sinsp_error** error) {
		return convert(from.data(), static_cast<size_t>(from_max), out, len, error);
	});
}

template<typename To>
set<To> named(To max,
              const std::unordered_set<std::string>& names,
              sinsp_status (*find)(const sinsp_str*, size_t, uint8_t*, size_t, sinsp_error**)) {
	std::vector<sinsp_str> views;
	for(const auto& name : names) {
		views.push_back(libsinsp::detail::str(name));
	}
	return filled(max, [&](uint8_t* out, size_t len, sinsp_error** error) {
		return find(views.data(), views.size(), out, len, error);
	});
}

}  // namespace detail

// `code` of this function and the next ones must be less than PPM_EVENT_MAX.
inline const ppm_event_info* info(ppm_event_code code) {
	return &g_infotables.m_event_info[code];
}

inline bool is_generic(ppm_event_code code) {
	return code == PPME_GENERIC_E || code == PPME_GENERIC_X;
}
inline bool is_unused_event(ppm_event_code code) {
	return info(code)->flags & EF_UNUSED;
}
inline bool is_skip_parse_reset_event(ppm_event_code code) {
	return info(code)->flags & EF_SKIPPARSERESET;
}
inline bool is_old_version_event(ppm_event_code code) {
	return info(code)->flags & EF_OLD_VERSION;
}
inline bool is_syscall_event(ppm_event_code code) {
	return info(code)->category & EC_SYSCALL;
}
inline bool is_tracepoint_event(ppm_event_code code) {
	return info(code)->category & EC_TRACEPOINT;
}
inline bool is_metaevent(ppm_event_code code) {
	return info(code)->category & EC_METAEVENT;
}
inline bool is_plugin_event(ppm_event_code code) {
	return info(code)->category & EC_PLUGIN;
}
// Whether the kernel's iterators make it.
inline bool is_iter_event(ppm_event_code code) {
	return info(code)->category & EC_ITER;
}
inline bool is_unknown_event(ppm_event_code code) {
	return info(code)->category == EC_UNKNOWN;
}

// The system calls that the state of threads and fds depends on.
inline set<ppm_sc_code> sinsp_state_sc_set() {
	return detail::group(SINSP_SC_STATE);
}
// `codes`, the system calls relevant to security, and sinsp_state_sc_set().
inline set<ppm_sc_code> enforce_simple_sc_set(const set<ppm_sc_code>& codes = {}) {
	return codes.merge(detail::group(SINSP_SC_SIMPLE));
}
// Every system call that has a name.
inline set<ppm_sc_code> all_sc_set() {
	return detail::group(SINSP_SC_ALL);
}
// The system calls that read and write.
inline set<ppm_sc_code> io_sc_set() {
	return detail::group(SINSP_SC_IO);
}
// The system calls of one group of enum sinsp_sc_group (capi.h).
inline set<ppm_sc_code> io_other_sc_set() {
	return detail::group(SINSP_SC_IO_OTHER);
}
inline set<ppm_sc_code> file_sc_set() {
	return detail::group(SINSP_SC_FILE);
}
inline set<ppm_sc_code> net_sc_set() {
	return detail::group(SINSP_SC_NET);
}
inline set<ppm_sc_code> proc_sc_set() {
	return detail::group(SINSP_SC_PROC);
}
inline set<ppm_sc_code> sys_sc_set() {
	return detail::group(SINSP_SC_SYS);
}
// `codes` and the system calls that the state needed by their events depends on.
inline set<ppm_sc_code> sinsp_repair_state_sc_set(const set<ppm_sc_code>& codes) {
	return detail::converted(PPM_SC_MAX, codes, PPM_SC_MAX, sinsp_sc_repair_state);
}

// Every event.
inline set<ppm_event_code> all_event_set() {
	set<ppm_event_code> codes;
	for(uint32_t code = 0; code < PPM_EVENT_MAX; code++) {
		codes.insert(static_cast<ppm_event_code>(code));
	}
	return codes;
}

// The events that the system calls produce.
inline set<ppm_event_code> sc_set_to_event_set(const set<ppm_sc_code>& codes) {
	return detail::converted(PPM_EVENT_MAX, codes, PPM_SC_MAX, sinsp_events_of_scs);
}
// The system calls that produce one of the events.
inline set<ppm_sc_code> event_set_to_sc_set(const set<ppm_event_code>& codes) {
	return detail::converted(PPM_SC_MAX, codes, PPM_EVENT_MAX, sinsp_scs_of_events);
}
// Conversions from and to names, such as "openat". Unknown names are ignored.
inline set<ppm_event_code> names_to_event_set(const std::unordered_set<std::string>& names) {
	return detail::named(PPM_EVENT_MAX, names, sinsp_events_by_names);
}
inline set<ppm_sc_code> event_names_to_sc_set(const std::unordered_set<std::string>& names) {
	return detail::named(PPM_SC_MAX, names, sinsp_scs_by_event_names);
}

inline set<ppm_sc_code> sc_names_to_sc_set(const std::unordered_set<std::string>& names) {
	set<ppm_sc_code> codes;
	for(const auto& name : names) {
		if(const auto code = sinsp_sc_by_name(libsinsp::detail::str(name)); code != 0) {
			codes.insert(static_cast<ppm_sc_code>(code));
		}
	}
	return codes;
}

inline std::unordered_set<std::string> sc_set_to_sc_names(const set<ppm_sc_code>& codes) {
	std::unordered_set<std::string> names;
	for(const auto code : codes) {
		if(auto name = libsinsp::detail::text(sinsp_sc_name(static_cast<uint16_t>(code))); !name.empty()) {
			names.insert(std::move(name));
		}
	}
	return names;
}

// The names of events; for the generic ones, if `resolve_generic`, those of all system calls that make them, else none.
inline std::unordered_set<std::string> event_set_to_names(const set<ppm_event_code>& codes, bool resolve_generic = true) {
	std::unordered_set<std::string> names;
	// Names go in by code, the generic events' first: programs print the set as it is, in an order that depends on that.
	if(resolve_generic && (codes.contains(PPME_GENERIC_E) || codes.contains(PPME_GENERIC_X))) {
		names = sc_set_to_sc_names(event_set_to_sc_set({PPME_GENERIC_E, PPME_GENERIC_X}));
		names.erase("unknown");
	}
	for(const auto code : codes) {
		if(!is_generic(code)) {
			names.insert(info(code)->name);
		}
	}
	return names;
}

// The names of the events that system calls make; of calls that make a generic one, their own names.
inline std::unordered_set<std::string> sc_set_to_event_names(const set<ppm_sc_code>& codes) {
	auto events = sc_set_to_event_set(codes);
	events.remove(PPME_GENERIC_E);
	events.remove(PPME_GENERIC_X);
	auto names = event_set_to_names(events);
	const auto others = sc_set_to_sc_names(codes.diff(event_set_to_sc_set(events)));
	names.insert(others.begin(), others.end());
	return names;
}

// The events that the state of an inspector is made of.
inline set<ppm_event_code> sinsp_state_event_set() {
	auto codes = sc_set_to_event_set(sinsp_state_sc_set());
	for(int i = 2; i < PPM_EVENT_MAX; i++) {
		const auto code = static_cast<ppm_event_code>(i);
		if(is_metaevent(code) && !is_unused_event(code) && !is_unknown_event(code)) {
			codes.insert(code);
		}
	}
	return codes;
}

}  // namespace events
}  // namespace libsinsp
