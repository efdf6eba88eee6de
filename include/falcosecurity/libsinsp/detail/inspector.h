// SPDX-License-Identifier: Apache-2.0
// Access to an inspector for headers that come before its class. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/detail/core_link.h>

#include <cstdint>

class sinsp;
class sinsp_evt;

namespace libsinsp {
namespace detail {

// Templates: their definitions in of_inspector.h need not be visible where they are called.

template<typename Inspector>
sinsp_inspector* handle_of_inspector(Inspector* inspector);
template<typename Inspector>
core_link* link_of_inspector(Inspector* inspector);
template<typename Event>
sinsp_inspector* handle_of_event(Event* evt);
template<typename Inspector>
bool shows_json_for(Inspector* inspector);
template<typename Inspector>
void set_dumping_of(Inspector* inspector, bool dumping);
// The position of the event source of a plugin, and the name of a source.
template<typename Inspector>
size_t source_of_plugin(Inspector* inspector, uint32_t plugin);
template<typename Inspector>
const char* name_of_source(Inspector* inspector, size_t index);

inline sinsp_inspector* handle_of(sinsp* inspector) {
	return handle_of_inspector(inspector);
}

// The handle of the event's inspector; null if it has none, or for null.
inline sinsp_inspector* handle_of(const sinsp_evt* evt) {
	return evt == nullptr ? nullptr : handle_of_event(evt);
}

// The link of an inspector; null for null.
inline core_link* link_of(sinsp* inspector) {
	return inspector == nullptr ? nullptr : link_of_inspector(inspector);
}

// Whether its buffer format is one of JSON.
inline bool shows_json(const sinsp* inspector) {
	return shows_json_for(inspector);
}

// Sets what its is_dumping() returns.
inline void set_dumping(sinsp* inspector, bool dumping) {
	set_dumping_of(inspector, dumping);
}

}  // namespace detail
}  // namespace libsinsp
