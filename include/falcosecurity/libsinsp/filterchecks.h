// SPDX-License-Identifier: Apache-2.0
// Includes the filter checks, as programs know this name.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp_filtercheck.h>
#include <libsinsp/sinsp_filtercheck_event.h>
#include <libsinsp/sinsp_filtercheck_fd.h>
#include <libsinsp/sinsp_filtercheck_fdlist.h>
#include <libsinsp/sinsp_filtercheck_fspath.h>
#include <libsinsp/sinsp_filtercheck_gen_event.h>
#include <libsinsp/sinsp_filtercheck_group.h>
#include <libsinsp/sinsp_filtercheck_reference.h>
#include <libsinsp/sinsp_filtercheck_thread.h>
#include <libsinsp/sinsp_filtercheck_user.h>
#include <libsinsp/sinsp_filtercheck_utils.h>
