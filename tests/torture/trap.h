// SPDX-License-Identifier: Apache-2.0
// Traps the system calls of libraries: this program makes them itself or lets them fail.
#pragma once

#include <string>

namespace trap {

// A system call that can fail.
struct call {
	long number;
	long args[6];
	// The call and its object: `openat /proc/7/stat`, `bpf PROG_LOAD x_openat`.
	std::string what;
	// Same without numbers and names of programs: the kind of the call.
	std::string kind;
	// Whether a child that uses the same open file would consume data that this process must read.
	bool shared_stream;
};

// The decision on a call: a negative error number fails it, 0 makes it, `SHORT` makes it with less data.
constexpr long SHORT = 1;
using decision = long (*)(const call& call);

// From now on `decide` is called for each call of this process and its children that can fail, from any library. Returns false if the system does
// not support this. Anonymous memory is not included: its failure cannot be handled.
bool install(decision decide);

// Whether `decide` is called at the moment.
extern bool counting;

// Makes a system call that is not trapped. Returns as the kernel does.
long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);

// The name of an open file.
std::string name_of_fd(long fd);

}  // namespace trap
