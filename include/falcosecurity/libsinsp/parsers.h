// SPDX-License-Identifier: Apache-2.0
// The parser of an inspector, which changes the state with each event, and its settings.
#pragma once

#include <libsinsp/detail/standard.h>

#include <functional>
#include <utility>

// Owned by the inspector: sinsp::get_parser().
class sinsp_parser {
public:
	// `track`: sets whether the inspector tracks connections.
	explicit sinsp_parser(std::function<void(bool)> track): m_track(std::move(track)) {}

	// Whether failed and pending connections are distinguished from established ones.
	void set_track_connection_status(bool enabled) {
		m_track(enabled);
		m_tracks_connections = enabled;
	}
	bool get_track_connection_status() const { return m_tracks_connections; }

private:
	std::function<void(bool)> m_track;
	bool m_tracks_connections = false;
};
