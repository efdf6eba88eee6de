// SPDX-License-Identifier: Apache-2.0
// The jobs: small programs, each of which opens, uses and closes a part of the libraries.
#pragma once

#include <libscap/scap.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <unistd.h>

namespace jobs {

struct outcome {
	// The error of an API call; empty if all succeeded.
	std::string error;
	// A hash of the result; equal for each run without failures.
	uint64_t result = 0;
};

struct job {
	std::function<outcome()> run;
	// Whether it runs with a /proc of few processes, to limit the number of calls.
	bool small_world = false;
	// Whether opening is too slow to be repeated after every call.
	bool slow = false;
	// Calls on files below this path are tested by another job: one of each kind is tried here.
	const char* others = nullptr;
};

// The log of the libraries.
extern std::string logged;
// The injected error number, or 0.
extern int injected;
// The running API call that returns no status, or null; its failures can only be logged.
extern const char* unanswered;

// The log function that is passed to the libraries.
void log(const char* component, const char* text, falcosecurity_log_severity severity);
// The text of an error, for a null or empty one too.
std::string text_or(const char* text);
inline size_t configured_cpus() { return static_cast<size_t>(sysconf(_SC_NPROCESSORS_CONF)); }

// The jobs of libpman.
outcome pman();
outcome iterators();

// `capture`: a gzip capture, `plain`: the same uncompressed, `directory`: for files.
std::map<std::string, job> all(const std::string& capture, const std::string& plain, const std::string& directory);

}  // namespace jobs
