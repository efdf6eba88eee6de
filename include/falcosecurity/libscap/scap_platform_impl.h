/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from capi/scap/src/types/scap_platform_impl.rs. Change it there, then run: ./dev headers */

#pragma once

#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap_procs.h>

/*
 The first members of every platform. The library allocates platforms: more members may follow.
 */
typedef struct scap_platform {
    /*
     What a program's own engine may set.
     */
    struct scap_linux_platform m_linux;
    /*
     The callbacks of the platform. `scap_proc_read_thread` with this list passes a thread to where the platform's scans do.
     */
    struct scap_proclist m_proclist;
} scap_platform;
