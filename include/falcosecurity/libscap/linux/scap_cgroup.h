/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_cgroup.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/scap_cgroup_set.h>
#include <libscap/scap_limits.h>
#include <libscap/scap_log.h>

/* For each string of a set; takes string.h. */
#define FOR_EACH_SUBSYS(cgset, subsys) \
    for(const char *subsys = (cgset)->path, *_end = (cgset)->path + (cgset)->len; subsys < _end; \
        subsys += strlen(subsys) + 1)

/*
 The cgroups of a host. It owns its cache, which `scap_cgroup_clear_cache` ends.
 */
typedef struct scap_cgroup_interface {
    /*
     The names of the controllers of version 1.
     */
    scap_cgroup_set m_subsystems_v1;
    /*
     The names of the controllers of version 2.
     */
    scap_cgroup_set m_subsystems_v2;
    /*
     Where the controllers of version 1 are mounted: `controller=path`.
     */
    scap_cgroup_set m_mounts_v1;
    /*
     Where version 2 is mounted; empty if it is not.
     */
    char m_mount_v2[SCAP_MAX_PATH_SIZE];
    /*
     Whether what was learnt is kept.
     */
    bool m_use_cache;
    /*
     What was learnt; may be null.
     */
    struct scap_cgroup_cache *m_cache;
    /*
     In a cgroup namespace, its root for each controller of version 1: `controller=path`.
     */
    scap_cgroup_set m_self_v1;
    /*
     In a cgroup namespace, its root for version 2.
     */
    char m_self_v2[SCAP_MAX_PATH_SIZE];
    /*
     Whether this program is in a cgroup namespace.
     */
    bool m_in_cgroupns;
    /*
     Where log messages go; may be null.
     */
    falcosecurity_log_fn m_log_fn;
} scap_cgroup_interface;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Finds out how the cgroups of the host whose root directory is `host_root` are mounted; `with_self_cg` also where this program's
 cgroup namespace begins, so that paths are told as the host knows them. What was learnt is kept. `error`
 (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.

 # Safety
 `cgi` is null or has room for the object, whatever it holds; `host_root` is null or a string.
 */
int32_t scap_cgroup_interface_init(struct scap_cgroup_interface *cgi,
                                   const char *host_root,
                                   char *error,
                                   bool with_self_cg);

/*
 Writes the cgroups of a thread to `*cg`: `controller=path` for each controller. `procdirname` is its folder in /proc, ended by
 a slash. A thread that has ended, or must not be looked at, has none.

 # Safety
 The pointers are null or valid; `cgi` was initialized; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_cgroup_get_thread(struct scap_cgroup_interface *cgi,
                               const char *procdirname,
                               scap_cgroup_set *cg,
                               char *error);

/*
 Where a controller is mounted, and in which version of cgroups; null and 0 if it is nowhere. The answer belongs to `cgi`.

 # Safety
 The pointers are null or valid; `cgi` was initialized.
 */
const char *scap_cgroup_get_subsys_mount(const struct scap_cgroup_interface *cgi,
                                         const char *subsys,
                                         int *version);

/*
 Keeps what is learnt from now on, until `scap_cgroup_clear_cache`.

 # Safety
 `cgi` is null or was initialized.
 */
void scap_cgroup_enable_cache(struct scap_cgroup_interface *cgi);

/*
 Forgets what was learnt, and keeps nothing any more.

 # Safety
 `cgi` is null or was initialized.
 */
void scap_cgroup_clear_cache(struct scap_cgroup_interface *cgi);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
