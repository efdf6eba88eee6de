// SPDX-License-Identifier: Apache-2.0
// The interface of objects that have capture statistics.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/logger.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>

struct scap_stats;
struct metrics_v2;

class SINSP_PUBLIC capture_stats_source {
public:
	virtual ~capture_stats_source() = default;

	virtual void get_capture_stats(scap_stats* stats) const = 0;
	// More counters of the kinds in `flags` (METRICS_V2_*), valid until the next call: their number in `*nstats`, a SCAP_* code in `*rc`.
	virtual const metrics_v2* get_capture_stats_v2(uint32_t flags, uint32_t* nstats, int32_t* rc) const = 0;
	// Logs them.
	virtual void print_capture_stats(sinsp_logger::severity sev) const = 0;
};
