/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/enums.rs, src/savefile/scap_savefile_api.rs, src/savefile/scap_savefile_lists.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/scap_const.h>

struct iovec;
struct scap_platform;
struct scap_threadinfo;
typedef struct ppm_evt_hdr scap_evt;

/**
 * How a capture file is compressed.
 */
typedef enum compression_mode {
    /**
     * Not at all.
     */
    SCAP_COMPRESSION_NONE = 0,
    /**
     * By gzip.
     */
    SCAP_COMPRESSION_GZIP = 1,
} compression_mode;

/**
 * A capture that is being written. One of the `open` functions makes it; the caller owns it and ends it with `scap_dump_close`.
 */
typedef struct scap_dumper scap_dumper_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Starts a capture in the file `fname` (`-`: standard output) with the data of the platform: the machine, its interfaces and
 * users, and its threads and fds, if the platform keeps them. Returns null on an error, whose text goes to `lasterr`
 * (`SCAP_LASTERR_SIZE` bytes, or null).
 * The pointers are null or valid.
 */
scap_dumper_t *scap_dump_open(struct scap_platform *platform,
                              const char *fname,
                              enum compression_mode compress,
                              char *lasterr);

/**
 * The same on a descriptor, which the library owns and closes, also on an error; `skip_proc_scan` omits threads and fds.
 * The pointers are null or valid; `fd` is open, and nothing else closes it.
 */
scap_dumper_t *scap_dump_open_fd(struct scap_platform *platform,
                                 int fd,
                                 enum compression_mode compress,
                                 bool skip_proc_scan,
                                 char *lasterr);

/**
 * The same, uncompressed, in `targetbufsize` bytes of memory at `targetbuf`. Writing more is an error.
 * The pointers are null or valid; until `scap_dump_close` others may use the memory only before `scap_get_memorydumper_curpos`.
 */
scap_dumper_t *scap_memory_dump_open(struct scap_platform *platform,
                                     uint8_t *targetbuf,
                                     uint64_t targetbufsize,
                                     char *lasterr);

/**
 * Where the next byte goes in memory, also if the last event did not fit; null for a file.
 * `d` is null or a capture that is being written.
 */
uint8_t *scap_get_memorydumper_curpos(scap_dumper_t *d);

/**
 * Writes what is buffered and frees the capture. It reports no error: `scap_dump_flush` before does.
 * `d` is null or a capture that is being written, and is not used afterwards.
 */
void scap_dump_close(scap_dumper_t *d);

/**
 * How far into the file the capture goes so far, in bytes as they lie on the disk, without what is still gathered; -1 for null.
 * `d` is null or a capture that is being written.
 */
int64_t scap_dump_get_offset(scap_dumper_t *d);

/**
 * How much was written, in uncompressed bytes, with what is still gathered; -1 for null.
 * `d` is null or a capture that is being written.
 */
int64_t scap_dump_ftell(scap_dumper_t *d);

/**
 * Has everything reach the file, so that a reader finds it there. That it does not, `scap_dump_getlasterr` says, and the next `scap_dump`.
 * `d` is null or a capture that is being written.
 */
void scap_dump_flush(scap_dumper_t *d);

/**
 * Writes an event with the device that it came from and its `scap_dump_flags`.
 * `d` is null or a capture that is being written; `e` is null or a complete event.
 */
int32_t scap_dump(scap_dumper_t *d, scap_evt *e, uint16_t cpuid, uint32_t flags);

/**
 * Returns the text of the last error; the buffer lives as long as the capture.
 * `handle` is null or a capture that is being written.
 */
const char *scap_dump_getlasterr(scap_dumper_t *handle);

/**
 * Makes a dumper that writes to memory of the library, which grows, and starts without a capture's header. The caller owns it.
 */
scap_dumper_t *scap_managedbuf_dump_create(void);

/**
 * Starts a process list, which `scap_write_proclist_end` writes to a capture. The caller owns it until then.
 */
scap_dumper_t *scap_write_proclist_begin(void);

/**
 * Adds a thread to the process list `d`: its numbers from `tinfo`, its texts from the other arguments, where null is empty.
 * `args`, `envs` and `cgroups` are arrays of pieces, which are joined. `*len` takes the size of the entry in bytes.
 * `d` is null or a process list; the others are null or valid, and each array has as many entries as the number after it says.
 */
int32_t scap_write_proclist_entry_bufs(scap_dumper_t *d,
                                       struct scap_threadinfo *tinfo,
                                       uint32_t *len,
                                       const char *comm,
                                       const char *exe,
                                       const char *exepath,
                                       const struct iovec *args,
                                       int argscnt,
                                       const struct iovec *envs,
                                       int envscnt,
                                       const char *cwd,
                                       const struct iovec *cgroups,
                                       int cgroupscnt,
                                       const char *root);

/**
 * Writes the first `totlen` bytes of the process list `proclist_dumper`, which must be complete entries, to the capture `d`, and
 * frees the list, also on an error. For 0 bytes nothing is written.
 * `d` is null or a capture that is being written; `proclist_dumper` is null or a process list, and is not used afterwards.
 */
int scap_write_proclist_end(scap_dumper_t *d,
                            scap_dumper_t *proclist_dumper,
                            uint32_t totlen);

/**
 * Writes the fds in the table `fdlist` of a thread to a capture, after the process list with this thread. Fds of unknown type are
 * left out.
 * `d` is null or a capture that is being written; `tinfo` is null or a thread whose `fdlist` is null or a table of uthash.
 */
int32_t scap_write_proc_fds(scap_dumper_t *d,
                            struct scap_threadinfo *tinfo);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
