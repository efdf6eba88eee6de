// SPDX-License-Identifier: Apache-2.0
// The system's functions for network addresses.
#pragma once

#include <arpa/inet.h>
