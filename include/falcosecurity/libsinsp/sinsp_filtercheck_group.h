// SPDX-License-Identifier: Apache-2.0
// The fields of the group of a thread.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields of the group of a thread.
class SINSP_PUBLIC sinsp_filter_check_group : public libsinsp::detail::known_check<sinsp_filter_check_group> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_GID,
		TYPE_NAME,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_group(): known_check("group.gid") {}
};
