// SPDX-License-Identifier: Apache-2.0
// Who has counters of a capture.
#pragma once

#include <libsinsp/logger.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>

struct scap_stats;
struct metrics_v2;

class SINSP_PUBLIC capture_stats_source {
public:
	virtual ~capture_stats_source() = default;

	virtual void get_capture_stats(scap_stats* stats) const = 0;
	// Logs them.
	virtual void print_capture_stats(sinsp_logger::severity sev) const = 0;
};
