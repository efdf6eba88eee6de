/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The number of events, by origin.
 *
 * Generated from driver/schema. Change it there, then run: ./dev headers
 */
#pragma once

#define SYSCALL_EVENTS_NUM 384
#define TRACEPOINT_EVENTS_NUM 6
#define METAEVENTS_NUM 18
#define PLUGIN_EVENTS_NUM 1
#define ITER_EVENTS_NUM 10
#define UNKNOWN_EVENTS_NUM 35
