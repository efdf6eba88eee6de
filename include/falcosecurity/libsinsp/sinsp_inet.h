// SPDX-License-Identifier: Apache-2.0
// Includes the system's headers for network addresses.
#pragma once

#include <arpa/inet.h>
