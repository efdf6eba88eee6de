/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_platform_api.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ppm_proclist_info;
struct scap_addrlist;
struct scap_platform;
struct scap_threadinfo;
struct scap_userlist;
typedef struct _scap_agent_info scap_agent_info;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the addresses of the machine; null if they are unknown.
 * `platform` is null or a valid platform.
 */
struct scap_addrlist *scap_get_ifaddr_list(struct scap_platform *platform);

/**
 * Reads the addresses of the machine again. On a failure the old ones stay, and the cause is logged.
 * `platform` is null or a valid platform.
 */
void scap_refresh_iflist(struct scap_platform *platform);

/**
 * Returns the users and groups of the machine; null if they are unknown.
 * `platform` is null or a valid platform.
 */
struct scap_userlist *scap_get_user_list(struct scap_platform *platform);

/**
 * Returns the machine; null if a capture does not have it.
 * `platform` is null or a valid platform.
 */
const struct _scap_machine_info *scap_get_machine_info(struct scap_platform *platform);

/**
 * Returns the program that captures; null if it is not this process.
 * `platform` is null or a valid platform.
 */
const struct _scap_agent_info *scap_get_agent_info(struct scap_platform *platform);

/**
 * Returns the device of a mount, as the process whose folder in /proc is `procdir` sees it; 0 if unknown.
 * `platform` is null or a valid platform; `procdir` is null or a string.
 */
uint32_t scap_get_device_by_mount_id(struct scap_platform *platform,
                                     const char *procdir,
                                     unsigned long requested_mount_id);

/**
 * Passes one thread to the callback and, if it is a main thread, the fds of its process, with sockets if `scan_sockets`.
 * `platform` is null or a valid platform.
 */
int32_t scap_proc_get(struct scap_platform *platform,
                      int64_t tid,
                      bool scan_sockets);

/**
 * Scans the system again and passes all threads and fds to the callbacks.
 * `platform` is null or a valid platform.
 */
int32_t scap_refresh_proc_table(struct scap_platform *platform);

/**
 * Returns whether a thread still lives and has this name; true if that cannot be found out.
 * `platform` is null or a valid platform; `comm` is null or a string.
 */
bool scap_is_thread_alive(struct scap_platform *platform, int64_t pid, int64_t tid, const char *comm);

/**
 * Writes the pid of this process in the host's pid namespace to `*pid`.
 * `platform` is null or a valid platform; `pid` is null or valid.
 */
int32_t scap_getpid_global(struct scap_platform *platform, int64_t *pid);

/**
 * Returns the CPU times of all threads, valid until the next call; null on an error, whose text goes to `error`
 * (`SCAP_LASTERR_SIZE` bytes, or null).
 * `platform` is null or a valid platform; `error` is null or has that size.
 */
struct ppm_proclist_info *scap_get_threadlist(struct scap_platform *platform, char *error);

/**
 * Passes all fds of the process `tinfo->pid` to the callback.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_get_fdlist(struct scap_platform *platform, struct scap_threadinfo *tinfo, char *error);

/**
 * Passes one fd of the process `tinfo->pid` to the callback.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_get_fdinfo(struct scap_platform *platform, struct scap_threadinfo *tinfo, int fd, char *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
