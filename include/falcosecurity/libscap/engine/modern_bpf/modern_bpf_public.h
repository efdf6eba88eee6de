/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/modern_bpf_public.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MODERN_BPF_ENGINE "modern_bpf"

struct scap_linux_vtable;

/*
 How many CPUs share a ring when nobody asks for another number.
 */
#define DEFAULT_CPU_FOR_EACH_BUFFER 1

/*
 What a live capture is opened with.
 */
typedef struct scap_modern_bpf_engine_params {
    /*
     How many CPUs share a ring; 0 for one ring for all.
     */
    uint16_t cpus_for_each_buffer;
    /*
     Whether there are rings for online CPUs alone.
     */
    bool allocate_online_only;
    /*
     The size of each ring, in bytes: a power of 2 and a multiple of the page size.
     */
    unsigned long buffer_bytes_dim;
    /*
     Whether the threads and fds that exist already are read from /proc even where the kernel has iterators for them.
     */
    bool disable_iterators;
} scap_modern_bpf_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 What an open engine can tell of threads and files that exist already. A Linux platform that is handed the engine asks it without
 being given these functions.
 */
extern const struct scap_linux_vtable scap_modern_bpf_linux_vtable;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
