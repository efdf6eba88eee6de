/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions of kernel constants to the constants of events. Only those that programs use; the probe has its own. */
#pragma once

#include <stdint.h>

#include <driver/ppm_events_public.h>

/*
 * The PPM_AF_* constant of an address family (AF_*; its numbers are the same on every architecture of Linux).
 * Returns PPM_AF_UNSPEC for a family that has no constant.
 */
static inline uint8_t socket_family_to_scap(uint8_t family) {
	const int unknown = family > PPM_AF_NFC || (family > PPM_AF_LLC && family < PPM_AF_CAN);
	return unknown ? PPM_AF_UNSPEC : family;
}
