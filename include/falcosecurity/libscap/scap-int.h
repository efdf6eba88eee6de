/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_int.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <driver/ppm_events_public.h>
#include <libscap/engine_handle.h>
#include <libscap/linux/scap_cgroup.h>
#include <libscap/scap_assert.h>
#include <libscap/scap_const.h>
#include <libscap/scap_log.h>
#include <libscap/scap_vtable.h>

/*
 How many threads a list of processor times has room for at first.
 */
#define SCAP_DRIVER_PROCINFO_INITIAL_SIZE 7

/*
 A list of processor times has room for fewer threads than this.
 */
#define SCAP_DRIVER_PROCINFO_MAX_SIZE 128000

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

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Gives the list of processor times `*proclist_p`, which is null or was made by this function, room for `n_entries` threads; those
 that it has stay. False if there are too many, or no memory, whose text goes to `error` (`SCAP_LASTERR_SIZE` bytes, or null).
 Without memory the list is ended, and `*proclist_p` null. For `get_threadlist` of a `scap_linux_vtable`.

 # Safety
 `proclist_p` is null or valid, and so is what it points to; `error` is null or has that size.
 */
bool scap_alloc_proclist_info(struct ppm_proclist_info **proclist_p,
                              uint32_t n_entries,
                              char *error);

/*
 Ends a list of processor times.

 # Safety
 `proclist` is null or came from `scap_alloc_proclist_info`, and is not used afterwards. What `scap_get_threadlist` answers is the
 platform's.
 */
void scap_free_proclist_info(struct ppm_proclist_info *proclist);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/* The events and the native system calls, by number. */
extern const struct ppm_event_info g_event_info[];
extern const struct syscall_evt_pair g_syscall_table[];

#ifdef __cplusplus
}
#endif
