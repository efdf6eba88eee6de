/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/savefile_public.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/scap_procs.h>

#define SAVEFILE_ENGINE "savefile"

struct scap_platform;

/*
 What a capture file is opened with.
 */
typedef struct scap_savefile_engine_params {
    /*
     If not 0, the file is read from this descriptor, which the engine then owns, and `fname` is not looked at.
     */
    int fd;
    /*
     The file's name.
     */
    const char *fname;
    /*
     Where the capture starts in the file, in uncompressed bytes.
     */
    uint64_t start_offset;
    /*
     The size of the read buffer, in bytes; 0 for the usual one.
     */
    uint32_t fbuffer_size;
    /*
     Who is told of the threads, fds, users and interfaces of the capture; may be null.
     */
    struct scap_platform *platform;
} scap_savefile_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 The system that a capture file describes: it is handed to the engine in `scap_savefile_engine_params`, and the callbacks are
 called while the capture is opened.
 */
struct scap_platform *scap_savefile_alloc_platform(scap_proc_callbacks proc_callbacks);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
