// SPDX-License-Identifier: Apache-2.0
// Writing events to capture files.
#pragma once

#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <string>

class sinsp;
class sinsp_evt;

// A capture file that is written.
class SINSP_PUBLIC sinsp_dumper {
public:
	// Throws: this version writes no captures through this class.
	void open(sinsp*, const std::string& filename, bool) {
		throw sinsp_exception("cannot write " + filename + ": writing captures is not supported");
	}

	bool is_open() const { return false; }
	uint64_t written_events() const { return 0; }
	void close() {}

	// Throws: nothing is open.
	void dump(sinsp_evt*) { throw sinsp_exception("dumper not opened yet"); }
};
