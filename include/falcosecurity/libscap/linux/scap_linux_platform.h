/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_linux_platform.rs, src/platform/alloc.rs, capi/scap/src/types/scap_platform_impl.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_procs.h>

struct ppm_proclist_info;
struct scap_platform;

/**
 * The callback for threads and files that are fetched.
 */
typedef struct scap_fetch_callbacks {
    /**
     * Called for each thread and each file.
     */
    proc_entry_callback proc_entry_cb;
    /**
     * The `context` of the callback.
     */
    void *ctx;
} scap_fetch_callbacks;

/**
 * The functions of an engine on Linux that describe threads and files which exist before the first event. Each returns a `SCAP_*` code and
 * writes the text of an error to `error`, at most `SCAP_LASTERR_SIZE` bytes. An engine leaves a function null that it does not have.
 */
typedef struct scap_linux_vtable {
    /**
     * Writes the pid of a process in its own pid namespace to `*vpid`.
     */
    int32_t (*get_vpid)(scap_engine_handle engine, uint64_t pid, int64_t *vpid);
    /**
     * Writes the tid of a thread in its own pid namespace to `*vtid`.
     */
    int32_t (*get_vtid)(scap_engine_handle engine, uint64_t tid, int64_t *vtid);
    /**
     * Writes the pid of this process in the host's pid namespace to `*pid`.
     */
    int32_t (*getpid_global)(scap_engine_handle engine, int64_t *pid, char *error);
    /**
     * Writes the CPU times of all threads to `*procinfo_p`, which it makes or enlarges with `scap_alloc_proclist_info`.
     */
    int32_t (*get_threadlist)(scap_engine_handle engine, struct ppm_proclist_info **procinfo_p, char *error);
    /**
     * Fetches one thread, into `*tinfo` too.
     */
    int32_t (*fetch_thread)(scap_engine_handle engine,
                            const struct scap_fetch_callbacks *callbacks,
                            uint32_t tid,
                            scap_threadinfo *tinfo,
                            char *error);
    /**
     * Fetches all threads.
     */
    int32_t (*fetch_threads)(scap_engine_handle engine, const struct scap_fetch_callbacks *callbacks, char *error);
    /**
     * Fetches one open file of a process.
     */
    int32_t (*fetch_proc_file)(scap_engine_handle engine,
                               const struct scap_fetch_callbacks *callbacks,
                               uint32_t pid,
                               uint32_t fd,
                               char *error);
    /**
     * Fetches the open files of a process. `*num_files_fetched`, which may be null, takes their number.
     */
    int32_t (*fetch_proc_files)(scap_engine_handle engine,
                                const struct scap_fetch_callbacks *callbacks,
                                uint32_t pid,
                                bool must_fetch_sockets,
                                uint64_t *num_files_fetched,
                                char *error);
    /**
     * Fetches the open files of all processes.
     */
    int32_t (*fetch_procs_files)(scap_engine_handle engine, const struct scap_fetch_callbacks *callbacks, char *error);
} scap_linux_vtable;

/**
 * The first members of every platform: a `scap_platform *` may be cast to a pointer to this struct.
 */
typedef struct scap_linux_platform {
    /**
     * The engine that was passed to `scap_platform_init`.
     */
    scap_engine_handle m_engine;
    /**
     * The engine's functions for threads and files. A program with its own engine sets them before `scap_platform_init`; they must
     * stay valid as long as the platform.
     */
    const struct scap_linux_vtable *m_linux_vtable;
} scap_linux_platform;

/**
 * The first members of every platform. The library allocates platforms: more members may follow.
 */
typedef struct scap_platform {
    /**
     * What a program's own engine may set.
     */
    struct scap_linux_platform m_linux;
    /**
     * The callbacks of the platform. `scap_proc_read_thread` with this list passes a thread to where the platform's scans do.
     */
    scap_proclist m_proclist;
} scap_platform;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Allocates the platform of this machine; `scap_platform_init` scans its processes.
 */
struct scap_platform *scap_linux_alloc_platform(scap_proc_callbacks proc_callbacks);

/**
 * Allocates the platform of this machine without its processes: the machine, its interfaces, and this program.
 */
struct scap_platform *scap_linux_hostinfo_alloc_platform(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
