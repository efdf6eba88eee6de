// SPDX-License-Identifier: Apache-2.0
// What filters and formatters ask of an inspector, without its class. Nothing here is for consumers.
#pragma once

#include <libsinsp/capi.h>

class sinsp;
class sinsp_evt;

namespace libsinsp {
namespace detail {

// Defined by sinsp.h, which whoever uses them includes at its end.

inline sinsp_inspector* handle_of(sinsp* inspector);
// That of an event's inspector; null if it belongs to none.
inline sinsp_inspector* handle_of(const sinsp_evt* evt);
// Whether its buffer format is one of JSON.
inline bool shows_json(const sinsp* inspector);

}  // namespace detail
}  // namespace libsinsp
