// SPDX-License-Identifier: Apache-2.0
// The source of an inspector's events.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cstdint>

enum sinsp_mode_t : uint8_t {
	SINSP_MODE_NONE = 0,   // nothing is open
	SINSP_MODE_CAPTURE,    // a capture file
	SINSP_MODE_LIVE,       // the running system
	SINSP_MODE_NODRIVER,   // the running system without events
	SINSP_MODE_PLUGIN,     // a plugin
	SINSP_MODE_TEST,       // a test's own events
};

// A sinsp_mode_t with member functions that test it.
class sinsp_mode {
public:
	constexpr sinsp_mode(sinsp_mode_t mode): m_mode(mode) {}

	bool is_capture() const { return m_mode == SINSP_MODE_CAPTURE; }
	bool is_live() const { return m_mode == SINSP_MODE_LIVE; }
	bool is_nodriver() const { return m_mode == SINSP_MODE_NODRIVER; }
	bool is_plugin() const { return m_mode == SINSP_MODE_PLUGIN; }
	bool is_test() const { return m_mode == SINSP_MODE_TEST; }
	bool is_offline() const { return is_capture() || is_test(); }

	constexpr bool operator==(sinsp_mode other) const { return m_mode == other.m_mode; }
	constexpr bool operator!=(sinsp_mode other) const { return m_mode != other.m_mode; }

private:
	sinsp_mode_t m_mode;
};
