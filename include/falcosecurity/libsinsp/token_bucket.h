// SPDX-License-Identifier: Apache-2.0
// A rate limiter: tokens are added at a constant rate up to a maximum.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/utils.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

// Not thread-safe.
class token_bucket {
public:
	// One token a second, at most one. `timer` returns nanoseconds; the default is the clock.
	token_bucket(): token_bucket(sinsp_utils::get_current_time_ns) {}
	explicit token_bucket(std::function<uint64_t()> timer): m_timer(std::move(timer)) { init(1, 1); }
	virtual ~token_bucket() = default;

	// Sets the rate in tokens a second and fills the bucket. `now` in nanoseconds; 0: the timer's time.
	void init(double rate, double max_tokens, uint64_t now = 0) {
		m_rate = rate;
		m_max_tokens = m_tokens = max_tokens;
		m_last_seen = now != 0 ? now : m_timer();
	}

	// Takes `tokens` at the time `now` (nanoseconds). Returns false and takes none if there are not enough.
	bool claim(double tokens, uint64_t now) {
		const double seconds = static_cast<double>(now - m_last_seen) / 1e9;
		m_last_seen = now;
		m_tokens = std::min(m_tokens + m_rate * seconds, m_max_tokens);
		if(m_tokens < tokens) {
			return false;
		}
		m_tokens -= tokens;
		return true;
	}

	// Takes one token now.
	bool claim() { return claim(1, m_timer()); }

	double get_tokens() { return m_tokens; }
	// The time of the last claim.
	uint64_t get_last_seen() { return m_last_seen; }

private:
	std::function<uint64_t()> m_timer;
	double m_rate = 0;
	double m_max_tokens = 0;
	double m_tokens = 0;
	uint64_t m_last_seen = 0;
};
