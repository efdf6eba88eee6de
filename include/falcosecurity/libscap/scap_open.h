/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_open.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <driver/ppm_events_public.h>
#include <libscap/scap_limits.h>
#include <libscap/scap_log.h>
#include <libscap/scap_procs.h>

/**
 * The system calls and tracepoints that are captured, by `ppm_sc` code.
 */
typedef struct interesting_ppm_sc_set {
    /**
     * True for each code that is captured.
     */
    bool ppm_sc[PPM_SC_MAX];
} interesting_ppm_sc_set;

/**
 * The arguments for opening a capture.
 */
typedef struct scap_open_args {
    /**
     * Whether the users and groups of the machine are read.
     */
    bool import_users;
    /**
     * The system calls and tracepoints that are captured.
     */
    struct interesting_ppm_sc_set ppm_sc_of_interest;
    /**
     * Takes log messages; may be null.
     */
    falcosecurity_log_fn log_fn;
    /**
     * After this many milliseconds the scan of /proc stops and keeps what it has; 0 for no limit.
     */
    uint64_t proc_scan_timeout_ms;
    /**
     * The scan of /proc logs its progress at this interval in milliseconds; 0 for never.
     */
    uint64_t proc_scan_log_interval_ms;
    /**
     * The parameters of the engine: a `scap_ENGINE_engine_params`.
     */
    void *engine_params;
} scap_open_args;
