// SPDX-License-Identifier: Apache-2.0
// Settings of an inspector for how events are shown and written, and for what is read beside them.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/parsers.h>
#include <libsinsp/settings.h>
#include <libsinsp/utils.h>

#include <cstdint>

namespace libsinsp {
namespace detail {

template<typename Inspector>
class capture_modes {
public:
	static constexpr uint32_t s_max_fdtable_size = MAX_FD_TABLE_SIZE;

	// How evt.outputtime shows times: 'h' the time of day, 'a' since the epoch, 'r' since the first event, 'd' 0, 'D' since the previous event.
	// Throws for other characters.
	void set_time_output_mode(char flag) {
		set(SINSP_OPTION_OUTPUT_TIME, static_cast<unsigned char>(flag));
		m_output_time = flag;
	}
	char get_time_output_mode() const { return m_output_time; }

	// Whether captures also get the events that the filter rejects and that change the state. They are marked: a reader does not return them.
	void set_fatfile_dump_mode(bool enable_fatfile) {
		set(SINSP_OPTION_FAT_CAPTURES, enable_fatfile);
		m_fat_captures = enable_fatfile;
	}
	bool is_fatfile_enabled() const { return m_fat_captures; }

	// Whether environments larger than SCAP_MAX_ENV_SIZE are read from /proc while the running system is inspected.
	void set_large_envs(bool enable) {
		set(SINSP_OPTION_LARGE_ENVIRONMENTS, enable);
		m_large_environments = enable;
	}
	bool large_envs_enabled() const { return m_large_environments && (self().is_live() || self().is_syscall_plugin()); }

	// A mark that the program sets while it writes a capture.
	bool is_dumping() const { return m_dumping; }
	void set_dumping(bool v) { m_dumping = v; }

	// A number that the program sets; the library does not use it.
	const int32_t& get_quantization_interval() const { return m_quantization_interval; }
	void set_quantization_interval(const int32_t& v) { m_quantization_interval = v; }

	// The timestamp of the last event, or the clock's time before the first, in nanoseconds since the epoch.
	uint64_t get_new_ts() const {
		const uint64_t last = self().get_lastevent_ts();
		return last != 0 ? last : sinsp_utils::get_current_time_ns();
	}

	sinsp_parser* get_parser() { return &m_parser; }
	const sinsp_parser* get_parser() const { return &m_parser; }
	// Whether failed and pending connections are distinguished from established ones.
	void set_track_connection_status(bool enabled) { m_parser.set_track_connection_status(enabled); }
	bool get_track_connection_status() const { return m_parser.get_track_connection_status(); }

private:
	void set(sinsp_option option, uint64_t value) {
		error error;
		error.check(sinsp_inspector_set_option(self().c_handle(), option, value, error.out()));
	}
	const Inspector& self() const { return *static_cast<const Inspector*>(this); }

	char m_output_time = 'h';
	bool m_fat_captures = false;
	bool m_large_environments = false;
	bool m_dumping = false;
	int32_t m_quantization_interval = -1;
	sinsp_parser m_parser{[this](bool enabled) { set(SINSP_OPTION_TRACK_CONNECTIONS, enabled); }};
};

}  // namespace detail
}  // namespace libsinsp
