/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_platform.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_procs.h>

struct scap_open_args;
struct scap_platform;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 A platform that knows nothing.
 */
struct scap_platform *scap_generic_alloc_platform(scap_proc_callbacks proc_callbacks);

/*
 Reads what a platform knows, after its engine was opened; the callbacks are told of all threads and fds. `lasterr`
 (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.

 # Safety
 The pointers are null or valid.
 */
int32_t scap_platform_init(struct scap_platform *platform,
                           char *lasterr,
                           scap_engine_handle engine,
                           struct scap_open_args *oargs);

/*
 Forgets what a platform knows.

 # Safety
 `platform` is null or a platform.
 */
int32_t scap_platform_close(struct scap_platform *platform);

/*
 Ends a platform; an inspector's stays until its inspector ends. Not from within one of its callbacks, whose work goes on afterwards.

 # Safety
 `platform` is null or a platform on which no other function is running, and is not used afterwards.
 */
void scap_platform_free(struct scap_platform *platform);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
