// SPDX-License-Identifier: Apache-2.0
// The first include of every C++ header: with an older standard the compiler prints this one error instead of hundreds.
#pragma once

#if defined(_MSVC_LANG) ? _MSVC_LANG < 201703L : __cplusplus < 201703L
#error "libsinsp needs C++17: compile with -std=c++17 or later (in CMake: set(CMAKE_CXX_STANDARD 17))"
// No directive but an include that is not found ends the compilation.
#include <libsinsp/needs-C++17>
#endif
