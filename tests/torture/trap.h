// SPDX-License-Identifier: Apache-2.0
// Makes system calls that a library makes come to this program, which makes them itself or has them fail.
#pragma once

#include <string>

namespace trap {

// A system call that can fail.
struct call {
	long number;
	long args[6];
	// What is done to what: `openat /proc/7/stat`, `bpf PROG_LOAD x_openat`.
	std::string what;
	// The same without numbers and without the names of programs: calls of one kind have the same.
	std::string kind;
	// Whether another process that goes on with the same open file would take away what this one is to read.
	bool shared_stream;
};

// What becomes of a call: a negative error number fails it, 0 lets it be made, `SHORT` makes it do less than it is asked.
constexpr long SHORT = 1;
using decision = long (*)(const call& call);

// From here on, `decide` is asked about each call that can fail of this process and its children, whatever library makes
// it. False if the system has no such means. Memory that is not backed by a file is left alone: there is no answer to its lack.
bool install(decision decide);

// Whether `decide` is asked at the moment.
extern bool counting;

// Makes a system call that nobody is asked about; answers as the kernel does.
long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);

// The name of an open file.
std::string name_of_fd(long fd);

}  // namespace trap
