// SPDX-License-Identifier: Apache-2.0
// A compiled filter of the C ABI. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/event.h>

#include <cstdint>

namespace libsinsp {
namespace detail {

// Owns a compiled filter, and reads what it remembers (sinsp_memo) instead of running it again on the same event.
class program {
public:
	program() = default;
	explicit program(sinsp_program* compiled) { reset(compiled); }

	sinsp_program* get() const { return m_program.get(); }
	explicit operator bool() const { return m_program != nullptr; }
	void reset(sinsp_program* compiled = nullptr) {
		m_program.reset(compiled);
		m_memo = sinsp_program_memo(compiled);
	}

	// Returns whether the event, which may be null, passes. Throws the error of sinsp_program_run().
	bool run(const sinsp_evt* evt) const {
		// A filter that runs once for each event, as those of rules do, has nothing to remember.
		if(evt == nullptr || __atomic_load_n(&m_last, __ATOMIC_RELAXED) != evt->c_event()->of) {
			if(evt != nullptr) {
				__atomic_store_n(&m_last, evt->c_event()->of, __ATOMIC_RELAXED);
			}
			return ask(evt, sinsp_program_run);
		}
		bool holds = false;
		return is_remembered(*evt->c_event(), handle_of(evt), holds) ? holds : ask(evt, sinsp_program_remember);
	}

private:
	// Whether the memo is about this event and the present state; `holds` is then the result.
	bool is_remembered(const sinsp_event& event, const sinsp_inspector* inspector, bool& holds) const {
		const uint64_t at = __atomic_load_n(&m_memo->at, __ATOMIC_ACQUIRE);
		if(at != __atomic_load_n(m_memo->clock, __ATOMIC_RELAXED) || __atomic_load_n(&m_memo->of, __ATOMIC_ACQUIRE) != event.of ||
		   __atomic_load_n(&m_memo->bytes, __ATOMIC_ACQUIRE) != event.bytes || event.changed || m_memo->inspector != inspector) {
			return false;
		}
		holds = __atomic_load_n(&m_memo->holds, __ATOMIC_ACQUIRE);
		return __atomic_load_n(&m_memo->at, __ATOMIC_RELAXED) == at;
	}

	bool ask(const sinsp_evt* evt, decltype(sinsp_program_run) function) const {
		sinsp_error* why = nullptr;
		const int32_t passes = function(get(), handle_of(evt), c_event(evt), &why);
		if(passes < 0) {
			raise(why);
		}
		return passes != 0;
	}

	handle<sinsp_program, sinsp_program_free> m_program;
	// sinsp_event::of of the event on which it ran last.
	mutable uint64_t m_last = 0;
	// Null without a program.
	const sinsp_memo* m_memo = nullptr;
};

}  // namespace detail
}  // namespace libsinsp
