// SPDX-License-Identifier: Apache-2.0
// The time of the current event, or that of the clock while there is none.
#pragma once

#include <libsinsp/utils.h>

#include <cstdint>

class timestamper {
public:
	// `invalid_ts` stands for no time.
	explicit timestamper(uint64_t invalid_ts): m_invalid_ts(invalid_ts), m_cached_ts(invalid_ts) {}

	uint64_t get_cached_ts() const { return m_cached_ts; }
	void set_cached_ts(uint64_t ts) { m_cached_ts = ts; }
	void reset() { m_cached_ts = m_invalid_ts; }

	// The time that was set; what the clock says if there is none.
	uint64_t get_new_ts() const { return m_cached_ts != m_invalid_ts ? m_cached_ts : sinsp_utils::get_current_time_ns(); }

private:
	const uint64_t m_invalid_ts;
	uint64_t m_cached_ts;
};
