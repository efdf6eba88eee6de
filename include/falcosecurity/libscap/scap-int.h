/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/engine.rs, src/platform/proclist_info.rs. Change it there, then run: ./dev headers */

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

/**
 * The first size of a list of CPU times, in threads.
 */
#define SCAP_DRIVER_PROCINFO_INITIAL_SIZE 7

/**
 * A list of CPU times has room for fewer threads than this.
 */
#define SCAP_DRIVER_PROCINFO_MAX_SIZE 128000

/**
 * An open capture. A program's own engine may read the members; all others use the functions of `scap.h`.
 */
typedef struct scap {
    /**
     * The engine's functions; null before `scap_init`.
     */
    const scap_vtable *m_vtable;
    /**
     * The engine's object.
     */
    scap_engine_handle m_engine;
    /**
     * The text of the last error.
     */
    char m_lasterr[SCAP_LASTERR_SIZE];
    /**
     * How many events `scap_next` has returned.
     */
    uint64_t m_evtcnt;
    /**
     * Takes log messages; may be null.
     */
    falcosecurity_log_fn m_log_fn;
    /**
     * The `scap_dump_flags` of the last event.
     */
    uint32_t m_dump_flags;
} scap;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Makes room for `n_entries` threads in the list of CPU times `*proclist_p`, which is null or was made by this function; its
 * entries stay. Returns false if there are too many or no memory; `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the text.
 * Without memory the list is freed, and `*proclist_p` is null. For `get_threadlist` of a `scap_linux_vtable`.
 * `proclist_p` is null or valid, and so is what it points to; `error` is null or has that size.
 */
bool scap_alloc_proclist_info(struct ppm_proclist_info **proclist_p,
                              uint32_t n_entries,
                              char *error);

/**
 * Frees a list of CPU times.
 * `proclist` is null or came from `scap_alloc_proclist_info`, and is not used afterwards. A list of `scap_get_threadlist` belongs
 * to its platform.
 */
void scap_free_proclist_info(struct ppm_proclist_info *proclist);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/** The events, by event code. */
extern const struct ppm_event_info g_event_info[];
/** The system calls, by native number. */
extern const struct syscall_evt_pair g_syscall_table[];

#ifdef __cplusplus
}
#endif
