// SPDX-License-Identifier: Apache-2.0
// Tokens that come at a steady rate, and of which some are kept for later.
#pragma once

#include <libsinsp/utils.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

// Used by one thread at a time.
class token_bucket {
public:
	// One token a second, and at most one. Without a timer times are those of the clock; a timer answers nanoseconds.
	token_bucket(): token_bucket(sinsp_utils::get_current_time_ns) {}
	explicit token_bucket(std::function<uint64_t()> timer): m_timer(std::move(timer)) { init(1, 1); }
	virtual ~token_bucket() = default;

	// Starts with `max_tokens` at the time `now`, in nanoseconds; 0: the time of the timer. `rate` tokens come each second.
	void init(double rate, double max_tokens, uint64_t now = 0) {
		m_rate = rate;
		m_max_tokens = m_tokens = max_tokens;
		m_last_seen = now != 0 ? now : m_timer();
	}

	// Takes so many tokens at a time; answers whether there were enough, else none is taken.
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
