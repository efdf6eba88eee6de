//! The BPF probe in single steps: loading it, attaching its programs, reading its rings, changing its settings.
//!
//! A process has one such probe, on which all of these functions work; captures of `scap_open` have their own. The order of calls is:
//! `pman_init_state`, `pman_open_probe`, the three `pman_prepare_*`, `pman_load_probe`, the two `pman_finalize_*`, then all others, and
//! `pman_close_probe` at the end.
//!
//! Functions that return an int return 0, or the `errno` of the failure, or -1 without one; `EBUSY` while another thread, or the function
//! that is calling back, uses the probe. The cause goes to the log function of `pman_init_state`, or without one to standard error.

use crate::engine::fetch;
use crate::pman::probe::{self, DISPATCHER, System};
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::{scap_stats, scap_threadinfo};
use crate::types::scap_const::SCAP_FAILURE;
use crate::types::scap_linux_platform::scap_fetch_callbacks;
use crate::types::scap_log::falcosecurity_log_fn;
use scap_sys::Error;
use scap_sys::engine::bpf::{BpfOptions, Loader};
use scap_sys::engine::{Engine, Setting};
use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};

/// Sets the log function (`log_fn`, which may be null) and the layout of the rings: the size of each in bytes, how many CPUs share
/// one (0: one ring for all), and whether only online CPUs get rings, or all possible ones. Returns 0 or -1.
///
/// Closes an open probe. Threads and open files are fetched through BPF iterators if the kernel has them, unless
/// `disable_iterators`.
#[unsafe(no_mangle)]
pub extern "C" fn pman_init_state(
    log_fn: falcosecurity_log_fn,
    buf_bytes_dim: c_ulong,
    cpus_for_each_buffer: u16,
    allocate_online_only: bool,
    disable_iterators: bool,
) -> c_int {
    let options = BpfOptions {
        buffer_bytes: usize::try_from(buf_bytes_dim).unwrap_or(usize::MAX),
        cpus_per_buffer: cpus_for_each_buffer,
        online_cpus_only: allocate_online_only,
        interesting: Some(Vec::new()),
    };
    probe::set_log(log_fn);
    match probe::call(|state| state.configure(options, !disable_iterators)) {
        0 => 0,
        _ => -1,
    }
}

/// Closes the probe, and clears what `pman_init_state` set.
#[unsafe(no_mangle)]
pub extern "C" fn pman_clear_state() {
    probe::call(|state| {
        state.clear();
        Ok(())
    });
    probe::set_log(None);
}

/// Returns how many rings there are, or will be; 0 before `pman_init_state`.
#[unsafe(no_mangle)]
pub extern "C" fn pman_get_required_buffers() -> c_int {
    probe::read(0, |state| state.rings() as c_int)
}

/// Returns whether this kernel can run the probe, as far as that can be checked without loading it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_check_support() -> bool {
    probe::call(|_| scap_sys::engine::bpf::check_support()) == 0
}

/// Opens the probe, which is part of the library, without loading it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_open_probe() -> c_int {
    probe::call(|state| state.open())
}

/// Checks that the probe is open and not loaded. It selects no programs, because this probe needs all of its own.
#[unsafe(no_mangle)]
pub extern "C" fn pman_prepare_progs_before_loading() -> c_int {
    probe::call(|state| state.loader().map(|_| ()))
}

/// Loads programs and maps into the kernel.
#[unsafe(no_mangle)]
pub extern "C" fn pman_load_probe() -> c_int {
    probe::call(|state| state.loader()?.load())
}

/// Detaches and unloads the probe's programs. Events and metrics that were returned are no longer valid.
#[unsafe(no_mangle)]
pub extern "C" fn pman_close_probe() {
    probe::call(|state| {
        state.close();
        Ok(())
    });
}

/// Attaches the program that is called at every exit from a system call, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_syscall_exit_dispatcher() -> c_int {
    probe::attach(DISPATCHER)
}

/// Detaches the program that is called at every exit from a system call, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_syscall_exit_dispatcher() -> c_int {
    probe::detach(DISPATCHER)
}

/// Attaches the program that is called when a thread ends, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_sched_proc_exit() -> c_int {
    probe::attach("sched_process_exit")
}

/// Detaches the program that is called when a thread ends, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_sched_proc_exit() -> c_int {
    probe::detach("sched_process_exit")
}

/// Attaches the program that is called when a CPU switches to another thread, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_sched_switch() -> c_int {
    probe::attach("sched_switch")
}

/// Detaches the program that is called when a CPU switches to another thread, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_sched_switch() -> c_int {
    probe::detach("sched_switch")
}

/// Attaches the program that is called when a thread executes another program, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_sched_proc_exec() -> c_int {
    probe::attach("sched_process_exec")
}

/// Detaches the program that is called when a thread executes another program, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_sched_proc_exec() -> c_int {
    probe::detach("sched_process_exec")
}

/// Attaches the program that is called when a thread is created, if the probe needs one, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_sched_proc_fork() -> c_int {
    probe::attach("sched_process_fork")
}

/// Detaches the program that is called when a thread is created, if the probe needs one and it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_sched_proc_fork() -> c_int {
    probe::detach("sched_process_fork")
}

/// Attaches the program that is called at page faults in user space, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_page_fault_user() -> c_int {
    probe::attach("page_fault_user")
}

/// Detaches the program that is called at page faults in user space, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_page_fault_user() -> c_int {
    probe::detach("page_fault_user")
}

/// Attaches the program that is called at page faults in the kernel, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_page_fault_kernel() -> c_int {
    probe::attach("page_fault_kernel")
}

/// Detaches the program that is called at page faults in the kernel, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_page_fault_kernel() -> c_int {
    probe::detach("page_fault_kernel")
}

/// Attaches the program that is called when a signal is delivered to a thread, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_signal_deliver() -> c_int {
    probe::attach("signal_deliver")
}

/// Detaches the program that is called when a signal is delivered to a thread, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_signal_deliver() -> c_int {
    probe::detach("signal_deliver")
}

/// Attaches the programs that read the arguments of `connect` at its start, before the caller can change them.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_connect_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_connect")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_connect_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_connect")
}

/// Attaches the programs that read the arguments of `creat` at its start, before the caller can change them.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_creat_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_creat")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_creat_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_creat")
}

/// Attaches the programs that read the arguments of `open` at its start, before the caller can change them.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_open_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_open")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_open_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_open")
}

/// Attaches the programs that read the arguments of `openat` at its start, before the caller can change them.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_openat_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_openat")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_openat_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_openat")
}

/// Attaches the programs that read the arguments of `openat2` at its start, before the caller can change them.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_openat2_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_openat2")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_openat2_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_openat2")
}

/// Sets the number and the size of the rings, before `pman_load_probe`.
#[unsafe(no_mangle)]
pub extern "C" fn pman_prepare_ringbuf_array_before_loading() -> c_int {
    probe::call(|state| state.loader()?.prepare_rings())
}

/// Creates the rings and gives each CPU its own.
#[unsafe(no_mangle)]
pub extern "C" fn pman_finalize_ringbuf_array_after_loading() -> c_int {
    probe::call(|state| state.finalize(Loader::make_rings))
}

/// Writes the oldest event of all rings to `*event_ptr` and the number of its ring to `*buffer_id`, or null and -1 if there is
/// none. It does not wait. The event is valid until the next call. Events of the last millisecond are held back, because an older
/// one may still arrive.
///
/// # Safety
/// The pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_consume_first_event(event_ptr: *mut *mut c_void, buffer_id: *mut i16) {
    let (event, ring) = probe::read((std::ptr::null_mut(), -1), |state| state.take());
    // SAFETY: null or valid for this call (# Safety).
    unsafe {
        if let Some(out) = event_ptr.as_mut() {
            *out = event;
        }
        if let Some(out) = buffer_id.as_mut() {
            *out = ring;
        }
    }
}

/// Captures the system calls and tracepoints whose entry in `sc_set`, an array of `PPM_SC_MAX`, is true, and no others; none if it
/// is null. Attaches and detaches the programs for them. Returns `SCAP_FAILURE` if the probe is not ready.
///
/// # Safety
/// `sc_set` is null or such an array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_enforce_sc_set(sc_set: *mut bool) -> c_int {
    probe::enforce(|state| {
        let engine = state.engine()?;
        if sc_set.is_null() {
            return engine.stop();
        }
        // SAFETY: `sc_set` has PPM_SC_MAX entries (# Safety), and every code is less.
        engine.select(|sc| unsafe { *sc_set.add(usize::from(sc.0)) })
    })
}

/// Writes the counters so far to `*scap_stats_struct`.
///
/// # Safety
/// `scap_stats_struct` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_get_scap_stats(scap_stats_struct: *mut scap_stats) -> c_int {
    probe::call(|state| {
        // SAFETY: null or valid for this call (# Safety).
        let Some(out) = (unsafe { scap_stats_struct.as_mut() }) else {
            return Err(Error::Invalid("pman_get_scap_stats: null output".into()));
        };
        *out = state.engine()?.stats()?;
        Ok(())
    })
}

/// Returns an array of `*nstats` metrics of the `METRICS_V2_*` kinds in `flags`, valid until the next call. `*rc` is `SCAP_SUCCESS`
/// or `SCAP_FAILURE`.
///
/// # Safety
/// `nstats` and `rc` are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_get_metrics_v2(flags: u32, nstats: *mut u32, rc: *mut i32) -> *mut metrics_v2 {
    let mut answer = (std::ptr::null_mut(), 0);
    let failed = probe::call(|state| {
        answer = state.metrics(flags)?;
        Ok(())
    });
    // SAFETY: null or valid for this call (# Safety).
    unsafe {
        if let Some(out) = nstats.as_mut() {
            *out = answer.1;
        }
        if let Some(out) = rc.as_mut() {
            *out = if failed == 0 { 0 } else { SCAP_FAILURE };
        }
    }
    answer.0
}

/// Writes how many events each CPU produced to `n_events_per_cpu`, which has one entry for each possible CPU.
///
/// # Safety
/// `n_events_per_cpu` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_get_n_tracepoint_hit(n_events_per_cpu: *mut c_long) -> c_int {
    probe::call(|state| {
        if n_events_per_cpu.is_null() {
            return Err(Error::Invalid("pman_get_n_tracepoint_hit: null output".into()));
        }
        let engine = state.engine()?;
        for (cpu, counts) in engine.counts().read_cpus()?.into_iter().enumerate() {
            // SAFETY: `n_events_per_cpu` has an entry for each possible CPU (# Safety), as many as there are counts.
            unsafe { n_events_per_cpu.add(cpu).write(counts.n_evts as c_long) };
        }
        Ok(())
    })
}

/// Sets the snaplen, the number of bytes of data that an event carries at most: up to 65535.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_snaplen(desired_snaplen: u32) {
    probe::call(|state| state.engine()?.set(Setting::Snaplen(desired_snaplen)));
}

/// Sets the machine's boot time, in nanoseconds since the epoch. Loading the probe sets it too.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_boot_time(boot_time: u64) {
    probe::call(|state| {
        state.engine()?.set_boot_time(boot_time);
        Ok(())
    });
}

/// Turns the dropping mode on or off: in it, system calls marked `UF_NEVER_DROP` are always captured, `UF_ALWAYS_DROP` never, all
/// others in a part of every second.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_dropping_mode(value: bool) {
    probe::call(|state| {
        state.engine()?.set_dropping_mode(value);
        Ok(())
    });
}

/// Sets the sampling ratio N: in dropping mode, events that may be dropped are captured in the first 1/N of every second.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_sampling_ratio(value: u32) {
    probe::call(|state| {
        state.engine()?.set_sampling_ratio(value);
        Ok(())
    });
}

/// Sets whether the exit events of failed system calls are dropped.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_drop_failed(drop_failed: bool) {
    probe::call(|state| state.engine()?.set(Setting::DropFailed(drop_failed)));
}

/// Sets whether the snaplen depends on the port and the first bytes of the data (dynamic snaplen).
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_do_dynamic_snaplen(do_dynamic_snaplen: bool) {
    probe::call(|state| state.engine()?.set(Setting::DynamicSnaplen(do_dynamic_snaplen)));
}

/// Gives the data of ports from `range_start` to `range_end` a snaplen of at least 16000 bytes, with dynamic snaplen only; a
/// `range_end` of 0 ends that.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_fullcapture_port_range(range_start: u16, range_end: u16) {
    probe::call(|state| state.engine()?.set(Setting::FullCapturePorts(range_start, range_end)));
}

/// Sets the port of statsd: data to or from this port of a peer has a snaplen of at least 2000 bytes, with dynamic snaplen only. 0 ends that.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_statsd_port(statsd_port: u16) {
    probe::call(|state| state.engine()?.set(Setting::StatsdPort(statsd_port)));
}

/// Sets the pid of the process that reads the events. Loading the probe sets it too.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_scap_tid(scap_tid: i32) {
    probe::call(|state| {
        state.engine()?.set_reader(scap_tid as u32);
        Ok(())
    });
}

/// Returns the version of the probe's API (`PPM_API_VERSION`); 0 before the probe is open.
#[unsafe(no_mangle)]
pub extern "C" fn pman_get_probe_api_ver() -> u64 {
    probe::read(0, |state| if state.is_open() { crate::engine::modern_bpf::API_VERSION } else { 0 })
}

/// Returns the version of the probe's schema, its event table (`PPM_API_VERSION`); 0 before the probe is open.
#[unsafe(no_mangle)]
pub extern "C" fn pman_get_probe_schema_ver() -> u64 {
    probe::read(0, |state| if state.is_open() { crate::engine::modern_bpf::SCHEMA_VERSION } else { 0 })
}

/// Checks that the probe is loaded. It fills no table, because each program of this probe produces its event alone.
#[unsafe(no_mangle)]
pub extern "C" fn pman_fill_syscall_exit_extra_tail_table() -> c_int {
    probe::call(|state| state.loaded(|_| Ok(()), |_| Ok(())))
}

/// Fills the table of the programs that produce the events of each system call. `pman_finalize_maps_after_loading` does that too.
#[unsafe(no_mangle)]
pub extern "C" fn pman_fill_syscalls_tail_table() -> c_int {
    probe::call(|state| state.loaded(|loader| loader.fill_exit_programs(), |engine| engine.fill_exit_programs()))
}

/// Sets the sizes of the maps, before `pman_load_probe`.
#[unsafe(no_mangle)]
pub extern "C" fn pman_prepare_maps_before_loading() -> c_int {
    probe::call(|state| state.loader()?.prepare_maps())
}

/// Fills the maps and sets the defaults: a snaplen of 80 bytes, nothing dropped, no system call selected.
#[unsafe(no_mangle)]
pub extern "C" fn pman_finalize_maps_after_loading() -> c_int {
    probe::call(|state| state.finalize(Loader::fill_maps))
}

/// Captures the events of the system call with the native number `syscall_id`, or not. It attaches nothing.
#[unsafe(no_mangle)]
pub extern "C" fn pman_mark_single_64bit_syscall(syscall_id: c_int, interesting: bool) -> c_int {
    probe::call(|state| state.engine()?.mark(usize::try_from(syscall_id).unwrap_or(usize::MAX), interesting))
}

/// Fetches one thread, into `tinfo` too if it is not null. `SCAP_NOTFOUND` if there is none or the callback refuses it.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_task(
    callbacks: *const scap_fetch_callbacks,
    tid: u32,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
) -> i32 {
    // SAFETY: null or valid for this call (# Safety).
    unsafe { fetch::thread(&System, callbacks, tid, tinfo, error) }
}

/// Fetches all threads.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_tasks(callbacks: *const scap_fetch_callbacks, error: *mut c_char) -> i32 {
    // SAFETY: null or valid for this call (# Safety).
    unsafe { fetch::threads(&System, callbacks, error) }
}

/// Fetches one open file of a process.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_proc_file(
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    fd: u32,
    error: *mut c_char,
) -> i32 {
    // SAFETY: null or valid for this call (# Safety).
    unsafe { fetch::file(&System, callbacks, pid, fd, error) }
}

/// Fetches the open files of a process, with its sockets if `must_fetch_sockets`. `*num_files_fetched`, which may be null, takes
/// how many the callback accepted.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_proc_files(
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    must_fetch_sockets: bool,
    num_files_fetched: *mut u64,
    error: *mut c_char,
) -> i32 {
    // SAFETY: null or valid for this call (# Safety).
    unsafe { fetch::files(&System, callbacks, pid, must_fetch_sockets, num_files_fetched, error) }
}

/// Fetches the open files of all processes.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_procs_files(
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: null or valid for this call (# Safety).
    unsafe { fetch::all_files(&System, callbacks, error) }
}
