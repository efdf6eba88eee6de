/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/pman/libpman.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <libscap/scap_log.h>
#include <libscap/scap.h>

struct scap_fetch_callbacks;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Sets the log function (`log_fn`, which may be null) and the layout of the rings: the size of each in bytes, how many CPUs share
 * one (0: one ring for all), and whether only online CPUs get rings, or all possible ones. Returns 0 or -1.
 *
 * Closes an open probe. Threads and open files are fetched through BPF iterators if the kernel has them, unless
 * `disable_iterators`.
 */
int pman_init_state(falcosecurity_log_fn log_fn,
                    unsigned long buf_bytes_dim,
                    uint16_t cpus_for_each_buffer,
                    bool allocate_online_only,
                    bool disable_iterators);

/**
 * Closes the probe, and clears what `pman_init_state` set.
 */
void pman_clear_state(void);

/**
 * Returns how many rings there are, or will be; 0 before `pman_init_state`.
 */
int pman_get_required_buffers(void);

/**
 * Returns whether this kernel can run the probe, as far as that can be checked without loading it.
 */
bool pman_check_support(void);

/**
 * Opens the probe, which is part of the library, without loading it.
 */
int pman_open_probe(void);

/**
 * Checks that the probe is open and not loaded. It selects no programs, because this probe needs all of its own.
 */
int pman_prepare_progs_before_loading(void);

/**
 * Loads programs and maps into the kernel.
 */
int pman_load_probe(void);

/**
 * Detaches and unloads the probe's programs. Events and metrics that were returned are no longer valid.
 */
void pman_close_probe(void);

/**
 * Attaches the program that is called at every exit from a system call, unless it is attached.
 */
int pman_attach_syscall_exit_dispatcher(void);

/**
 * Detaches the program that is called at every exit from a system call, if it is attached.
 */
int pman_detach_syscall_exit_dispatcher(void);

/**
 * Attaches the program that is called when a thread ends, unless it is attached.
 */
int pman_attach_sched_proc_exit(void);

/**
 * Detaches the program that is called when a thread ends, if it is attached.
 */
int pman_detach_sched_proc_exit(void);

/**
 * Attaches the program that is called when a CPU switches to another thread, unless it is attached.
 */
int pman_attach_sched_switch(void);

/**
 * Detaches the program that is called when a CPU switches to another thread, if it is attached.
 */
int pman_detach_sched_switch(void);

/**
 * Attaches the program that is called when a thread executes another program, unless it is attached.
 */
int pman_attach_sched_proc_exec(void);

/**
 * Detaches the program that is called when a thread executes another program, if it is attached.
 */
int pman_detach_sched_proc_exec(void);

/**
 * Attaches the program that is called when a thread is created, if the probe needs one, unless it is attached.
 */
int pman_attach_sched_proc_fork(void);

/**
 * Detaches the program that is called when a thread is created, if the probe needs one and it is attached.
 */
int pman_detach_sched_proc_fork(void);

/**
 * Attaches the program that is called at page faults in user space, unless it is attached.
 */
int pman_attach_page_fault_user(void);

/**
 * Detaches the program that is called at page faults in user space, if it is attached.
 */
int pman_detach_page_fault_user(void);

/**
 * Attaches the program that is called at page faults in the kernel, unless it is attached.
 */
int pman_attach_page_fault_kernel(void);

/**
 * Detaches the program that is called at page faults in the kernel, if it is attached.
 */
int pman_detach_page_fault_kernel(void);

/**
 * Attaches the program that is called when a signal is delivered to a thread, unless it is attached.
 */
int pman_attach_signal_deliver(void);

/**
 * Detaches the program that is called when a signal is delivered to a thread, if it is attached.
 */
int pman_detach_signal_deliver(void);

/**
 * Attaches the programs that read the arguments of `connect` at its start, before the caller can change them.
 */
int pman_attach_connect_toctou_mitigation_progs(void);

/**
 * Detaches these programs, if they are attached.
 */
int pman_detach_connect_toctou_mitigation_progs(void);

/**
 * Attaches the programs that read the arguments of `creat` at its start, before the caller can change them.
 */
int pman_attach_creat_toctou_mitigation_progs(void);

/**
 * Detaches these programs, if they are attached.
 */
int pman_detach_creat_toctou_mitigation_progs(void);

/**
 * Attaches the programs that read the arguments of `open` at its start, before the caller can change them.
 */
int pman_attach_open_toctou_mitigation_progs(void);

/**
 * Detaches these programs, if they are attached.
 */
int pman_detach_open_toctou_mitigation_progs(void);

/**
 * Attaches the programs that read the arguments of `openat` at its start, before the caller can change them.
 */
int pman_attach_openat_toctou_mitigation_progs(void);

/**
 * Detaches these programs, if they are attached.
 */
int pman_detach_openat_toctou_mitigation_progs(void);

/**
 * Attaches the programs that read the arguments of `openat2` at its start, before the caller can change them.
 */
int pman_attach_openat2_toctou_mitigation_progs(void);

/**
 * Detaches these programs, if they are attached.
 */
int pman_detach_openat2_toctou_mitigation_progs(void);

/**
 * Sets the number and the size of the rings, before `pman_load_probe`.
 */
int pman_prepare_ringbuf_array_before_loading(void);

/**
 * Creates the rings and gives each CPU its own.
 */
int pman_finalize_ringbuf_array_after_loading(void);

/**
 * Writes the oldest event of all rings to `*event_ptr` and the number of its ring to `*buffer_id`, or null and -1 if there is
 * none. It does not wait. The event is valid until the next call. Events of the last millisecond are held back, because an older
 * one may still arrive.
 * The pointers are null or valid.
 */
void pman_consume_first_event(void **event_ptr,
                              int16_t *buffer_id);

/**
 * Captures the system calls and tracepoints whose entry in `sc_set`, an array of `PPM_SC_MAX`, is true, and no others; none if it
 * is null. Attaches and detaches the programs for them. Returns `SCAP_FAILURE` if the probe is not ready.
 * `sc_set` is null or such an array.
 */
int pman_enforce_sc_set(bool *sc_set);

/**
 * Writes the counters so far to `*scap_stats_struct`.
 * `scap_stats_struct` is null or valid.
 */
int pman_get_scap_stats(scap_stats *scap_stats_struct);

/**
 * Returns an array of `*nstats` metrics of the `METRICS_V2_*` kinds in `flags`, valid until the next call. `*rc` is `SCAP_SUCCESS`
 * or `SCAP_FAILURE`.
 * `nstats` and `rc` are null or valid.
 */
metrics_v2 *pman_get_metrics_v2(uint32_t flags,
                                uint32_t *nstats,
                                int32_t *rc);

/**
 * Writes how many events each CPU produced to `n_events_per_cpu`, which has one entry for each possible CPU.
 * `n_events_per_cpu` is null or has that room.
 */
int pman_get_n_tracepoint_hit(long *n_events_per_cpu);

/**
 * Sets the snaplen, the number of bytes of data that an event carries at most: up to 65535.
 */
void pman_set_snaplen(uint32_t desired_snaplen);

/**
 * Sets the machine's boot time, in nanoseconds since the epoch. Loading the probe sets it too.
 */
void pman_set_boot_time(uint64_t boot_time);

/**
 * Turns the dropping mode on or off: in it, system calls marked `UF_NEVER_DROP` are always captured, `UF_ALWAYS_DROP` never, all
 * others in a part of every second.
 */
void pman_set_dropping_mode(bool value);

/**
 * Sets the sampling ratio N: in dropping mode, events that may be dropped are captured in the first 1/N of every second.
 */
void pman_set_sampling_ratio(uint32_t value);

/**
 * Sets whether the exit events of failed system calls are dropped.
 */
void pman_set_drop_failed(bool drop_failed);

/**
 * Sets whether the snaplen depends on the port and the first bytes of the data (dynamic snaplen).
 */
void pman_set_do_dynamic_snaplen(bool do_dynamic_snaplen);

/**
 * Gives the data of ports from `range_start` to `range_end` a snaplen of at least 16000 bytes, with dynamic snaplen only; a
 * `range_end` of 0 ends that.
 */
void pman_set_fullcapture_port_range(uint16_t range_start,
                                     uint16_t range_end);

/**
 * Sets the port of statsd: data to or from this port of a peer has a snaplen of at least 2000 bytes, with dynamic snaplen only. 0 ends that.
 */
void pman_set_statsd_port(uint16_t statsd_port);

/**
 * Sets the pid of the process that reads the events. Loading the probe sets it too.
 */
void pman_set_scap_tid(int32_t scap_tid);

/**
 * Returns the version of the probe's API (`PPM_API_VERSION`); 0 before the probe is open.
 */
uint64_t pman_get_probe_api_ver(void);

/**
 * Returns the version of the probe's schema, its event table (`PPM_API_VERSION`); 0 before the probe is open.
 */
uint64_t pman_get_probe_schema_ver(void);

/**
 * Checks that the probe is loaded. It fills no table, because each program of this probe produces its event alone.
 */
int pman_fill_syscall_exit_extra_tail_table(void);

/**
 * Fills the table of the programs that produce the events of each system call. `pman_finalize_maps_after_loading` does that too.
 */
int pman_fill_syscalls_tail_table(void);

/**
 * Sets the sizes of the maps, before `pman_load_probe`.
 */
int pman_prepare_maps_before_loading(void);

/**
 * Fills the maps and sets the defaults: a snaplen of 80 bytes, nothing dropped, no system call selected.
 */
int pman_finalize_maps_after_loading(void);

/**
 * Captures the events of the system call with the native number `syscall_id`, or not. It attaches nothing.
 */
int pman_mark_single_64bit_syscall(int syscall_id, bool interesting);

/**
 * Fetches one thread, into `tinfo` too if it is not null. `SCAP_NOTFOUND` if there is none or the callback refuses it.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_task(const struct scap_fetch_callbacks *callbacks,
                             uint32_t tid,
                             scap_threadinfo *tinfo,
                             char *error);

/**
 * Fetches all threads.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_tasks(const struct scap_fetch_callbacks *callbacks, char *error);

/**
 * Fetches one open file of a process.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_proc_file(const struct scap_fetch_callbacks *callbacks, uint32_t pid, uint32_t fd, char *error);

/**
 * Fetches the open files of a process, with its sockets if `must_fetch_sockets`. `*num_files_fetched`, which may be null, takes
 * how many the callback accepted.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_proc_files(const struct scap_fetch_callbacks *callbacks,
                                   uint32_t pid,
                                   bool must_fetch_sockets,
                                   uint64_t *num_files_fetched,
                                   char *error);

/**
 * Fetches the open files of all processes.
 * The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_procs_files(const struct scap_fetch_callbacks *callbacks, char *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
