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

/*
 The addresses of the machine; null if they are not known.

 # Safety
 `platform` is null or a platform.
 */
struct scap_addrlist *scap_get_ifaddr_list(struct scap_platform *platform);

/*
 Reads the addresses of the machine anew. On a failure the old ones stay, and the cause is logged.

 # Safety
 `platform` is null or a platform.
 */
void scap_refresh_iflist(struct scap_platform *platform);

/*
 The users and groups of the machine; null if they are not known.

 # Safety
 `platform` is null or a platform.
 */
struct scap_userlist *scap_get_user_list(struct scap_platform *platform);

/*
 The machine; null if a capture does not tell.

 # Safety
 `platform` is null or a platform.
 */
const struct _scap_machine_info *scap_get_machine_info(struct scap_platform *platform);

/*
 The program that captures; null if it is not this one.

 # Safety
 `platform` is null or a platform.
 */
const struct _scap_agent_info *scap_get_agent_info(struct scap_platform *platform);

/*
 The device that holds a mount, as the process whose folder in /proc is `procdir` sees it; 0 where it is not known.

 # Safety
 `platform` is null or a platform; `procdir` is null or a string.
 */
uint32_t scap_get_device_by_mount_id(struct scap_platform *platform,
                                     const char *procdir,
                                     unsigned long requested_mount_id);

/*
 Tells the callback of one thread, and of the fds of its process if it is the main one; of its sockets if `scan_sockets`.

 # Safety
 `platform` is null or a platform.
 */
int32_t scap_proc_get(struct scap_platform *platform,
                      int64_t tid,
                      bool scan_sockets);

/*
 Tells the callbacks of all threads and fds anew.

 # Safety
 `platform` is null or a platform.
 */
int32_t scap_refresh_proc_table(struct scap_platform *platform);

/*
 Whether a thread still lives and has this name; true where that cannot be told.

 # Safety
 `platform` is null or a platform; `comm` is null or a string.
 */
bool scap_is_thread_alive(struct scap_platform *platform, int64_t pid, int64_t tid, const char *comm);

/*
 Writes the pid of this program, as the host counts, to `*pid`.

 # Safety
 `platform` is null or a platform; `pid` is null or valid.
 */
int32_t scap_getpid_global(struct scap_platform *platform, int64_t *pid);

/*
 The processor times of all threads, until the next call; null on an error, whose text goes to `error` (`SCAP_LASTERR_SIZE` bytes, or
 null).

 # Safety
 `platform` is null or a platform; `error` is null or has that size.
 */
struct ppm_proclist_info *scap_get_threadlist(struct scap_platform *platform,
                                              char *error);

/*
 Tells the callback of all fds of the process `tinfo->pid`.

 # Safety
 The pointers are null or valid; `error` has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_get_fdlist(struct scap_platform *platform, struct scap_threadinfo *tinfo, char *error);

/*
 Tells the callback of one fd of the process `tinfo->pid`.

 # Safety
 The pointers are null or valid; `error` has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_get_fdinfo(struct scap_platform *platform, struct scap_threadinfo *tinfo, int fd, char *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
