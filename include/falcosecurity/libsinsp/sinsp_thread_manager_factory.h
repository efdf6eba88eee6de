// SPDX-License-Identifier: Apache-2.0
// The factory of thread managers.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/thread_manager.h>

#include <memory>

// Makes empty thread managers, which belong to no capture.
class sinsp_thread_manager_factory {
public:
	std::shared_ptr<sinsp_thread_manager> create() const {
		return std::make_shared<sinsp_thread_manager>(libsinsp::detail::core::make(nullptr));
	}
};
