/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_cgroup_set.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/scap_limits.h>

/**
 * Strings of the form `controller=path` one after the other, each ended by a NUL.
 */
typedef struct scap_cgroup_set {
    /**
     * How many bytes of `path` are in use.
     */
    int len;
    /**
     * The strings.
     */
    char path[SCAP_MAX_CGROUPS_SIZE];
} scap_cgroup_set;
