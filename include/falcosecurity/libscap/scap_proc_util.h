/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_proc_util.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>

struct scap_linux_platform;
struct scap_proclist;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Passes the thread `tid` below the directory `procdirname` to the callback of a list and, if it is a main thread, the fds of its process,
 * with sockets if `scan_sockets`. With the list of the platform (`m_proclist`) they go where its scans pass them, which is the state of the
 * inspector that owns it.
 * The pointers are null or valid; `procdirname` is a string, `error` has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_proc_read_thread(struct scap_linux_platform *linux_platform,
                              struct scap_proclist *proclist,
                              char *procdirname,
                              uint64_t tid,
                              char *error,
                              bool scan_sockets);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
