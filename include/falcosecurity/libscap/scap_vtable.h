/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_settings.rs, src/types/scap_vtable.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_open.h>

struct scap_stats;
struct metrics_v2;
struct scap_proclist;

/*
 `get_flags`: the kernel counts the run times of BPF programs.
 */
#define ENGINE_FLAG_BPF_STATS_ENABLED (1 << 0)

/*
 What is done to the set of system calls.
 */
typedef enum scap_ppm_sc_mask_op {
    /*
     One more is captured.
     */
    SCAP_PPM_SC_MASK_SET = 1,
    /*
     One less is captured.
     */
    SCAP_PPM_SC_MASK_UNSET = 2,
} scap_ppm_sc_mask_op;

/*
 What `configure` can change.
 */
typedef enum scap_setting {
    /*
     arg1: one event in how many (a power of 2, 128 at most); arg2: whether events are dropped at all.
     */
    SCAP_SAMPLING_RATIO,
    /*
     arg1: how many bytes of data an event carries, below 65536.
     */
    SCAP_SNAPLEN,
    /*
     arg1: a `scap_ppm_sc_mask_op`; arg2: the code of a system call.
     */
    SCAP_PPM_SC_MASK,
    /*
     arg1: whether the length of data follows the protocol.
     */
    SCAP_DYNAMIC_SNAPLEN,
    /*
     arg1 and arg2: the first and the last port whose data is captured whole.
     */
    SCAP_FULLCAPTURE_PORT_RANGE,
    /*
     arg1: the port of statsd.
     */
    SCAP_STATSD_PORT,
    /*
     arg1: whether system calls that failed are left out.
     */
    SCAP_DROP_FAILED,
} scap_setting;

/*
 A capture in progress.
 */
typedef struct scap scap_t;

/*
 An event, as it stands on the wire.
 */
typedef struct ppm_evt_hdr scap_evt;

/*
 What only engines that read files have to offer.
 */
typedef struct scap_savefile_vtable {
    /*
     Where the next read begins, in uncompressed bytes.
     */
    uint64_t (*ftell_capture)(scap_engine_handle engine);
    /*
     Goes to an offset that `ftell_capture` gave.
     */
    void (*fseek_capture)(scap_engine_handle engine, uint64_t off);
    /*
     Reads what stands before the events of a new section.
     */
    int32_t (*restart_capture)(struct scap *handle);
    /*
     How far the file is read, in bytes as they lie on the disk.
     */
    int64_t (*get_readfile_offset)(scap_engine_handle engine);
} scap_savefile_vtable;

/*
 An engine. Functions answer `SCAP_SUCCESS` or another `SCAP_*` code; every one may be null.
 */
typedef struct scap_vtable {
    /*
     Its name.
     */
    const char *name;
    /*
     What only engines that read files have; null for others.
     */
    const struct scap_savefile_vtable *savefile_ops;
    /*
     Makes the engine's object, or answers null. `lasterr_ptr` (`SCAP_LASTERR_SIZE` bytes) takes error texts for as long as the
     object lives.
     */
    void *(*alloc_handle)(scap_t *main_handle, char *lasterr_ptr);
    /*
     Opens the source.
     */
    int32_t (*init)(scap_t *main_handle, scap_open_args *open_args);
    /*
     `ENGINE_FLAG_*` bits.
     */
    uint64_t (*get_flags)(scap_engine_handle engine);
    /*
     Ends the engine's object.
     */
    void (*free_handle)(scap_engine_handle engine);
    /*
     Closes the source.
     */
    int32_t (*close)(scap_engine_handle engine);
    /*
     Goes to the next event. The event belongs to the engine and lives until the next call.
     */
    int32_t (*next)(scap_engine_handle engine, scap_evt **pevent, uint16_t *pdevid, uint32_t *pflags);
    /*
     Lets events through.
     */
    int32_t (*start_capture)(scap_engine_handle engine);
    /*
     Holds events back.
     */
    int32_t (*stop_capture)(scap_engine_handle engine);
    /*
     Changes a `scap_setting`.
     */
    int32_t (*configure)(scap_engine_handle engine, enum scap_setting setting, unsigned long arg1, unsigned long arg2);
    /*
     The counters so far.
     */
    int32_t (*get_stats)(scap_engine_handle engine, struct scap_stats *stats);
    /*
     The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which belongs to the engine and lives until the
     next call.
     */
    const struct metrics_v2 *(*get_stats_v2)(scap_engine_handle engine, uint32_t flags, uint32_t *nstats, int32_t *rc);
    /*
     How many events each CPU made: `ret` has room for as many numbers as there are possible CPUs.
     */
    int32_t (*get_n_tracepoint_hit)(scap_engine_handle engine, long *ret);
    /*
     How many devices, or rings, events come from.
     */
    uint32_t (*get_n_devs)(scap_engine_handle engine);
    /*
     The most bytes that ever waited in a ring.
     */
    uint64_t (*get_max_buf_used)(scap_engine_handle engine);
    /*
     The version of the driver's interface (`PPM_API_VERSION`).
     */
    uint64_t (*get_api_version)(scap_engine_handle engine);
    /*
     The version of the driver's event table (`PPM_API_VERSION`).
     */
    uint64_t (*get_schema_version)(scap_engine_handle engine);
} scap_vtable;
