/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Versions of the interface between the drivers and user space, packed in 64 bits: patch in bits 0 to 23, minor in
 * 24 to 43, major in 44 to 62; bit 63 stays 0.
 */
#ifndef PPM_API_VERSION_H
#define PPM_API_VERSION_H

/* The API version and the event-schema version of this release. */
#define PPM_API_CURRENT_VERSION_MAJOR 10
#define PPM_API_CURRENT_VERSION_MINOR 1
#define PPM_API_CURRENT_VERSION_PATCH 0
#define PPM_SCHEMA_CURRENT_VERSION_MAJOR 4
#define PPM_SCHEMA_CURRENT_VERSION_MINOR 5
#define PPM_SCHEMA_CURRENT_VERSION_PATCH 1

#define PPM_VERSION_PACK(val, bits, shift) ((((unsigned long long)(val)) & ((1ULL << (bits)) - 1)) << (shift))
#define PPM_VERSION_UNPACK(val, bits, shift) ((((unsigned long long)(val)) >> (shift)) & ((1ULL << (bits)) - 1))

#define PPM_API_VERSION_MAJOR(ver) PPM_VERSION_UNPACK(ver, 19, 44)
#define PPM_API_VERSION_MINOR(ver) PPM_VERSION_UNPACK(ver, 20, 24)
#define PPM_API_VERSION_PATCH(ver) PPM_VERSION_UNPACK(ver, 24, 0)

#define PPM_API_VERSION(major, minor, patch) \
	(PPM_VERSION_PACK(major, 19, 44) | PPM_VERSION_PACK(minor, 20, 24) | PPM_VERSION_PACK(patch, 24, 0))

#define PPM_API_CURRENT_VERSION \
	PPM_API_VERSION(PPM_API_CURRENT_VERSION_MAJOR, PPM_API_CURRENT_VERSION_MINOR, PPM_API_CURRENT_VERSION_PATCH)

#define PPM_SCHEMA_CURRENT_VERSION                                                        \
	PPM_API_VERSION(PPM_SCHEMA_CURRENT_VERSION_MAJOR, PPM_SCHEMA_CURRENT_VERSION_MINOR, \
	                PPM_SCHEMA_CURRENT_VERSION_PATCH)

#define __PPM_STRINGIFY1(x) #x
#define __PPM_STRINGIFY(x) __PPM_STRINGIFY1(x)

#define PPM_API_CURRENT_VERSION_STRING             \
	__PPM_STRINGIFY(PPM_API_CURRENT_VERSION_MAJOR) \
	"." __PPM_STRINGIFY(PPM_API_CURRENT_VERSION_MINOR) "." __PPM_STRINGIFY(PPM_API_CURRENT_VERSION_PATCH)

#define PPM_SCHEMA_CURRENT_VERSION_STRING             \
	__PPM_STRINGIFY(PPM_SCHEMA_CURRENT_VERSION_MAJOR) \
	"." __PPM_STRINGIFY(PPM_SCHEMA_CURRENT_VERSION_MINOR) "." __PPM_STRINGIFY(PPM_SCHEMA_CURRENT_VERSION_PATCH)

#endif /* PPM_API_VERSION_H */
