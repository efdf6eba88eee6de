/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/platform/scap_cgroup.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/scap_cgroup_set.h>
#include <libscap/scap_limits.h>
#include <libscap/scap_log.h>

/** Loops over the strings of a set; needs string.h. */
#define FOR_EACH_SUBSYS(cgset, subsys) \
    for(const char *subsys = (cgset)->path, *_end = (cgset)->path + (cgset)->len; subsys < _end; \
        subsys += strlen(subsys) + 1)

/**
 * The cgroups of a host. The object owns its cache, which `scap_cgroup_clear_cache` frees.
 */
typedef struct scap_cgroup_interface {
    /**
     * The names of the controllers of version 1.
     */
    scap_cgroup_set m_subsystems_v1;
    /**
     * The names of the controllers of version 2.
     */
    scap_cgroup_set m_subsystems_v2;
    /**
     * Where the controllers of version 1 are mounted: `controller=path`.
     */
    scap_cgroup_set m_mounts_v1;
    /**
     * Where version 2 is mounted; empty if it is not.
     */
    char m_mount_v2[SCAP_MAX_PATH_SIZE];
    /**
     * Whether the cache is used.
     */
    bool m_use_cache;
    /**
     * The cache; may be null.
     */
    struct scap_cgroup_cache *m_cache;
    /**
     * In a cgroup namespace, its root for each controller of version 1: `controller=path`.
     */
    scap_cgroup_set m_self_v1;
    /**
     * In a cgroup namespace, its root for version 2.
     */
    char m_self_v2[SCAP_MAX_PATH_SIZE];
    /**
     * Whether this program is in a cgroup namespace.
     */
    bool m_in_cgroupns;
    /**
     * Takes log messages; may be null.
     */
    falcosecurity_log_fn m_log_fn;
} scap_cgroup_interface;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Reads how the cgroups of the host whose root directory is `host_root` are mounted; with `with_self_cg` also the root of this
 * process's cgroup namespace, so that paths are those of the host. The cache is used. `error` (`SCAP_LASTERR_SIZE` bytes, or null)
 * takes the text of an error.
 * `cgi` is null or points to writable memory of its size, initialized or not; `host_root` is null or a string.
 */
int32_t scap_cgroup_interface_init(struct scap_cgroup_interface *cgi,
                                   const char *host_root,
                                   char *error,
                                   bool with_self_cg);

/**
 * Writes the cgroups of a thread to `*cg`: `controller=path` for each controller. `procdirname` is the thread's folder in /proc
 * with a slash at the end. The set is empty for a thread that has ended or may not be read.
 * The pointers are null or valid; `cgi` was initialized; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t scap_cgroup_get_thread(struct scap_cgroup_interface *cgi,
                               const char *procdirname,
                               scap_cgroup_set *cg,
                               char *error);

/**
 * Returns where a controller is mounted, in a text of `cgi`, and its cgroup version in `*version`; null and 0 if it is not.
 * The pointers are null or valid; `cgi` was initialized.
 */
const char *scap_cgroup_get_subsys_mount(const struct scap_cgroup_interface *cgi,
                                         const char *subsys,
                                         int *version);

/**
 * Empties the cache and uses it from then on.
 * `cgi` is null or was initialized.
 */
void scap_cgroup_enable_cache(struct scap_cgroup_interface *cgi);

/**
 * Frees the cache, and does not use it any more.
 * `cgi` is null or was initialized.
 */
void scap_cgroup_clear_cache(struct scap_cgroup_interface *cgi);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
