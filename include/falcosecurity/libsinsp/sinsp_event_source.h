// SPDX-License-Identifier: Apache-2.0
// The name and index of the built-in event source "syscall", and the values for an unknown source.
#pragma once

#include <libsinsp/detail/standard.h>

#include <cstddef>

constexpr size_t sinsp_no_event_source_idx = static_cast<size_t>(-1);
constexpr const char* sinsp_no_event_source_name = nullptr;
constexpr const char* sinsp_syscall_event_source_name = "syscall";
