/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_machine_info.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>

/**
 * The machine, as it stands in capture files.
 */
typedef struct __attribute__((packed)) _scap_machine_info {
    /**
     * The number of CPUs; `UINT32_MAX` if the capture does not have it.
     */
    uint32_t num_cpus;
    /**
     * Physical memory in bytes.
     */
    uint64_t memory_size_bytes;
    /**
     * The largest pid of the kernel.
     */
    uint64_t max_pid;
    /**
     * The host name.
     */
    char hostname[128];
    /**
     * The boot time: nanoseconds since the epoch.
     */
    uint64_t boot_ts_epoch;
    /**
     * `PPM_*` flags of the machine and the driver.
     */
    uint64_t flags;
    /**
     * Unused.
     */
    uint64_t reserved3;
    /**
     * Unused.
     */
    uint64_t reserved4;
} _scap_machine_info;

/**
 * The machine, as it stands in capture files.
 */
typedef struct _scap_machine_info scap_machine_info;

/**
 * The program that captures; not in capture files.
 */
typedef struct _scap_agent_info {
    /**
     * Its start: nanoseconds since the epoch.
     */
    uint64_t start_ts_epoch;
    /**
     * Its start: seconds since the boot.
     */
    double start_time;
    /**
     * The kernel's release, as `uname -r` prints it.
     */
    char uname_r[128];
} _scap_agent_info;

/**
 * The program that captures; not in capture files.
 */
typedef struct _scap_agent_info scap_agent_info;
