// SPDX-License-Identifier: Apache-2.0
// What filters, formatters and checks ask of an inspector, without its class. Nothing here is for consumers.
#pragma once

#include <libsinsp/capi.h>
#include <libsinsp/detail/core_link.h>

#include <cstdint>

class sinsp;
class sinsp_evt;

namespace libsinsp {
namespace detail {

// Templates, since they are defined by sinsp.h: whoever calls them includes it, before or after.

template<typename Inspector>
sinsp_inspector* handle_of_inspector(Inspector* inspector);
template<typename Inspector>
core_link* link_of_inspector(Inspector* inspector);
template<typename Event>
sinsp_inspector* handle_of_event(Event* evt);
template<typename Inspector>
bool shows_json_for(Inspector* inspector);

inline sinsp_inspector* handle_of(sinsp* inspector) {
	return handle_of_inspector(inspector);
}

// That of an event's inspector; null if it belongs to none.
inline sinsp_inspector* handle_of(const sinsp_evt* evt) {
	return handle_of_event(evt);
}

// What its objects of threads and files find it by; null for no inspector.
inline core_link* link_of(sinsp* inspector) {
	return inspector == nullptr ? nullptr : link_of_inspector(inspector);
}

// Whether its buffer format is one of JSON.
inline bool shows_json(const sinsp* inspector) {
	return shows_json_for(inspector);
}

}  // namespace detail
}  // namespace libsinsp
