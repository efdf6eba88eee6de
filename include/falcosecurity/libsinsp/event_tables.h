// SPDX-License-Identifier: Apache-2.0
// The event table as a C++ struct.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libscap/scap.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>

class SINSP_PUBLIC sinsp_evttables {
public:
	// One element for each event code below m_event_size.
	const ppm_event_info* m_event_info = scap_get_event_info_table();
	size_t m_event_size = PPM_EVENT_MAX;
};

// Not to be changed.
inline sinsp_evttables g_infotables;
