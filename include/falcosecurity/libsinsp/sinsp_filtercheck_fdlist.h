// SPDX-License-Identifier: Apache-2.0
// The fields of the fds of a poll.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields of the fds of a poll.
class SINSP_PUBLIC sinsp_filter_check_fdlist : public libsinsp::detail::known_check<sinsp_filter_check_fdlist> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_FDNUMS,
		TYPE_FDNAMES,
		TYPE_CLIENTIPS,
		TYPE_SERVERIPS,
		TYPE_CLIENTPORTS,
		TYPE_SERVERPORTS,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_fdlist(): known_check("fdlist.nums") {}
};
