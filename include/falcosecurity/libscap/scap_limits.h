/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_limits.rs. Change it there, then run: ./dev headers */

#pragma once

/**
 * A path, without the NUL.
 */
#define SCAP_MAX_PATH_SIZE 1024

/**
 * The arguments of a process, without a last NUL.
 */
#define SCAP_MAX_ARGS_SIZE 4096

/**
 * The environment of a process, without a last NUL.
 */
#define SCAP_MAX_ENV_SIZE 4096

/**
 * The cgroups of a thread.
 */
#define SCAP_MAX_CGROUPS_SIZE 4096

/**
 * An IPv6 address.
 */
#define SCAP_IPV6_ADDR_LEN 16
