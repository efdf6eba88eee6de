/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/enums.rs, src/print/scap_print.rs, src/print/scap_print_procs.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/scap.h>

/**
 * How much of an event is printed.
 */
typedef enum scap_print_evt_info {
    /**
     * Its header.
     */
    PRINT_HEADER = 0,
    /**
     * The lengths of its parameters too.
     */
    PRINT_HEADER_LENGTHS,
    /**
     * The parameters too.
     */
    PRINT_FULL,
} scap_print_evt_info;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Prints an event, as much of it as `i` says.
 * `ev` is null or a complete event.
 */
void scap_print_event(scap_evt *ev, enum scap_print_evt_info i);

/**
 * Prints a thread.
 * `tinfo` is null or a thread.
 */
void scap_print_threadinfo(const scap_threadinfo *tinfo);

/**
 * Prints an fd.
 * `fdinfo` is null or an fd.
 */
void scap_print_fdinfo(const scap_fdinfo *fdinfo);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
