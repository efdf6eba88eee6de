/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/capture/scap_api_version.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/engine_handle.h>

struct scap_vtable;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of this library, such as `1.0.0`: a constant text. Programs linked to an earlier version with the same first number run with it.
 */
const char *scap_library_version(void);

/**
 * The version of falcosecurity/libs whose interface this library has, `0.25.4`: a constant text.
 */
const char *scap_reference_version(void);

/**
 * Returns whether a version has the required major number and is not older than required.
 */
bool scap_apply_semver_check(uint32_t current_major,
                             uint32_t current_minor,
                             uint32_t current_patch,
                             uint32_t required_major,
                             uint32_t required_minor,
                             uint32_t required_patch);

/**
 * The same for packed versions (`PPM_API_VERSION`).
 */
bool scap_is_api_compatible(unsigned long driver_api_version, unsigned long required_api_version);

/**
 * Checks the versions of an engine's driver: on `SCAP_FAILURE`, `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes both versions.
 * `vtable` is null or valid; `engine` is an open object of it; `error` is null or has that size.
 */
int32_t check_api_compatibility(const struct scap_vtable *vtable,
                                struct scap_engine_handle engine,
                                char *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
