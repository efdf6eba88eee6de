/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/enums.rs, src/types/engine.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>
#include <libscap/engine_handle.h>
#include <libscap/scap_open.h>

struct scap_stats;
struct metrics_v2;
struct scap_proclist;

/**
 * A bit of `get_flags`: the kernel measures the run time of BPF programs.
 */
#define ENGINE_FLAG_BPF_STATS_ENABLED (1 << 0)

/**
 * The operations of `SCAP_PPM_SC_MASK`.
 */
typedef enum scap_ppm_sc_mask_op {
    /**
     * Adds a system call to the captured ones.
     */
    SCAP_PPM_SC_MASK_SET = 1,
    /**
     * Removes a system call from the captured ones.
     */
    SCAP_PPM_SC_MASK_UNSET = 2,
} scap_ppm_sc_mask_op;

/**
 * The settings that `configure` changes.
 */
typedef enum scap_setting {
    /**
     * arg1: the sampling ratio N, a power of 2, at most 128; arg2: 0 ends the dropping mode, in which events that may be dropped
     * are captured in the first 1/N of every second only.
     */
    SCAP_SAMPLING_RATIO,
    /**
     * arg1: the snaplen, the number of bytes of data that an event carries at most; below 65536.
     */
    SCAP_SNAPLEN,
    /**
     * arg1: a `scap_ppm_sc_mask_op`; arg2: a `ppm_sc` code.
     */
    SCAP_PPM_SC_MASK,
    /**
     * arg1: whether the snaplen depends on the port and the first bytes of the data (dynamic snaplen).
     */
    SCAP_DYNAMIC_SNAPLEN,
    /**
     * arg1 and arg2: the first and the last port whose data has a snaplen of at least 16000 bytes; with dynamic snaplen only.
     */
    SCAP_FULLCAPTURE_PORT_RANGE,
    /**
     * arg1: the port of statsd, whose data has a snaplen of at least 2000 bytes; with dynamic snaplen only.
     */
    SCAP_STATSD_PORT,
    /**
     * arg1: whether the exit events of failed system calls are dropped.
     */
    SCAP_DROP_FAILED,
} scap_setting;

/**
 * An open capture.
 */
typedef struct scap scap_t;

/**
 * An event: the header, then the lengths and the values of its parameters.
 */
typedef struct ppm_evt_hdr scap_evt;

/**
 * Functions of engines that read files.
 */
typedef struct scap_savefile_vtable {
    /**
     * Returns where the next read begins, in uncompressed bytes.
     */
    uint64_t (*ftell_capture)(scap_engine_handle engine);
    /**
     * Goes to an offset that `ftell_capture` returned.
     */
    void (*fseek_capture)(scap_engine_handle engine, uint64_t off);
    /**
     * Reads the blocks before the events of a new section.
     */
    int32_t (*restart_capture)(struct scap *handle);
    /**
     * Returns how much of the file was read, in bytes as stored on disk.
     */
    int64_t (*get_readfile_offset)(scap_engine_handle engine);
} scap_savefile_vtable;

/**
 * An engine. Its functions return `SCAP_SUCCESS` or another `SCAP_*` code; any of them may be null.
 */
typedef struct scap_vtable {
    /**
     * Its name.
     */
    const char *name;
    /**
     * Functions of engines that read files; null for others.
     */
    const struct scap_savefile_vtable *savefile_ops;
    /**
     * Allocates the engine's object; null on an error. `lasterr_ptr` (`SCAP_LASTERR_SIZE` bytes) is the buffer for error texts and
     * stays valid until `free_handle`.
     */
    void *(*alloc_handle)(scap_t *main_handle, char *lasterr_ptr);
    /**
     * Opens the source.
     */
    int32_t (*init)(scap_t *main_handle, scap_open_args *open_args);
    /**
     * Returns `ENGINE_FLAG_*` bits.
     */
    uint64_t (*get_flags)(scap_engine_handle engine);
    /**
     * Frees the engine's object.
     */
    void (*free_handle)(scap_engine_handle engine);
    /**
     * Closes the source.
     */
    int32_t (*close)(scap_engine_handle engine);
    /**
     * Goes to the next event, which belongs to the engine and is valid until the next call.
     */
    int32_t (*next)(scap_engine_handle engine, scap_evt **pevent, uint16_t *pdevid, uint32_t *pflags);
    /**
     * Starts capturing events.
     */
    int32_t (*start_capture)(scap_engine_handle engine);
    /**
     * Stops capturing events, until `start_capture`.
     */
    int32_t (*stop_capture)(scap_engine_handle engine);
    /**
     * Changes a `scap_setting`.
     */
    int32_t (*configure)(scap_engine_handle engine, enum scap_setting setting, unsigned long arg1, unsigned long arg2);
    /**
     * Writes the counters so far to `*stats`.
     */
    int32_t (*get_stats)(scap_engine_handle engine, struct scap_stats *stats);
    /**
     * Returns an array of `*nstats` metrics of the `METRICS_V2_*` kinds in `flags`, which belongs to the engine and is valid until
     * the next call.
     */
    const struct metrics_v2 *(*get_stats_v2)(scap_engine_handle engine, uint32_t flags, uint32_t *nstats, int32_t *rc);
    /**
     * Writes how many events each CPU produced to `ret`, which has one entry for each possible CPU.
     */
    int32_t (*get_n_tracepoint_hit)(scap_engine_handle engine, long *ret);
    /**
     * Returns the number of devices (rings).
     */
    uint32_t (*get_n_devs)(scap_engine_handle engine);
    /**
     * Returns the largest number of bytes that waited in a ring.
     */
    uint64_t (*get_max_buf_used)(scap_engine_handle engine);
    /**
     * Returns the version of the driver's API (`PPM_API_VERSION`).
     */
    uint64_t (*get_api_version)(scap_engine_handle engine);
    /**
     * Returns the version of the driver's schema, its event table (`PPM_API_VERSION`).
     */
    uint64_t (*get_schema_version)(scap_engine_handle engine);
} scap_vtable;
