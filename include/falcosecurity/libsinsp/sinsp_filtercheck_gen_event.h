// SPDX-License-Identifier: Apache-2.0
// The fields that events of all sources have.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields that events of all sources have.
class SINSP_PUBLIC sinsp_filter_check_gen_event : public libsinsp::detail::known_check<sinsp_filter_check_gen_event> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_NUMBER,
		TYPE_TIME,
		TYPE_TIME_S,
		TYPE_TIME_ISO8601,
		TYPE_DATETIME,
		TYPE_DATETIME_S,
		TYPE_RAWTS,
		TYPE_RAWTS_S,
		TYPE_RAWTS_NS,
		TYPE_RELTS,
		TYPE_RELTS_S,
		TYPE_RELTS_NS,
		TYPE_PLUGINNAME,
		TYPE_PLUGININFO,
		TYPE_SOURCE,
		TYPE_ISASYNC,
		TYPE_ASYNCTYPE,
		TYPE_HOSTNAME,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_gen_event(): known_check("evt.num") {}
};
