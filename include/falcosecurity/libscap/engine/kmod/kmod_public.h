/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/kmod_public.rs. Change it there, then run: ./dev headers */

#pragma once


#define KMOD_ENGINE "kmod"

struct scap_linux_vtable;

/*
 What it is opened with.
 */
typedef struct scap_kmod_engine_params {
    /*
     The size of each CPU's ring, in bytes.
     */
    unsigned long buffer_bytes_dim;
} scap_kmod_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 What it can tell of threads and files that exist already: nothing that /proc does not.
 */
extern const struct scap_linux_vtable scap_kmod_linux_vtable;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
