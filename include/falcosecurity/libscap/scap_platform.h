/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/alloc.rs, src/platform/scap_platform.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_procs.h>

struct scap_open_args;
struct scap_platform;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Allocates a platform without any data.
 */
struct scap_platform *scap_generic_alloc_platform(scap_proc_callbacks proc_callbacks);

/**
 * Reads the data of a platform, after its engine was opened, and passes all threads and fds to the callbacks. `lasterr`
 * (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.
 * The pointers are null or valid.
 */
int32_t scap_platform_init(struct scap_platform *platform,
                           char *lasterr,
                           scap_engine_handle engine,
                           struct scap_open_args *oargs);

/**
 * Clears the data of a platform; `SCAP_FAILURE` while it is in use.
 * `platform` is null or a valid platform.
 */
int32_t scap_platform_close(struct scap_platform *platform);

/**
 * Frees a platform; an inspector's stays until the inspector ends. A callback of the platform must not call it.
 * `platform` is null or a valid platform on which no other function is running, and which is not used afterwards.
 */
void scap_platform_free(struct scap_platform *platform);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
