/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/scap_engine_util.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Writes the machine's boot time, in nanoseconds since the epoch, to `*boot_time`. `last_err` (`SCAP_LASTERR_SIZE` bytes, or null)
 * takes the text of an error.
 * The pointers are null or valid.
 */
int32_t scap_get_precise_boot_time(char *last_err,
                                   uint64_t *boot_time);

/**
 * Returns whether the kernel measures the run time of BPF programs.
 */
bool scap_get_bpf_stats_enabled(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
