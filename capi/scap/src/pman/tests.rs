//! The functions in and out of order, in one test, because they share one state.

use crate::capture::open::{scap_alloc, scap_close};
use crate::pman::libpman::*;
use crate::types::metrics_v2::{METRICS_V2_KERNEL_COUNTERS, METRICS_V2_KERNEL_COUNTERS_PER_CPU, metrics_v2};
use crate::types::ppm::{PPM_SC_MAX, ppm_evt_hdr};
use crate::types::scap::{scap_fdinfo, scap_stats, scap_threadinfo};
use crate::types::scap_const::*;
use crate::types::scap_linux_platform::scap_fetch_callbacks;
use crate::types::scap_log::falcosecurity_log_severity;
use driver::EventType;
use std::ffi::{CStr, c_char, c_void};
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::sync::Mutex;

static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

unsafe extern "C" fn log(component: *const c_char, text: *const c_char, _: falcosecurity_log_severity) {
    // SAFETY: a string.
    let text = unsafe { CStr::from_ptr(text) };
    if component.is_null() {
        // A message of libbpf, which begins with its name.
        return assert!(text.to_bytes().starts_with(b"libbpf: "));
    }
    // SAFETY: not null, and a string.
    assert_eq!(unsafe { CStr::from_ptr(component) }, c"libpman");
    // A log function may call libpman.
    pman_get_required_buffers();
    LOGGED.lock().unwrap().push(text.to_string_lossy().into_owned());
}

/// The last message, after a call that returned an error.
fn why(code: i32) -> String {
    assert_ne!(code, 0);
    LOGGED.lock().unwrap().pop().unwrap()
}

/// The next event's type and thread.
fn consume() -> Option<(EventType, i64)> {
    let (mut event, mut ring): (*mut c_void, i16) = (null_mut(), 7);
    // SAFETY: the outputs are valid, and an event lives until the next call.
    unsafe {
        pman_consume_first_event(&mut event, &mut ring);
        if event.is_null() {
            assert_eq!(ring, -1);
            return None;
        }
        assert!(i32::from(ring) < pman_get_required_buffers());
        let header = event.cast::<ppm_evt_hdr>().read_unaligned();
        Some((EventType(header.r#type), header.tid as i64))
    }
}

/// The types of this thread's events, after a pause in which they arrive.
fn ours() -> Vec<EventType> {
    std::thread::sleep(std::time::Duration::from_millis(20));
    // SAFETY: the call has no preconditions.
    let tid = i64::from(unsafe { libc::gettid() });
    std::iter::from_fn(consume).filter(|e| e.1 == tid).map(|e| e.0).collect()
}

#[test]
fn the_probe_step_by_step() {
    // Nothing is open.
    assert_eq!(consume(), None);
    assert_eq!((pman_get_required_buffers(), pman_get_probe_api_ver()), (0, 0));
    let mut set = [false; PPM_SC_MAX];
    // SAFETY: an array of the right length, or null.
    assert_eq!(unsafe { (pman_enforce_sc_set(set.as_mut_ptr()), pman_enforce_sc_set(null_mut())) }, (1, 1));

    assert_eq!(pman_init_state(Some(log), 1 << 20, 40_000, true, true), -1);
    assert!(why(-1).contains("a ring buffer for every 40000 CPUs"));
    assert!(why(pman_open_probe()).contains("pman_init_state was not called"));
    assert_eq!(pman_init_state(Some(log), 12345, 1, false, true), 0);
    let rings = pman_get_required_buffers();
    assert!(rings > 0);
    if !pman_check_support() {
        eprintln!("SKIPPED: {}", why(1));
        return;
    }
    assert_eq!(pman_open_probe(), libc::EINVAL);
    assert!(why(1).contains("a buffer of 12345 bytes"));
    assert_eq!(pman_init_state(Some(log), 1 << 20, 1, false, false), 0);
    assert!(why(pman_load_probe()).contains("not open"));
    assert_eq!(pman_open_probe(), 0);
    assert!(why(pman_open_probe()).contains("open already"));
    assert_ne!(pman_get_probe_schema_ver(), 0);
    assert!(why(pman_load_probe()).contains("not prepared"));
    assert!(why(pman_finalize_maps_after_loading()).contains("not loaded"));
    assert_eq!(pman_prepare_ringbuf_array_before_loading(), 0);
    assert_eq!((pman_prepare_maps_before_loading(), pman_prepare_progs_before_loading()), (0, 0));
    assert_eq!(pman_load_probe(), 0);
    assert!(why(pman_attach_syscall_exit_dispatcher()).contains("not loaded"));
    assert_eq!(pman_finalize_maps_after_loading(), 0);
    assert_eq!(pman_finalize_ringbuf_array_after_loading(), 0);
    assert_eq!((pman_fill_syscalls_tail_table(), pman_fill_syscall_exit_extra_tail_table()), (0, 0));

    // A single system call, marked as captured.
    let getuid = || {
        // SAFETY: the call has no preconditions.
        unsafe { libc::syscall(libc::SYS_getuid) };
        ours()
    };
    assert_eq!((pman_attach_syscall_exit_dispatcher(), pman_attach_syscall_exit_dispatcher()), (0, 0));
    assert_eq!(getuid(), []);
    assert_eq!(pman_mark_single_64bit_syscall(libc::SYS_getuid as i32, true), 0);
    assert_eq!(getuid(), [EventType::SYSCALL_GETUID_X]);
    assert!(why(pman_mark_single_64bit_syscall(-1, true)).contains("no system call"));
    assert_eq!((pman_detach_syscall_exit_dispatcher(), pman_detach_sched_switch()), (0, 0));
    assert_eq!(getuid(), []);

    // A set of system calls, then an empty one.
    let sc = driver::SCS.iter().find(|sc| sc.name == Some("getuid")).unwrap().sc;
    set[usize::from(sc.0)] = true;
    // SAFETY: an array of the right length, or null.
    unsafe {
        assert_eq!(pman_enforce_sc_set(set.as_mut_ptr()), 0);
        assert_eq!(getuid(), [EventType::SYSCALL_GETUID_X]);
        assert_eq!(pman_enforce_sc_set(null_mut()), 0);
        assert_eq!(getuid(), []);
    }
    pman_set_snaplen(1 << 20);
    assert!(why(1).contains("snaplen"));

    // Counters.
    let mut stats = scap_stats::default();
    let (mut n, mut rc) = (0, 1);
    let flags = METRICS_V2_KERNEL_COUNTERS | METRICS_V2_KERNEL_COUNTERS_PER_CPU;
    // SAFETY: the outputs are valid, or null.
    let metrics: &[metrics_v2] = unsafe {
        assert_eq!(pman_get_scap_stats(&mut stats), 0);
        assert!(why(pman_get_scap_stats(null_mut())).contains("null output"));
        let first = pman_get_metrics_v2(flags, &mut n, &mut rc);
        std::slice::from_raw_parts(first, n as usize)
    };
    assert!(stats.n_evts >= 2);
    assert_eq!((rc, metrics.len()), (SCAP_SUCCESS, 14 + 2 * rings as usize));
    let mut hits = vec![0; rings as usize];
    // SAFETY: there is room for all possible CPUs.
    assert_eq!(unsafe { pman_get_n_tracepoint_hit(hits.as_mut_ptr()) }, 0);
    assert_eq!(hits.iter().sum::<i64>() as u64, stats.n_evts);

    threads_and_files();

    // A panic becomes an error, after which the functions work.
    assert!(why(super::probe::call(|_| panic!("a bug"))).contains("internal error: a bug"));
    assert_eq!((super::probe::read(0, |state| state.rings()), pman_get_scap_stats_again()), (rings as usize, 0));

    // A capture is independent of the probe, which can be opened again after its end.
    // SAFETY: the capture is allocated here and freed once.
    unsafe { scap_close(scap_alloc()) };
    pman_close_probe();
    assert_eq!((pman_get_required_buffers(), consume()), (rings, None));
    assert!(why(pman_attach_sched_proc_exit()).contains("not open"));
    assert_eq!(pman_open_probe(), 0);
    pman_clear_state();
    assert_eq!(pman_get_required_buffers(), 0);
}

fn pman_get_scap_stats_again() -> i32 {
    // SAFETY: the output is valid.
    unsafe { pman_get_scap_stats(&mut scap_stats::default()) }
}

/// The threads and fds that the callback got.
#[derive(Default)]
struct Reported {
    threads: Vec<u64>,
    fds: Vec<(i64, i64)>,
    refuse: bool,
}

unsafe extern "C" fn entry(
    context: *mut c_void,
    _: *mut c_char,
    tid: i64,
    thread: *mut scap_threadinfo,
    fd: *mut scap_fdinfo,
    _: *mut *mut scap_threadinfo,
) -> i32 {
    // SAFETY: the context is the test's `Reported`; the other pointers are null or valid during the call.
    unsafe {
        let reported = &mut *context.cast::<Reported>();
        reported.threads.extend(thread.as_ref().map(|t| t.tid));
        reported.fds.extend(fd.as_ref().map(|f| (tid, f.fd)));
        if reported.refuse { SCAP_FAILURE } else { SCAP_SUCCESS }
    }
}

/// Runs one of the functions that fetch.
fn fetched(
    refuse: bool,
    fetch: impl FnOnce(*const scap_fetch_callbacks, *mut c_char) -> i32,
) -> (i32, Reported, String) {
    let mut reported = Reported { refuse, ..Reported::default() };
    let callbacks = scap_fetch_callbacks { proc_entry_cb: Some(entry), ctx: (&raw mut reported).cast() };
    let mut error = [0; SCAP_LASTERR_SIZE];
    let rc = fetch(&callbacks, error.as_mut_ptr());
    // SAFETY: the text is ended by a NUL.
    (rc, reported, unsafe { CStr::from_ptr(error.as_ptr()) }.to_string_lossy().into_owned())
}

fn threads_and_files() {
    let me = std::process::id();
    let file = std::fs::File::open("/proc/self/stat").unwrap();
    let fd = file.as_raw_fd();
    let mut thread = crate::types::to_c::empty_thread();
    // SAFETY: every pointer is null or leads to what lives for the call.
    unsafe {
        let (rc, reported, _) = fetched(false, |c, e| pman_iter_fetch_task(c, me, &mut *thread, e));
        assert_eq!((rc, &reported.threads[..], thread.pid), (SCAP_SUCCESS, &[u64::from(me)][..], u64::from(me)));
        assert_eq!(reported.fds, [], "threads alone");
        let (rc, ..) = fetched(true, |c, e| pman_iter_fetch_task(c, me, null_mut(), e));
        assert_eq!(rc, SCAP_NOTFOUND);
        let (rc, _, why) = fetched(false, |c, e| pman_iter_fetch_task(c, 0, null_mut(), e));
        assert_eq!((rc, &why[..]), (SCAP_FAILURE, "expected positive thread id, got: 0"));
        let (rc, ..) = fetched(false, |c, e| pman_iter_fetch_task(c, 0x7fff_fff0, null_mut(), e));
        assert_eq!(rc, SCAP_NOTFOUND);
        let (rc, reported, _) = fetched(false, |c, e| pman_iter_fetch_tasks(c, e));
        assert_eq!(rc, SCAP_SUCCESS);
        assert!(reported.threads.contains(&u64::from(me)) && reported.threads.contains(&1) && reported.fds.is_empty());

        let (rc, reported, _) = fetched(false, |c, e| pman_iter_fetch_proc_file(c, me, fd as u32, e));
        assert_eq!((rc, reported.fds), (SCAP_SUCCESS, vec![(i64::from(me), i64::from(fd))]));
        let mut count = 0;
        let (rc, reported, _) = fetched(false, |c, e| pman_iter_fetch_proc_files(c, me, true, &mut count, e));
        assert_eq!((rc, reported.fds.len() as u64, reported.threads.len()), (SCAP_SUCCESS, count, 0));
        assert!(reported.fds.contains(&(i64::from(me), i64::from(fd))));
        let (rc, reported, _) = fetched(false, |c, e| pman_iter_fetch_procs_files(c, e));
        assert_eq!(rc, SCAP_SUCCESS);
        assert!(reported.fds.contains(&(i64::from(me), i64::from(fd))) && reported.threads.is_empty());
        let mut error = [0; SCAP_LASTERR_SIZE];
        assert_eq!(pman_iter_fetch_tasks(std::ptr::null(), error.as_mut_ptr()), SCAP_FAILURE);
        assert!(CStr::from_ptr(error.as_ptr()).to_string_lossy().contains("null callbacks"));
    }
}
