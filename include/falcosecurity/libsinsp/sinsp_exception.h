// SPDX-License-Identifier: Apache-2.0
// The exception of libsinsp.
#pragma once

#include <libsinsp/detail/standard.h>

#include <stdexcept>
#include <string>

// An error of libsinsp; what() is the message.
class sinsp_exception : public std::runtime_error {
public:
	using std::runtime_error::runtime_error;
};
