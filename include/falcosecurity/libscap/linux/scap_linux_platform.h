/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_linux_platform.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_procs.h>

struct ppm_proclist_info;
struct scap_platform;

/*
 Who is told of what is fetched.
 */
typedef struct scap_fetch_callbacks {
    /*
     Called for each thread and each file.
     */
    proc_entry_callback proc_entry_cb;
    /*
     What it gets as `context`.
     */
    void *ctx;
} scap_fetch_callbacks;

/*
 What an engine on Linux can tell of threads and files that exist already. The functions answer a `SCAP_*` code and, in `error`,
 a text of at most `SCAP_LASTERR_SIZE` bytes. A null function: the engine does not have it.
 */
typedef struct scap_linux_vtable {
    /*
     The pid of a process in its own pid namespace.
     */
    int32_t (*get_vpid)(scap_engine_handle engine, uint64_t pid, int64_t *vpid);
    /*
     The tid of a thread in its own pid namespace.
     */
    int32_t (*get_vtid)(scap_engine_handle engine, uint64_t tid, int64_t *vtid);
    /*
     The pid of this program, as the host counts.
     */
    int32_t (*getpid_global)(scap_engine_handle engine, int64_t *pid, char *error);
    /*
     The processor times of all threads; `*procinfo_p` is made, or made larger, as needed.
     */
    int32_t (*get_threadlist)(scap_engine_handle engine, struct ppm_proclist_info **procinfo_p, char *error);
    /*
     One thread.
     */
    int32_t (*fetch_thread)(scap_engine_handle engine,
                            const struct scap_fetch_callbacks *callbacks,
                            uint32_t tid,
                            scap_threadinfo *tinfo,
                            char *error);
    /*
     All threads.
     */
    int32_t (*fetch_threads)(scap_engine_handle engine, const struct scap_fetch_callbacks *callbacks, char *error);
    /*
     One file of a process.
     */
    int32_t (*fetch_proc_file)(scap_engine_handle engine,
                               const struct scap_fetch_callbacks *callbacks,
                               uint32_t pid,
                               uint32_t fd,
                               char *error);
    /*
     The files of a process.
     */
    int32_t (*fetch_proc_files)(scap_engine_handle engine,
                                const struct scap_fetch_callbacks *callbacks,
                                uint32_t pid,
                                bool must_fetch_sockets,
                                uint64_t *num_files_fetched,
                                char *error);
    /*
     The files of all processes.
     */
    int32_t (*fetch_procs_files)(scap_engine_handle engine, const struct scap_fetch_callbacks *callbacks, char *error);
} scap_linux_vtable;

/*
 What a platform of this machine starts with, whose pointer may be cast to one of these.
 */
typedef struct scap_linux_platform {
    /*
     The engine that `scap_platform_init` was handed.
     */
    scap_engine_handle m_engine;
    /*
     What the engine can tell of threads and files. A program with an engine of its own sets it before `scap_platform_init`, to
     functions that live as long as the platform.
     */
    const struct scap_linux_vtable *m_linux_vtable;
} scap_linux_platform;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 This machine: `scap_platform_init` scans its processes.
 */
struct scap_platform *scap_linux_alloc_platform(scap_proc_callbacks proc_callbacks);

/*
 This machine without its processes: the machine itself, its interfaces, and this program.
 */
struct scap_platform *scap_linux_hostinfo_alloc_platform(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
