// SPDX-License-Identifier: Apache-2.0
// The fields of the user of a thread.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields of the user of a thread.
class SINSP_PUBLIC sinsp_filter_check_user : public libsinsp::detail::known_check<sinsp_filter_check_user> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_UID,
		TYPE_NAME,
		TYPE_HOMEDIR,
		TYPE_SHELL,
		TYPE_LOGINUID,
		TYPE_LOGINNAME,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_user(): known_check("user.uid") {}
};
