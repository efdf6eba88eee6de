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

/*
 Says where log messages go (`log_fn`, which may be null) and what rings there will be: how large in bytes, for how many CPUs
 each (0 for one ring for all), for online CPUs alone or for all possible ones. Answers 0 or -1.

 A probe that is open is closed. Threads and open files are fetched through BPF iterators where the kernel has them, unless
 `disable_iterators`.
 */
int pman_init_state(falcosecurity_log_fn log_fn,
                    unsigned long buf_bytes_dim,
                    uint16_t cpus_for_each_buffer,
                    bool allocate_online_only,
                    bool disable_iterators);

/*
 Closes the probe, and forgets what `pman_init_state` was told.
 */
void pman_clear_state(void);

/*
 How many rings there are, or will be; 0 before `pman_init_state`.
 */
int pman_get_required_buffers(void);

/*
 Whether this kernel can run the probe, as far as that can be told without loading it.
 */
bool pman_check_support(void);

/*
 Reads the probe.
 */
int pman_open_probe(void);

/*
 Selects the programs that this kernel can run: the probe has none that it could do without.
 */
int pman_prepare_progs_before_loading(void);

/*
 Loads programs and maps into the kernel.
 */
int pman_load_probe(void);

/*
 Detaches the probe's programs and unloads them. Events and metrics that were handed out are gone.
 */
void pman_close_probe(void);

/*
 Attaches the program that is called at every exit from a system call, unless it is attached.
 */
int pman_attach_syscall_exit_dispatcher(void);

/*
 Detaches the program that is called at every exit from a system call, if it is attached.
 */
int pman_detach_syscall_exit_dispatcher(void);

/*
 Attaches the program that is called when a thread ends, unless it is attached.
 */
int pman_attach_sched_proc_exit(void);

/*
 Detaches the program that is called when a thread ends, if it is attached.
 */
int pman_detach_sched_proc_exit(void);

/*
 Attaches the program that is called when a CPU goes on with another thread, unless it is attached.
 */
int pman_attach_sched_switch(void);

/*
 Detaches the program that is called when a CPU goes on with another thread, if it is attached.
 */
int pman_detach_sched_switch(void);

/*
 Attaches the program that is called when a thread executes another program, unless it is attached.
 */
int pman_attach_sched_proc_exec(void);

/*
 Detaches the program that is called when a thread executes another program, if it is attached.
 */
int pman_detach_sched_proc_exec(void);

/*
 Attaches the program that is called when a thread is made, where the probe needs one for it, unless it is attached.
 */
int pman_attach_sched_proc_fork(void);

/*
 Detaches the program that is called when a thread is made, where the probe needs one for it, if it is attached.
 */
int pman_detach_sched_proc_fork(void);

/*
 Attaches the program that is called at page faults of programs, unless it is attached.
 */
int pman_attach_page_fault_user(void);

/*
 Detaches the program that is called at page faults of programs, if it is attached.
 */
int pman_detach_page_fault_user(void);

/*
 Attaches the program that is called at page faults of the kernel, unless it is attached.
 */
int pman_attach_page_fault_kernel(void);

/*
 Detaches the program that is called at page faults of the kernel, if it is attached.
 */
int pman_detach_page_fault_kernel(void);

/*
 Attaches the program that is called when a signal reaches a thread, unless it is attached.
 */
int pman_attach_signal_deliver(void);

/*
 Detaches the program that is called when a signal reaches a thread, if it is attached.
 */
int pman_detach_signal_deliver(void);

/*
 Attaches the programs that read what `connect` is given when it starts, before its caller can change it.
 */
int pman_attach_connect_toctou_mitigation_progs(void);

/*
 Detaches these programs, if they are attached.
 */
int pman_detach_connect_toctou_mitigation_progs(void);

/*
 Attaches the programs that read what `creat` is given when it starts, before its caller can change it.
 */
int pman_attach_creat_toctou_mitigation_progs(void);

/*
 Detaches these programs, if they are attached.
 */
int pman_detach_creat_toctou_mitigation_progs(void);

/*
 Attaches the programs that read what `open` is given when it starts, before its caller can change it.
 */
int pman_attach_open_toctou_mitigation_progs(void);

/*
 Detaches these programs, if they are attached.
 */
int pman_detach_open_toctou_mitigation_progs(void);

/*
 Attaches the programs that read what `openat` is given when it starts, before its caller can change it.
 */
int pman_attach_openat_toctou_mitigation_progs(void);

/*
 Detaches these programs, if they are attached.
 */
int pman_detach_openat_toctou_mitigation_progs(void);

/*
 Attaches the programs that read what `openat2` is given when it starts, before its caller can change it.
 */
int pman_attach_openat2_toctou_mitigation_progs(void);

/*
 Detaches these programs, if they are attached.
 */
int pman_detach_openat2_toctou_mitigation_progs(void);

/*
 Says how many rings there will be, and how large.
 */
int pman_prepare_ringbuf_array_before_loading(void);

/*
 Makes the rings, and gives each CPU its own.
 */
int pman_finalize_ringbuf_array_after_loading(void);

/*
 Goes to the oldest event of all rings: its place to `*event_ptr` and the number of its ring to `*buffer_id`, or null and -1 if
 there is none. It does not wait. The event lives until the next call. Events of the last millisecond are not handed out
 yet, as an older one may still come up.

 # Safety
 The pointers are null or valid.
 */
void pman_consume_first_event(void **event_ptr,
                              int16_t *buffer_id);

/*
 Captures the system calls and tracepoints for which `sc_set`, an array of `PPM_SC_MAX`, says so, and no others: none if it
 is null. Attaches and detaches what that takes.

 # Safety
 `sc_set` is null or such an array.
 */
int pman_enforce_sc_set(bool *sc_set);

/*
 The counters so far.

 # Safety
 `scap_stats_struct` is null or valid.
 */
int pman_get_scap_stats(scap_stats *scap_stats_struct);

/*
 The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which lives until the next call. `*rc` is
 `SCAP_SUCCESS` or `SCAP_FAILURE`.

 # Safety
 `nstats` and `rc` are null or valid.
 */
metrics_v2 *pman_get_metrics_v2(uint32_t flags, uint32_t *nstats, int32_t *rc);

/*
 How many events each CPU made: `n_events_per_cpu` has room for as many numbers as there are possible CPUs.

 # Safety
 `n_events_per_cpu` is null or has that room.
 */
int pman_get_n_tracepoint_hit(long *n_events_per_cpu);

/*
 How many bytes of data an event carries at most: 65535 at the highest.
 */
void pman_set_snaplen(uint32_t desired_snaplen);

/*
 When the machine was booted, in nanoseconds since the epoch. That is found out when the probe is loaded.
 */
void pman_set_boot_time(uint64_t boot_time);

/*
 Whether events are left out that matter least, and all others in parts of every second.
 */
void pman_set_dropping_mode(bool value);

/*
 In dropping mode, events are taken in one of this many parts of every second.
 */
void pman_set_sampling_ratio(uint32_t value);

/*
 Whether system calls that failed are left out.
 */
void pman_set_drop_failed(bool drop_failed);

/*
 Whether the length of data follows the protocol.
 */
void pman_set_do_dynamic_snaplen(bool do_dynamic_snaplen);

/*
 The ports whose data is captured whole, from the first to the last.
 */
void pman_set_fullcapture_port_range(uint16_t range_start, uint16_t range_end);

/*
 The port of statsd, whose data is captured whole.
 */
void pman_set_statsd_port(uint16_t statsd_port);

/*
 The process that reads the events. That is found out when the probe is loaded.
 */
void pman_set_scap_tid(int32_t scap_tid);

/*
 The version of the probe's interface (`PPM_API_VERSION`); 0 before the probe is open.
 */
uint64_t pman_get_probe_api_ver(void);

/*
 The version of the probe's event table (`PPM_API_VERSION`); 0 before the probe is open.
 */
uint64_t pman_get_probe_schema_ver(void);

/*
 Tells programs that make an event in several parts which program makes the next part: each program of this probe makes the
 whole of its event.
 */
int pman_fill_syscall_exit_extra_tail_table(void);

/*
 Tells the program that is called at exits from system calls which program makes the events of which call. That is a part of
 `pman_finalize_maps_after_loading`.
 */
int pman_fill_syscalls_tail_table(void);

/*
 Says how large the maps will be.
 */
int pman_prepare_maps_before_loading(void);

/*
 Fills the maps and sets what is usual: a snaplen of 80, nothing dropped, no system call selected.
 */
int pman_finalize_maps_after_loading(void);

/*
 Lets the events of the system call with the number `syscall_id` of this machine through, or not. It attaches nothing.
 */
int pman_mark_single_64bit_syscall(int syscall_id, bool interesting);

/*
 Tells of one thread, which `tinfo` is filled with if it is not null. `SCAP_NOTFOUND` if there is none, or the callback does not
 take it.

 # Safety
 The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_task(const struct scap_fetch_callbacks *callbacks,
                             uint32_t tid,
                             scap_threadinfo *tinfo,
                             char *error);

/*
 Tells of all threads.

 # Safety
 The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_tasks(const struct scap_fetch_callbacks *callbacks, char *error);

/*
 Tells of one open file of a process.

 # Safety
 The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_proc_file(const struct scap_fetch_callbacks *callbacks, uint32_t pid, uint32_t fd, char *error);

/*
 Tells of the open files of a process, its sockets included if `must_fetch_sockets`; how many the callback took goes to
 `*num_files_fetched`, which may be null.

 # Safety
 The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_proc_files(const struct scap_fetch_callbacks *callbacks,
                                   uint32_t pid,
                                   bool must_fetch_sockets,
                                   uint64_t *num_files_fetched,
                                   char *error);

/*
 Tells of the open files of all processes.

 # Safety
 The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
 */
int32_t pman_iter_fetch_procs_files(const struct scap_fetch_callbacks *callbacks, char *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
