// SPDX-License-Identifier: Apache-2.0
// The inspector: it reads events from an engine, keeps the state of the system (threads, fds, users) and returns the events.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/of_inspector.h>
#include <libsinsp/detail/sinsp_class.h>
#include <libsinsp/sinsp_cycledumper.h>
