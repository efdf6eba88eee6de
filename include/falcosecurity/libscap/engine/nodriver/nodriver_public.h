/* SPDX-License-Identifier: Apache-2.0 */
/* The engine nodriver: it scans /proc and delivers no events of its own. */
#pragma once

#define NODRIVER_ENGINE "nodriver"
