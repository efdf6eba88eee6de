// SPDX-License-Identifier: Apache-2.0
// What is tortured: programs in small, each of which uses a part of the libraries from its opening to its closing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace jobs {

struct outcome {
	// What an API call answered with an error; empty if all went well.
	std::string error;
	// What came of it: the same each time all goes well.
	uint64_t result = 0;
};

struct job {
	std::function<outcome()> run;
	// Whether it is to see a /proc of a few processes of its own, so that there are not thousands of calls.
	bool small_world = false;
	// Whether opening takes so long that it cannot be done again after every call.
	bool slow = false;
	// Calls about files below are another job's: one of each kind is tried.
	const char* others = nullptr;
};

// What the libraries logged.
extern std::string told;
// The error number that was answered in place of a call's, or 0.
extern int injected;
// What an API call that has no answer is doing, if one is; its failures can at best be logged.
extern const char* unanswered;

// `capture` is a capture compressed by gzip, `plain` the same without, `directory` where files can be written.
std::map<std::string, job> all(const std::string& capture, const std::string& plain, const std::string& directory);

}  // namespace jobs
