//! The BPF probe in single steps: loading it, attaching its programs, reading its rings, changing its settings.
//!
//! There is one probe in a process at a time, on which all of these functions work; captures that `scap_open` opens have
//! probes of their own. The order is: `pman_init_state`, `pman_open_probe`, the three `pman_prepare_*`, `pman_load_probe`, the
//! two `pman_finalize_*`; then the rest, and `pman_close_probe` at the end.
//!
//! Functions that return an int answer 0, or the `errno` of what failed, or -1 where there is none: `EBUSY` while another thread, or
//! the function that called back, works on the probe. The cause goes to the log function of `pman_init_state`, or to the standard
//! error stream without one.

use crate::engine::fetch;
use crate::platform::scap_linux_platform::scap_fetch_callbacks;
use crate::pman::probe::{self, DISPATCHER, System};
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::{scap_stats, scap_threadinfo};
use crate::types::scap_const::SCAP_FAILURE;
use crate::types::scap_log::falcosecurity_log_fn;
use scap_sys::Error;
use scap_sys::engine::bpf::{BpfOptions, Loader};
use scap_sys::engine::{Engine, Setting};
use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};

/// Says where log messages go (`log_fn`, which may be null) and what rings there will be: how large in bytes, for how many CPUs
/// each (0 for one ring for all), for online CPUs alone or for all possible ones. Answers 0 or -1.
///
/// A probe that is open is closed. Threads and open files are fetched through BPF iterators where the kernel has them, unless
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

/// Closes the probe, and forgets what `pman_init_state` was told.
#[unsafe(no_mangle)]
pub extern "C" fn pman_clear_state() {
    probe::call(|state| {
        state.clear();
        Ok(())
    });
    probe::set_log(None);
}

/// How many rings there are, or will be; 0 before `pman_init_state`.
#[unsafe(no_mangle)]
pub extern "C" fn pman_get_required_buffers() -> c_int {
    probe::ask(0, |state| state.rings() as c_int)
}

/// Whether this kernel can run the probe, as far as that can be told without loading it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_check_support() -> bool {
    probe::call(|_| scap_sys::engine::bpf::check_support()) == 0
}

/// Reads the probe.
#[unsafe(no_mangle)]
pub extern "C" fn pman_open_probe() -> c_int {
    probe::call(|state| state.open())
}

/// Selects the programs that this kernel can run: the probe has none that it could do without.
#[unsafe(no_mangle)]
pub extern "C" fn pman_prepare_progs_before_loading() -> c_int {
    probe::call(|state| state.loader().map(|_| ()))
}

/// Loads programs and maps into the kernel.
#[unsafe(no_mangle)]
pub extern "C" fn pman_load_probe() -> c_int {
    probe::call(|state| state.loader()?.load())
}

/// Detaches the probe's programs and unloads them. Events and metrics that were handed out are gone.
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

/// Attaches the program that is called when a CPU goes on with another thread, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_sched_switch() -> c_int {
    probe::attach("sched_switch")
}

/// Detaches the program that is called when a CPU goes on with another thread, if it is attached.
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

/// Attaches the program that is called when a thread is made, where the probe needs one for it, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_sched_proc_fork() -> c_int {
    probe::attach("sched_process_fork")
}

/// Detaches the program that is called when a thread is made, where the probe needs one for it, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_sched_proc_fork() -> c_int {
    probe::detach("sched_process_fork")
}

/// Attaches the program that is called at page faults of programs, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_page_fault_user() -> c_int {
    probe::attach("page_fault_user")
}

/// Detaches the program that is called at page faults of programs, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_page_fault_user() -> c_int {
    probe::detach("page_fault_user")
}

/// Attaches the program that is called at page faults of the kernel, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_page_fault_kernel() -> c_int {
    probe::attach("page_fault_kernel")
}

/// Detaches the program that is called at page faults of the kernel, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_page_fault_kernel() -> c_int {
    probe::detach("page_fault_kernel")
}

/// Attaches the program that is called when a signal reaches a thread, unless it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_signal_deliver() -> c_int {
    probe::attach("signal_deliver")
}

/// Detaches the program that is called when a signal reaches a thread, if it is attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_signal_deliver() -> c_int {
    probe::detach("signal_deliver")
}

/// Attaches the programs that read what `connect` is given when it starts, before its caller can change it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_connect_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_connect")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_connect_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_connect")
}

/// Attaches the programs that read what `creat` is given when it starts, before its caller can change it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_creat_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_creat")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_creat_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_creat")
}

/// Attaches the programs that read what `open` is given when it starts, before its caller can change it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_open_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_open")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_open_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_open")
}

/// Attaches the programs that read what `openat` is given when it starts, before its caller can change it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_openat_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_openat")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_openat_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_openat")
}

/// Attaches the programs that read what `openat2` is given when it starts, before its caller can change it.
#[unsafe(no_mangle)]
pub extern "C" fn pman_attach_openat2_toctou_mitigation_progs() -> c_int {
    probe::attach("sys_enter_openat2")
}

/// Detaches these programs, if they are attached.
#[unsafe(no_mangle)]
pub extern "C" fn pman_detach_openat2_toctou_mitigation_progs() -> c_int {
    probe::detach("sys_enter_openat2")
}

/// Says how many rings there will be, and how large.
#[unsafe(no_mangle)]
pub extern "C" fn pman_prepare_ringbuf_array_before_loading() -> c_int {
    probe::call(|state| state.loader()?.prepare_rings())
}

/// Makes the rings, and gives each CPU its own.
#[unsafe(no_mangle)]
pub extern "C" fn pman_finalize_ringbuf_array_after_loading() -> c_int {
    probe::call(|state| state.finalize(Loader::make_rings))
}

/// Goes to the oldest event of all rings: its place to `*event_ptr` and the number of its ring to `*buffer_id`, or null and -1 if
/// there is none. It does not wait. The event lives until the next call. Events of the last millisecond are not handed out
/// yet, as an older one may still come up.
///
/// # Safety
/// The pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_consume_first_event(event_ptr: *mut *mut c_void, buffer_id: *mut i16) {
    let (event, ring) = probe::ask((std::ptr::null_mut(), -1), |state| state.take());
    // SAFETY: as the caller promises.
    unsafe {
        if let Some(out) = event_ptr.as_mut() {
            *out = event;
        }
        if let Some(out) = buffer_id.as_mut() {
            *out = ring;
        }
    }
}

/// Captures the system calls and tracepoints for which `sc_set`, an array of `PPM_SC_MAX`, says so, and no others: none if it
/// is null. Attaches and detaches what that takes.
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
        // SAFETY: as the caller promises.
        engine.select(|sc| unsafe { *sc_set.add(usize::from(sc.0)) })
    })
}

/// The counters so far.
///
/// # Safety
/// `scap_stats_struct` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_get_scap_stats(scap_stats_struct: *mut scap_stats) -> c_int {
    probe::call(|state| {
        // SAFETY: as the caller promises.
        let Some(out) = (unsafe { scap_stats_struct.as_mut() }) else {
            return Err(Error::Invalid("pman_get_scap_stats: null output".into()));
        };
        *out = state.engine()?.stats()?;
        Ok(())
    })
}

/// The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which lives until the next call. `*rc` is
/// `SCAP_SUCCESS` or `SCAP_FAILURE`.
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
    // SAFETY: as the caller promises.
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

/// How many events each CPU made: `n_events_per_cpu` has room for as many numbers as there are possible CPUs.
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
        engine.stats()?;
        for (cpu, counts) in engine.counts_per_cpu().enumerate() {
            // SAFETY: as the caller promises.
            unsafe { n_events_per_cpu.add(cpu).write(counts.n_evts as c_long) };
        }
        Ok(())
    })
}

/// How many bytes of data an event carries at most: 65535 at the highest.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_snaplen(desired_snaplen: u32) {
    probe::call(|state| state.engine()?.set(Setting::Snaplen(desired_snaplen)));
}

/// When the machine was booted, in nanoseconds since the epoch. That is found out when the probe is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_boot_time(boot_time: u64) {
    probe::call(|state| {
        state.engine()?.set_boot_time(boot_time);
        Ok(())
    });
}

/// Whether events are left out that matter least, and all others in parts of every second.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_dropping_mode(value: bool) {
    probe::call(|state| {
        state.engine()?.set_dropping_mode(value);
        Ok(())
    });
}

/// In dropping mode, events are taken in one of this many parts of every second.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_sampling_ratio(value: u32) {
    probe::call(|state| {
        state.engine()?.set_sampling_ratio(value);
        Ok(())
    });
}

/// Whether system calls that failed are left out.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_drop_failed(drop_failed: bool) {
    probe::call(|state| state.engine()?.set(Setting::DropFailed(drop_failed)));
}

/// Whether the length of data follows the protocol.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_do_dynamic_snaplen(do_dynamic_snaplen: bool) {
    probe::call(|state| state.engine()?.set(Setting::DynamicSnaplen(do_dynamic_snaplen)));
}

/// The ports whose data is captured whole, from the first to the last.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_fullcapture_port_range(range_start: u16, range_end: u16) {
    probe::call(|state| state.engine()?.set(Setting::FullCapturePorts(range_start, range_end)));
}

/// The port of statsd, whose data is captured whole.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_statsd_port(statsd_port: u16) {
    probe::call(|state| state.engine()?.set(Setting::StatsdPort(statsd_port)));
}

/// The process that reads the events. That is found out when the probe is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn pman_set_scap_tid(scap_tid: i32) {
    probe::call(|state| {
        state.engine()?.set_reader(scap_tid as u32);
        Ok(())
    });
}

/// The version of the probe's interface (`PPM_API_VERSION`); 0 before the probe is open.
#[unsafe(no_mangle)]
pub extern "C" fn pman_get_probe_api_ver() -> u64 {
    probe::ask(0, |state| if state.is_open() { crate::engine::modern_bpf::API_VERSION } else { 0 })
}

/// The version of the probe's event table (`PPM_API_VERSION`); 0 before the probe is open.
#[unsafe(no_mangle)]
pub extern "C" fn pman_get_probe_schema_ver() -> u64 {
    probe::ask(0, |state| if state.is_open() { crate::engine::modern_bpf::SCHEMA_VERSION } else { 0 })
}

/// Tells programs that make an event in several parts which program makes the next part: each program of this probe makes the
/// whole of its event.
#[unsafe(no_mangle)]
pub extern "C" fn pman_fill_syscall_exit_extra_tail_table() -> c_int {
    probe::call(|state| state.loaded(|_| Ok(()), |_| Ok(())))
}

/// Tells the program that is called at exits from system calls which program makes the events of which call. That is a part of
/// `pman_finalize_maps_after_loading`.
#[unsafe(no_mangle)]
pub extern "C" fn pman_fill_syscalls_tail_table() -> c_int {
    probe::call(|state| state.loaded(|loader| loader.fill_exit_programs(), |engine| engine.fill_exit_programs()))
}

/// Says how large the maps will be.
#[unsafe(no_mangle)]
pub extern "C" fn pman_prepare_maps_before_loading() -> c_int {
    probe::call(|state| state.loader()?.prepare_maps())
}

/// Fills the maps and sets what is usual: a snaplen of 80, nothing dropped, no system call selected.
#[unsafe(no_mangle)]
pub extern "C" fn pman_finalize_maps_after_loading() -> c_int {
    probe::call(|state| state.finalize(Loader::fill_maps))
}

/// Lets the events of the system call with the number `syscall_id` of this machine through, or not. It attaches nothing.
#[unsafe(no_mangle)]
pub extern "C" fn pman_mark_single_64bit_syscall(syscall_id: c_int, interesting: bool) -> c_int {
    probe::call(|state| state.engine()?.mark(usize::try_from(syscall_id).unwrap_or(usize::MAX), interesting))
}

/// Tells of one thread, which `tinfo` is filled with if it is not null. `SCAP_NOTFOUND` if there is none, or the callback does not
/// take it.
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
    // SAFETY: as the caller promises.
    unsafe { fetch::thread(&System, callbacks, tid, tinfo, error) }
}

/// Tells of all threads.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_tasks(callbacks: *const scap_fetch_callbacks, error: *mut c_char) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { fetch::threads(&System, callbacks, error) }
}

/// Tells of one open file of a process.
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
    // SAFETY: as the caller promises.
    unsafe { fetch::file(&System, callbacks, pid, fd, error) }
}

/// Tells of the open files of a process, its sockets included if `must_fetch_sockets`; how many the callback took goes to
/// `*num_files_fetched`, which may be null.
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
    // SAFETY: as the caller promises.
    unsafe { fetch::files(&System, callbacks, pid, must_fetch_sockets, num_files_fetched, error) }
}

/// Tells of the open files of all processes.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pman_iter_fetch_procs_files(
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { fetch::all_files(&System, callbacks, error) }
}
