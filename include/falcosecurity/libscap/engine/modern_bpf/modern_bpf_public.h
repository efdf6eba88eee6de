/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/modern_bpf.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MODERN_BPF_ENGINE "modern_bpf"

struct scap_linux_vtable;

/**
 * The default number of CPUs that share a ring.
 */
#define DEFAULT_CPU_FOR_EACH_BUFFER 1

/**
 * The parameters of a live capture.
 */
typedef struct scap_modern_bpf_engine_params {
    /**
     * How many CPUs share a ring; 0 for one ring for all.
     */
    uint16_t cpus_for_each_buffer;
    /**
     * Whether only online CPUs get rings.
     */
    bool allocate_online_only;
    /**
     * The size of each ring, in bytes: a power of 2 and a multiple of the page size.
     */
    unsigned long buffer_bytes_dim;
    /**
     * Whether existing threads and fds are read from /proc even if the kernel has BPF iterators for them.
     */
    bool disable_iterators;
} scap_modern_bpf_engine_params;



#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The functions of an open engine for threads and files that exist already. A Linux platform that is opened with this engine does
 * not need them.
 */
extern const struct scap_linux_vtable scap_modern_bpf_linux_vtable;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
