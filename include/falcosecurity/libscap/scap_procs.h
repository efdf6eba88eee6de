/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_procs.rs, src/platform/scap_procs.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>

typedef struct scap scap_t;
typedef struct scap_threadinfo scap_threadinfo;
typedef struct scap_fdinfo scap_fdinfo;

/**
 * Called before the first entry.
 */
typedef void (*proc_table_refresh_start)(void *context);

/**
 * Called after the last entry.
 */
typedef void (*proc_table_refresh_end)(void *context);

/**
 * Called for each thread that is found (`fdinfo` is null) and each fd (`tinfo` may be null).
 *
 * Returns `SCAP_SUCCESS`, or another code and a text in `error` (`SCAP_LASTERR_SIZE` bytes). `tinfo` and `fdinfo` belong to the
 * caller and are valid during the call only. Through `new_tinfo` a callback may return a thread of its own to continue with; this
 * library passes null.
 */
typedef int32_t (*proc_entry_callback)(void *context,
                                       char *error,
                                       int64_t tid,
                                       scap_threadinfo *tinfo,
                                       scap_fdinfo *fdinfo,
                                       scap_threadinfo **new_tinfo);

/**
 * Callbacks for threads and fds. Each may be null.
 */
typedef struct scap_proc_callbacks {
    /**
     * Called before the first entry.
     */
    proc_table_refresh_start m_refresh_start_cb;
    /**
     * Called after the last entry.
     */
    proc_table_refresh_end m_refresh_end_cb;
    /**
     * Called for each entry.
     */
    proc_entry_callback m_proc_entry_cb;
    /**
     * The `context` of the callbacks.
     */
    void *m_callback_context;
} scap_proc_callbacks;

/**
 * A program's threads and the callbacks for them.
 */
typedef struct scap_proclist {
    /**
     * The callbacks.
     */
    struct scap_proc_callbacks m_callbacks;
    /**
     * The first thread of the program's table.
     */
    scap_threadinfo *m_proclist;
} scap_proclist;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Initializes an empty list with these callbacks.
 * `proclist` is null or valid.
 */
void init_proclist(struct scap_proclist *proclist, struct scap_proc_callbacks callbacks);

/**
 * The default callback for the start and the end: does nothing.
 */
void default_refresh_start_end_callback(void *_context);

/**
 * The default callback for entries. A platform with it keeps its threads and fds itself, for captures that are written from it.
 */
int32_t default_proc_entry_callback(void *_context,
                                    char *_error,
                                    int64_t _tid,
                                    scap_threadinfo *_tinfo,
                                    scap_fdinfo *_fdinfo,
                                    scap_threadinfo **_new_tinfo);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
