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
		return is_current() && evt != nullptr && is_about(*evt->c_event(), handle_of(evt)) ? __atomic_load_n(&m_memo->holds, __ATOMIC_RELAXED)
		                                                                                   : run_again(evt);
	}

private:
	// Whether the memo is about the current event and the present state.
	bool is_current() const {
		return __atomic_load_n(&m_memo->at, __ATOMIC_RELAXED) == __atomic_load_n(m_memo->clock, __ATOMIC_RELAXED);
	}

	// Whether this event is the one that it is about.
	bool is_about(const sinsp_event& event, const sinsp_inspector* inspector) const {
		return __atomic_load_n(&m_memo->of, __ATOMIC_RELAXED) == event.of &&
		       __atomic_load_n(&m_memo->bytes, __ATOMIC_RELAXED) == event.bytes && !event.changed && m_memo->inspector == inspector;
	}

	bool run_again(const sinsp_evt* evt) const {
		sinsp_error* why = nullptr;
		const int32_t passes = sinsp_program_run(get(), handle_of(evt), c_event(evt), &why);
		if(passes < 0) {
			raise(why);
		}
		return passes != 0;
	}

	handle<sinsp_program, sinsp_program_free> m_program;
	// Null without a program.
	const sinsp_memo* m_memo = nullptr;
};

}  // namespace detail
}  // namespace libsinsp
