// SPDX-License-Identifier: Apache-2.0
// What filters and formatters ask of an inspector, without its class. Nothing here is for consumers.
#pragma once

#include <libsinsp/capi.h>
#include <libsinsp/detail/core_link.h>

#include <cstdint>

class sinsp;
class sinsp_evt;

namespace libsinsp {
namespace detail {

// Defined by sinsp.h, which whoever uses them includes at its end.

inline sinsp_inspector* handle_of(sinsp* inspector);
// That of an event's inspector; null if it belongs to none.
inline sinsp_inspector* handle_of(const sinsp_evt* evt);
// The objects of a thread and of a file, and the thread of a tid; null if it is not known, and for no inspector.
inline sinsp_threadinfo* thread_of(sinsp* inspector, uint64_t id);
inline sinsp_threadinfo* thread_by_tid(sinsp* inspector, int64_t tid);
inline sinsp_fdinfo* file_of(sinsp* inspector, uint64_t id, int64_t fd);
// The number of a thread if it is one of this inspector.
inline uint64_t number_in(sinsp* inspector, const thread_place& place);
// Whether its buffer format is one of JSON.
inline bool shows_json(const sinsp* inspector);

}  // namespace detail
}  // namespace libsinsp
