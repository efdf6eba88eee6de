/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of the machine as it is, without events of its own. */
#pragma once

#define NODRIVER_ENGINE "nodriver"
