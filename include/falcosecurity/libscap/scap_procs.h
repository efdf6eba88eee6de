/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_procs.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>

typedef struct scap scap_t;
typedef struct scap_threadinfo scap_threadinfo;
typedef struct scap_fdinfo scap_fdinfo;

/*
 Called before the first entry.
 */
typedef void (*proc_table_refresh_start)(void *context);

/*
 Called after the last entry.
 */
typedef void (*proc_table_refresh_end)(void *context);

/*
 Called for each thread that is found (`fdinfo` is null) and each fd (`tinfo` may be null).

 `error` takes a text of `SCAP_LASTERR_SIZE` bytes if the answer is not `SCAP_SUCCESS`. `tinfo` and `fdinfo` belong to the
 caller and live for the call alone. Through `new_tinfo`, which may be null, the callback can hand back a thread of its own
 that the caller is to go on with; it must live until the next call.
 */
typedef int32_t (*proc_entry_callback)(void *context,
                                       char *error,
                                       int64_t tid,
                                       scap_threadinfo *tinfo,
                                       scap_fdinfo *fdinfo,
                                       scap_threadinfo **new_tinfo);

/*
 Who is told of threads and fds. Each function may be null.
 */
typedef struct scap_proc_callbacks {
    /*
     Before the first entry.
     */
    proc_table_refresh_start m_refresh_start_cb;
    /*
     After the last entry.
     */
    proc_table_refresh_end m_refresh_end_cb;
    /*
     For each entry.
     */
    proc_entry_callback m_proc_entry_cb;
    /*
     What they get as `context`.
     */
    void *m_callback_context;
} scap_proc_callbacks;

/*
 Threads that a program keeps, and who is told of them.
 */
typedef struct scap_proclist {
    /*
     Who is told.
     */
    struct scap_proc_callbacks m_callbacks;
    /*
     The first thread of the program's table.
     */
    scap_threadinfo *m_proclist;
} scap_proclist;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Empties a list, which has these callbacks from then on.

 # Safety
 `proclist` is null or valid.
 */
void init_proclist(struct scap_proclist *proclist, struct scap_proc_callbacks callbacks);

/*
 Stands for no callback at the start or the end: does nothing.
 */
void default_refresh_start_end_callback(void *_context);

/*
 Stands for no callback for entries: a platform that has it keeps its threads and fds itself, for the captures that are
 written from it.
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
