// SPDX-License-Identifier: Apache-2.0
// The timestamp of the current event, or the clock's time if there is none. In nanoseconds since the epoch.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/utils.h>

#include <cstdint>

class timestamper {
public:
	// `invalid_ts`: the value that means no timestamp.
	explicit timestamper(uint64_t invalid_ts): m_invalid_ts(invalid_ts), m_cached_ts(invalid_ts) {}

	uint64_t get_cached_ts() const { return m_cached_ts; }
	void set_cached_ts(uint64_t ts) { m_cached_ts = ts; }
	void reset() { m_cached_ts = m_invalid_ts; }

	// The timestamp that was set, else the clock's time.
	uint64_t get_new_ts() const { return m_cached_ts != m_invalid_ts ? m_cached_ts : sinsp_utils::get_current_time_ns(); }

private:
	const uint64_t m_invalid_ts;
	uint64_t m_cached_ts;
};
