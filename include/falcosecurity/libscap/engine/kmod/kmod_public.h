/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/kmod.rs. Change it there, then run: ./dev headers */

#pragma once


#define KMOD_ENGINE "kmod"

struct scap_linux_vtable;

/**
 * The parameters of the engine.
 */
typedef struct scap_kmod_engine_params {
    /**
     * The size of each CPU's ring, in bytes: a power of 2, more than two pages.
     */
    unsigned long buffer_bytes_dim;
} scap_kmod_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Its functions for threads and files that exist already: none. A Linux platform that is opened with this engine reads /proc.
 */
extern const struct scap_linux_vtable scap_kmod_linux_vtable;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
