/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_savefile_types.rs, src/savefile/scap_savefile_api.rs, src/savefile/scap_savefile_lists.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/scap_const.h>

struct iovec;
struct scap_platform;
struct scap_threadinfo;
typedef struct ppm_evt_hdr scap_evt;

/*
 How a capture is compressed.
 */
typedef enum compression_mode {
    /*
     Not at all.
     */
    SCAP_COMPRESSION_NONE = 0,
    /*
     By gzip.
     */
    SCAP_COMPRESSION_GZIP = 1,
} compression_mode;

/*
 A capture that is being written. Made by one of the `open` functions, owned by the caller, ended by `scap_dump_close`.
 */
typedef struct scap_dumper scap_dumper_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Starts a capture in the file `fname` (`-`: the standard output), with what the platform knows of the system: the machine, its interfaces and users, and
 the processes, if the platform keeps them. Null on an error, whose text goes to `lasterr` (`SCAP_LASTERR_SIZE` bytes, or
 null).

 # Safety
 The pointers are null or valid.
 */
scap_dumper_t *scap_dump_open(struct scap_platform *platform,
                              const char *fname,
                              enum compression_mode compress,
                              char *lasterr);

/*
 The same on a file descriptor, which is the library's to close from then on, also on an error; without the processes if `skip_proc_scan`.

 # Safety
 The pointers are null or valid; `fd` is open, and nobody else closes it.
 */
scap_dumper_t *scap_dump_open_fd(struct scap_platform *platform,
                                 int fd,
                                 enum compression_mode compress,
                                 bool skip_proc_scan,
                                 char *lasterr);

/*
 The same in `targetbufsize` bytes of memory at `targetbuf`. A capture that does not fit is an error.

 # Safety
 The pointers are null or valid; the memory is not used by others before `scap_dump_close`, but for what lies before
 `scap_get_memorydumper_curpos`.
 */
scap_dumper_t *scap_memory_dump_open(struct scap_platform *platform,
                                     uint8_t *targetbuf,
                                     uint64_t targetbufsize,
                                     char *lasterr);

/*
 Where the next byte goes in memory, after everything was written there; null for a file, and on an error.

 # Safety
 `d` is null or a capture that is being written.
 */
uint8_t *scap_get_memorydumper_curpos(scap_dumper_t *d);

/*
 Ends a capture: what is left to be written is written.

 # Safety
 `d` is null or a capture that is being written, and is not used afterwards.
 */
void scap_dump_close(scap_dumper_t *d);

/*
 How large the file is so far, in bytes as they lie on the disk; -1 on an error.

 # Safety
 `d` is null or a capture that is being written.
 */
int64_t scap_dump_get_offset(scap_dumper_t *d);

/*
 How much was written, in uncompressed bytes; -1 on an error.

 # Safety
 `d` is null or a capture that is being written.
 */
int64_t scap_dump_ftell(scap_dumper_t *d);

/*
 Has everything reach the file, so that a reader finds it there.

 # Safety
 `d` is null or a capture that is being written.
 */
void scap_dump_flush(scap_dumper_t *d);

/*
 Writes an event with the device that it came from and its `scap_dump_flags`.

 # Safety
 `d` is null or a capture that is being written; `e` is null or an event.
 */
int32_t scap_dump(scap_dumper_t *d, scap_evt *e, uint16_t cpuid, uint32_t flags);

/*
 The text of the last error; lives as long as the capture.

 # Safety
 `handle` is null or a capture that is being written.
 */
const char *scap_dump_getlasterr(scap_dumper_t *handle);

/*
 A dumper that writes to memory of its own, which grows as it has to, and begins without a capture's header. Owned by the caller.
 */
scap_dumper_t *scap_managedbuf_dump_create(void);

/*
 Starts a process list, which is gathered before `scap_write_proclist_end` writes it to a capture. Owned by the caller until then.
 */
scap_dumper_t *scap_write_proclist_begin(void);

/*
 Adds a thread to the process list `d`: its numbers from `tinfo`, its texts from the other arguments, of which null is none.
 `args`, `envs` and `cgroups` are given in pieces, which are joined. Adds up to as many bytes as `len` says then.

 # Safety
 `d` is null or a process list; the others are null or valid, and each array has as many entries as the number after it says.
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

/*
 Writes the first `totlen` bytes of the process list `proclist_dumper`, whole entries, to the capture `d`, and frees the list, also on an
 error. Without any bytes nothing is written.

 # Safety
 `d` is null or a capture that is being written; `proclist_dumper` is null or a process list, and is not used afterwards.
 */
int scap_write_proclist_end(scap_dumper_t *d,
                            scap_dumper_t *proclist_dumper,
                            uint32_t totlen);

/*
 Writes the fds in the table `fdlist` of a thread to a capture, after the process list with this thread. Those of which nothing is
 known are left out.

 # Safety
 `d` is null or a capture that is being written; `tinfo` is null or a thread whose `fdlist` is null or a table of uthash.
 */
int32_t scap_write_proc_fds(scap_dumper_t *d,
                            struct scap_threadinfo *tinfo);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
