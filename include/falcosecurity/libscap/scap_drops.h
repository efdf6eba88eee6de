/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/capture/scap_drops.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <driver/ppm_events_public.h>

typedef struct scap scap_t;

/**
 * The events of a system call or tracepoint that were dropped because a ring was full or because they were too long.
 */
typedef struct scap_sc_drops {
    /**
     * Its code. Enter events count under their call, a program that the scheduler reports to start as `PPM_SC_EXECVE`, and a child that it reports
     * as `PPM_SC_CLONE`; `PPM_SC_UNKNOWN` is for the marks of sampling, which belong to no call.
     */
    ppm_sc_code sc;
    /**
     * How many, since the capture was opened.
     */
    uint64_t drops;
} scap_sc_drops;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Writes how many events of each system call and tracepoint were dropped so far: the first `capacity` of those that have any, the most first, to
 * `drops`, and their whole number to `*count`. `PPM_SC_MAX` entries are always enough; with a `capacity` of 0 `drops` may be null. The sum is that
 * of `n_drops_buffer` and `n_drops_scratch_map`, once the capture is stopped. `SCAP_NOT_SUPPORTED` by all engines but modern_bpf. To be called by the
 * thread that calls `scap_next`.
 * `handle` is null or a valid capture; `drops` is null or has that room; `count` is null or valid.
 */
int32_t scap_get_sc_drops(scap_t *handle,
                          struct scap_sc_drops *drops,
                          uint32_t capacity,
                          uint32_t *count);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
