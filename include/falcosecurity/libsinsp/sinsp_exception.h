// SPDX-License-Identifier: Apache-2.0
// What libsinsp throws.
#pragma once

#include <stdexcept>
#include <string>

// An error of libsinsp; what() is a sentence for people.
class sinsp_exception : public std::runtime_error {
public:
	using std::runtime_error::runtime_error;
};
