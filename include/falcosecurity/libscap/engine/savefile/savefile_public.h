/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/engine/savefile.rs, src/platform/alloc.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/scap_procs.h>

#define SAVEFILE_ENGINE "savefile"

struct scap_platform;

/**
 * The parameters of a capture file.
 */
typedef struct scap_savefile_engine_params {
    /**
     * If not 0, the file is read from this descriptor, which the engine then owns and closes, and `fname` is ignored.
     */
    int fd;
    /**
     * The file's name.
     */
    const char *fname;
    /**
     * Where in the file the capture starts, in uncompressed bytes.
     */
    uint64_t start_offset;
    /**
     * Ignored: the engine chooses the size of its read buffer.
     */
    uint32_t fbuffer_size;
    /**
     * Takes the threads, fds, users and interfaces of the capture; may be null, else it outlives the capture.
     */
    struct scap_platform *platform;
} scap_savefile_engine_params;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Allocates the platform of a capture file. It is passed to the engine in `scap_savefile_engine_params`, and the callbacks are
 * called while the capture is opened.
 */
struct scap_platform *scap_savefile_alloc_platform(scap_proc_callbacks proc_callbacks);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
