// SPDX-License-Identifier: Apache-2.0
// The command line.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

struct options {
	enum class action { capture, help, list_fields, list_events };

	action what = action::capture;
	std::string read;    // the capture file to read; empty: the running kernel
	std::string write;   // the capture file to write; empty: none
	bool gzip = false;   // it is compressed
	bool module = false; // the kernel module captures, not the BPF probe
	std::string filter;
	std::string format;
	bool json = false;
	bool print = true;
	bool summary = true;
	uint64_t max_events = UINT64_MAX; // of those that the filter accepts
};

// The command line is wrong.
struct usage_error: std::runtime_error {
	using std::runtime_error::runtime_error;
};

options parse_options(int argc, char** argv);

void print_help();
