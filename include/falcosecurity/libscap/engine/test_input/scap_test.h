/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_test.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdlib.h>

struct ppm_evt_hdr;
struct scap_threadinfo;
struct scap_fdinfo;

/**
 * The fds of a thread.
 */
typedef struct scap_test_fdinfo_data {
    /**
     * An array of them.
     */
    const struct scap_fdinfo *fdinfos;
    /**
     * How many events are left.
     */
    size_t fdinfo_count;
} scap_test_fdinfo_data;

/**
 * The input of the engine. It belongs to the program and must stay valid as long as the capture. The engine advances `events` and
 * decrements `event_count` as it reads.
 */
typedef struct scap_test_input_data {
    /**
     * The events, in order.
     */
    struct ppm_evt_hdr **events;
    /**
     * How many events are left.
     */
    size_t event_count;
    /**
     * The threads that exist already.
     */
    struct scap_threadinfo *threads;
    /**
     * How many events are left.
     */
    size_t thread_count;
    /**
     * The fds of each thread, `thread_count` entries; may be null.
     */
    struct scap_test_fdinfo_data *fdinfo_data;
} scap_test_input_data;
