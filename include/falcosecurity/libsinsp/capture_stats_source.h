// SPDX-License-Identifier: Apache-2.0
// The interface of objects that have capture statistics.
#pragma once

#include <libsinsp/logger.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>

struct scap_stats;
struct metrics_v2;

class SINSP_PUBLIC capture_stats_source {
public:
	virtual ~capture_stats_source() = default;

	// Writes the counters of the open capture to `*stats`.
	virtual void get_capture_stats(scap_stats* stats) const = 0;
	// Logs the number of events and of drops with the severity `sev`.
	virtual void print_capture_stats(sinsp_logger::severity sev) const = 0;
};
