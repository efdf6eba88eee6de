// SPDX-License-Identifier: Apache-2.0
// The fields of the fd of an event.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/table_check.h>
#include <libsinsp/sinsp_public.h>

// A check of the fields of the fd of an event.
class SINSP_PUBLIC sinsp_filter_check_fd : public libsinsp::detail::known_check<sinsp_filter_check_fd> {
public:
	// The positions of the fields.
	enum check_type {
		TYPE_FDNUM,
		TYPE_FDTYPE,
		TYPE_FDTYPECHAR,
		TYPE_FDNAME,
		TYPE_DIRECTORY,
		TYPE_FILENAME,
		TYPE_IP,
		TYPE_CLIENTIP,
		TYPE_SERVERIP,
		TYPE_LIP,
		TYPE_RIP,
		TYPE_PORT,
		TYPE_CLIENTPORT,
		TYPE_SERVERPORT,
		TYPE_LPORT,
		TYPE_RPORT,
		TYPE_L4PROTO,
		TYPE_SOCKFAMILY,
		TYPE_IS_SERVER,
		TYPE_UID,
		TYPE_CONTAINERNAME,
		TYPE_CONTAINERDIRECTORY,
		TYPE_PROTO,
		TYPE_CLIENTPROTO,
		TYPE_SERVERPROTO,
		TYPE_LPROTO,
		TYPE_RPROTO,
		TYPE_NET,
		TYPE_CNET,
		TYPE_SNET,
		TYPE_LNET,
		TYPE_RNET,
		TYPE_IS_CONNECTED,
		TYPE_NAME_CHANGED,
		TYPE_CLIENTIP_NAME,
		TYPE_SERVERIP_NAME,
		TYPE_LIP_NAME,
		TYPE_RIP_NAME,
		TYPE_DEV,
		TYPE_DEV_MAJOR,
		TYPE_DEV_MINOR,
		TYPE_INO,
		TYPE_FDNAMERAW,
		TYPE_FDTYPES,
		TYPE_FDUPPER,
		TYPE_FDLOWER,
	};

	// Throws if the library has no such fields.
	sinsp_filter_check_fd(): known_check("fd.num") {}
};
