/* SPDX-License-Identifier: Apache-2.0 */
/* How numbers of the system are written in events. Only what programs use; the probe has its own. */
#pragma once

#include <stdint.h>

#include <driver/ppm_events_public.h>

/*
 * The PPM_AF_* number of an address family (AF_*), which is the same on every architecture of Linux; PPM_AF_UNSPEC for one that events do
 * not know.
 */
static inline uint8_t socket_family_to_scap(uint8_t family) {
	const int unknown = family > PPM_AF_NFC || (family > PPM_AF_LLC && family < PPM_AF_CAN);
	return unknown ? PPM_AF_UNSPEC : family;
}
