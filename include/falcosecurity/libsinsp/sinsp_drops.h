// SPDX-License-Identifier: Apache-2.0
// Events that were dropped, by system call: sinsp::get_drops_by_sc(). Not in the reference.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>

#include <cstdint>
#include <string>

// The events of a system call or tracepoint that were dropped because a ring was full or because they were too long.
struct sinsp_drops {
	// Enter events count under their call, a program that the scheduler reports to start as execve, and a child that it reports as clone;
	// PPM_SC_UNKNOWN is for the marks of sampling, which belong to no call.
	ppm_sc_code sc;
	std::string name;
	// How many, since the capture was opened.
	uint64_t drops;
};
