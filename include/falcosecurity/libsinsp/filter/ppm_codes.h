// SPDX-License-Identifier: Apache-2.0
// The events and system calls that a filter can match.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/flat_ast.h>
#include <libsinsp/events/sinsp_events.h>
#include <libsinsp/filter/ast.h>

namespace libsinsp {
namespace filter {
namespace ast {

// Throws if the filter compares evt.type with a value that is not a constant.
inline libsinsp::events::set<ppm_event_code> ppm_event_codes(const expr* e) {
	const libsinsp::detail::flat_ast flat(e);
	return libsinsp::events::detail::filled(PPM_EVENT_MAX, [&](uint8_t* out, size_t len, sinsp_error** error) {
		return sinsp_ast_codes(flat.data(), flat.size(), SINSP_CODES_EVENT, out, len, error);
	});
}

// Same for system calls.
inline libsinsp::events::set<ppm_sc_code> ppm_sc_codes(const expr* e) {
	const libsinsp::detail::flat_ast flat(e);
	return libsinsp::events::detail::filled(PPM_SC_MAX, [&](uint8_t* out, size_t len, sinsp_error** error) {
		return sinsp_ast_codes(flat.data(), flat.size(), SINSP_CODES_SC, out, len, error);
	});
}

}  // namespace ast
}  // namespace filter
}  // namespace libsinsp
