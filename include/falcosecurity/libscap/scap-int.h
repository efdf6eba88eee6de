/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/scap_int.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_const.h>
#include <libscap/scap_log.h>
#include <libscap/scap_vtable.h>

/*
 A capture in progress. An engine that a program brings reads the members; all others leave them alone.
 */
typedef struct scap {
    /*
     The engine's functions; null before `scap_init`.
     */
    const scap_vtable *m_vtable;
    /*
     The engine's object.
     */
    scap_engine_handle m_engine;
    /*
     The text of the last error.
     */
    char m_lasterr[SCAP_LASTERR_SIZE];
    /*
     How many events there were.
     */
    uint64_t m_evtcnt;
    /*
     Where log messages go; may be null.
     */
    falcosecurity_log_fn m_log_fn;
    /*
     The flags of the last event.
     */
    uint32_t m_dump_flags;
} scap;
