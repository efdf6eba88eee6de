/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/noop.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/engine_handle.h>
#include <libscap/scap_vtable.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The engine without events.
 */
extern const scap_vtable scap_noop_engine;

/**
 * `alloc_handle`: an object with `lasterr_ptr` alone, which `noop_free_handle` frees.
 */
void *noop_alloc_handle(scap_t *_main_handle, char *lasterr_ptr);

/**
 * `free_handle`.
 * The handle is null or came from `noop_alloc_handle`, and is not used afterwards.
 */
void noop_free_handle(scap_engine_handle engine);

/**
 * `close`: there is nothing to close.
 */
int noop_close_engine(scap_engine_handle _engine);

/**
 * `next`: always `SCAP_EOF`.
 */
int32_t noop_next(scap_engine_handle _handle, scap_evt **_pevent, uint16_t *_pdevid, uint32_t *_pflags);

/**
 * `start_capture`: there is nothing to start.
 */
int32_t noop_start_capture(scap_engine_handle _engine);

/**
 * `stop_capture`: there is nothing to stop.
 */
int32_t noop_stop_capture(scap_engine_handle _engine);

/**
 * `configure`: `SCAP_NOT_SUPPORTED`, except that turning the dropping mode off succeeds.
 * The handle is null, came from `noop_alloc_handle`, or points to an object whose first member is the buffer for error texts, a
 * `char *`.
 */
int32_t noop_configure(scap_engine_handle engine,
                       scap_setting setting,
                       unsigned long _arg1,
                       unsigned long arg2);

/**
 * `get_stats`: leaves the counters unchanged; `scap_get_stats` has set them to 0.
 */
int32_t noop_get_stats(scap_engine_handle _engine, struct scap_stats *_stats);

/**
 * `get_stats_v2`: no metrics. The returned pointer is not null, because this is a success, and must not be read.
 * `nstats` and `rc` are null or valid.
 */
const struct metrics_v2 *noop_get_stats_v2(scap_engine_handle _engine, uint32_t _flags, uint32_t *nstats, int32_t *rc);

/**
 * `get_n_tracepoint_hit`: `SCAP_NOT_SUPPORTED`.
 * See `noop_configure`.
 */
int32_t noop_get_n_tracepoint_hit(scap_engine_handle engine, long *_ret);

/**
 * `get_n_devs`: 0.
 */
uint32_t noop_get_n_devs(scap_engine_handle _engine);

/**
 * `get_max_buf_used`: 0.
 */
uint64_t noop_get_max_buf_used(scap_engine_handle _engine);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
