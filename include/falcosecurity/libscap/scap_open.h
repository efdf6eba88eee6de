/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_open.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <driver/ppm_events_public.h>
#include <libscap/scap_limits.h>
#include <libscap/scap_log.h>
#include <libscap/scap_procs.h>

/*
 Which system calls and tracepoints are captured, by their code.
 */
typedef struct interesting_ppm_sc_set {
    /*
     Whether each of them is.
     */
    bool ppm_sc[PPM_SC_MAX];
} interesting_ppm_sc_set;

/*
 What a capture is opened with.
 */
typedef struct scap_open_args {
    /*
     Whether the users and groups of the machine are read.
     */
    bool import_users;
    /*
     What is captured.
     */
    struct interesting_ppm_sc_set ppm_sc_of_interest;
    /*
     Where log messages go; may be null.
     */
    falcosecurity_log_fn log_fn;
    /*
     After how many milliseconds the scan of /proc ends with what it has; 0 for never.
     */
    uint64_t proc_scan_timeout_ms;
    /*
     Every how many milliseconds the scan of /proc logs how far it is; 0 for never.
     */
    uint64_t proc_scan_log_interval_ms;
    /*
     The parameters of the engine: a `scap_ENGINE_engine_params`.
     */
    void *engine_params;
} scap_open_args;
