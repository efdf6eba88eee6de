// SPDX-License-Identifier: Apache-2.0
// The fields of the paths of file system calls.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields of the paths of file system calls.
class SINSP_PUBLIC sinsp_filter_check_fspath : public libsinsp::detail::known_check<sinsp_filter_check_fspath> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_NAME,
		TYPE_NAMERAW,
		TYPE_SOURCE,
		TYPE_SOURCERAW,
		TYPE_TARGET,
		TYPE_TARGETRAW,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_fspath(): known_check("fs.path.name") {}
};
