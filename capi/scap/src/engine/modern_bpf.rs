//! The running kernel, captured with BPF, behind the C vtable.

use super::{Handle, NO_FILE, Opener};
use crate::engine::fetch::{self, Lender};
use crate::engine::modern_bpf_public::scap_modern_bpf_engine_params;
use crate::platform::scap_linux_platform::{scap_fetch_callbacks, scap_linux_vtable};
use crate::types::engine_handle::scap_engine_handle;
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::scap_threadinfo;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_int::scap;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_vtable::{ENGINE_FLAG_BPF_STATS_ENABLED, scap_vtable};
use scap_sys::engine::Engine;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::linux::Scanner;
use scap_sys::{Error, Result};
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_long};
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct ModernBpf;

pub(crate) const VTABLE: scap_vtable = scap_vtable {
    init: Some(init),
    close: Some(close),
    get_flags: Some(flags),
    get_n_devs: Some(devices),
    get_n_tracepoint_hit: Some(tracepoint_hits),
    get_api_version: Some(api_version),
    get_schema_version: Some(schema_version),
    ..super::vtable::<ModernBpf>(NO_FILE)
};

/// What is known of an open engine beside its events.
struct Opened {
    /// Whether the system is scanned through BPF iterators.
    iterators: bool,
    /// Made when something is fetched; away while it is in use.
    scanner: Option<Box<Scanner>>,
}

/// The engines that are open, by their handles. A platform is handed an engine's handle without being told whose it is.
static OPEN: Mutex<BTreeMap<usize, Opened>> = Mutex::new(BTreeMap::new());

fn open_engines() -> MutexGuard<'static, BTreeMap<usize, Opened>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a platform that is handed this engine scans the system through BPF iterators.
pub(crate) fn iterates(engine: scap_engine_handle) -> bool {
    open_engines().get(&engine.m_handle.addr()).is_some_and(|opened| opened.iterators)
}

/// Lets the functions of [`LINUX_VTABLE`] work with this handle, which names no engine of C's: until [`unregister`].
pub(crate) fn register(handle: scap_engine_handle, iterators: bool) {
    open_engines().insert(handle.m_handle.addr(), Opened { iterators, scanner: None });
}

/// Ends what [`register`] or an open engine has begun.
pub(crate) fn unregister(handle: scap_engine_handle) {
    // Its scanner is closed outside the lock.
    let opened = open_engines().remove(&handle.m_handle.addr());
    drop(opened);
}

/// The threads and open files of the system, as an open engine tells of them.
struct System(scap_engine_handle);

impl Lender for System {
    fn with<T>(&self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T> {
        let handle = self.0.m_handle.addr();
        // Not locked while the program's callbacks run.
        let (iterators, scanner) = match open_engines().get_mut(&handle) {
            Some(opened) => (opened.iterators, opened.scanner.take()),
            None => return Err(Error::Invalid("fetching from the system: the engine is not open".into())),
        };
        let mut scanner = match scanner {
            Some(scanner) => scanner,
            None => Box::new(Scanner::new(&fetch::options(iterators))?),
        };
        let answer = body(&mut scanner);
        if let Some(opened) = open_engines().get_mut(&handle) {
            opened.scanner = Some(scanner);
        }
        answer
    }
}

/// What the engine can tell of threads and files that exist already.
pub(crate) const LINUX_VTABLE: scap_linux_vtable = scap_linux_vtable {
    fetch_thread: Some(fetch_thread),
    fetch_threads: Some(fetch_threads),
    fetch_proc_file: Some(fetch_proc_file),
    fetch_proc_files: Some(fetch_proc_files),
    fetch_procs_files: Some(fetch_procs_files),
    ..scap_linux_vtable::NONE
};

unsafe extern "C" fn fetch_thread(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    tid: u32,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as the caller promises, here and below.
    unsafe { fetch::thread(&System(engine), callbacks, tid, tinfo, error) }
}

unsafe extern "C" fn fetch_threads(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as above.
    unsafe { fetch::threads(&System(engine), callbacks, error) }
}

unsafe extern "C" fn fetch_proc_file(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    fd: u32,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as above.
    unsafe { fetch::file(&System(engine), callbacks, pid, fd, error) }
}

unsafe extern "C" fn fetch_proc_files(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    must_fetch_sockets: bool,
    num_files_fetched: *mut u64,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as above.
    unsafe { fetch::files(&System(engine), callbacks, pid, must_fetch_sockets, num_files_fetched, error) }
}

unsafe extern "C" fn fetch_procs_files(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as above.
    unsafe { fetch::all_files(&System(engine), callbacks, error) }
}

unsafe extern "C" fn init(main: *mut scap, args: *mut scap_open_args) -> i32 {
    // SAFETY: as the caller promises; the parameters are those of this engine.
    unsafe {
        let answer = super::init::<ModernBpf>(main, args);
        if answer == SCAP_SUCCESS
            && let (Some(main), Some(args)) = (main.as_ref(), args.as_ref())
            && let Some(params) = args.engine_params.cast::<scap_modern_bpf_engine_params>().as_ref()
        {
            register(main.m_engine.get(), !params.disable_iterators);
        }
        answer
    }
}

unsafe extern "C" fn close(engine: scap_engine_handle) -> i32 {
    unregister(engine);
    // SAFETY: as the caller promises.
    unsafe { super::close::<ModernBpf>(engine) }
}

impl Opener for ModernBpf {
    type Engine = BpfEngine;
    const NAME: &'static CStr = c"modern_bpf";

    unsafe fn open(args: &scap_open_args) -> Result<BpfEngine> {
        // SAFETY: the parameters are those of this engine, or null.
        let Some(params) = (unsafe { args.engine_params.cast::<scap_modern_bpf_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening a live capture: null engine parameters".into()));
        };
        let selected = driver::SCS.iter().zip(&args.ppm_sc_of_interest.ppm_sc).filter(|(_, set)| **set);
        BpfEngine::open(&BpfOptions {
            buffer_bytes: usize::try_from(params.buffer_bytes_dim).unwrap_or(usize::MAX),
            cpus_per_buffer: params.cpus_for_each_buffer,
            online_cpus_only: params.allocate_online_only,
            interesting: Some(selected.map(|(sc, _)| sc.sc).collect()),
        })
    }

    fn metrics(engine: &mut BpfEngine, flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        super::metrics::of_driver(engine, flags, metrics)
    }
}

/// Whether the kernel counts the run times of BPF programs.
pub(crate) fn kernel_counts_run_times() -> Result<bool> {
    const FILE: &str = "/proc/sys/kernel/bpf_stats_enabled";
    match std::fs::read(FILE) {
        Ok(text) => Ok(text.first() == Some(&b'1')),
        // A kernel that cannot count, or does not say whether it does.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(false),
        Err(e) => Err(Error::io(FILE, e)),
    }
}

unsafe extern "C" fn flags(_engine: scap_engine_handle) -> u64 {
    if kernel_counts_run_times().unwrap_or(false) { ENGINE_FLAG_BPF_STATS_ENABLED.into() } else { 0 }
}

unsafe extern "C" fn devices(engine: scap_engine_handle) -> u32 {
    // SAFETY: the vtable's own handle.
    let handle = unsafe { Handle::<BpfEngine>::of(engine) };
    handle.map_or(0, |h| h.ask(0, |e| e.rings() as u32))
}

unsafe extern "C" fn tracepoint_hits(engine: scap_engine_handle, ret: *mut c_long) -> i32 {
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<BpfEngine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        engine.stats()?;
        for (cpu, counts) in engine.counts_per_cpu().enumerate() {
            // SAFETY: the caller has room for all possible CPUs.
            unsafe { ret.add(cpu).write(counts.n_evts as c_long) };
        }
        Ok(SCAP_SUCCESS)
    })
}

/// The version of the probe's interface.
pub(crate) const API_VERSION: u64 = version(10, 1, 0);
/// The version of the probe's event table.
pub(crate) const SCHEMA_VERSION: u64 = version(4, 5, 1);

/// A version as `PPM_API_VERSION` packs it.
const fn version(major: u64, minor: u64, patch: u64) -> u64 {
    major << 44 | minor << 24 | patch
}

unsafe extern "C" fn api_version(_engine: scap_engine_handle) -> u64 {
    API_VERSION
}

unsafe extern "C" fn schema_version(_engine: scap_engine_handle) -> u64 {
    SCHEMA_VERSION
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::modern_bpf_public::scap_modern_bpf_linux_vtable;
    use crate::types::scap::scap_fdinfo;
    use capi_common::ErrorText;
    use std::ffi::c_void;
    use std::os::fd::AsRawFd;
    use std::ptr::null_mut;

    /// Threads and fds that were told.
    #[derive(Default)]
    struct Told(Vec<i64>, Vec<(i64, i64)>);

    unsafe extern "C" fn entry(
        context: *mut c_void,
        _error: *mut c_char,
        tid: i64,
        thread: *mut scap_threadinfo,
        fd: *mut scap_fdinfo,
        _new: *mut *mut scap_threadinfo,
    ) -> i32 {
        // The engine may be asked whether it iterates while it tells.
        assert!(!iterates(scap_engine_handle { m_handle: null_mut() }));
        // SAFETY: what the callbacks were made with, and what they are told.
        let (told, fd) = unsafe { (&mut *context.cast::<Told>(), fd.as_ref()) };
        if !thread.is_null() {
            told.0.push(tid);
        }
        told.1.extend(fd.map(|fd| (tid, fd.fd)));
        SCAP_SUCCESS
    }

    #[test]
    fn an_open_engine_tells_of_threads_and_files() {
        let mut object = 0u8;
        let engine = scap_engine_handle { m_handle: (&raw mut object).cast() };
        let vtable = &scap_modern_bpf_linux_vtable;
        let mut told = Told::default();
        let callbacks = scap_fetch_callbacks { proc_entry_cb: Some(entry), ctx: (&raw mut told).cast() };
        let mut error = ErrorText::new();
        let out = error.0.as_mut_ptr();
        let file = std::fs::File::open("/proc/self/status").unwrap();
        let (me, fd) = (std::process::id(), file.as_raw_fd() as u32);
        // SAFETY: everything lives to the end of the test.
        unsafe {
            assert_eq!(vtable.fetch_threads.unwrap()(engine, &callbacks, out), SCAP_FAILURE);
            assert_eq!(capi_common::bytes(out), Some(&b"fetching from the system: the engine is not open"[..]));
            open_engines().insert(engine.m_handle.addr(), Opened { iterators: false, scanner: None });
            assert_eq!(vtable.fetch_threads.unwrap()(engine, &callbacks, out), SCAP_SUCCESS);
            assert!(told.0.contains(&me.into()) && told.0.contains(&1) && told.1.is_empty());
            told.0.clear();
            let mut thread = crate::types::to_c::empty_thread();
            assert_eq!(vtable.fetch_thread.unwrap()(engine, &callbacks, me, &mut *thread, out), SCAP_SUCCESS);
            assert_eq!((told.0.as_slice(), thread.pid), (&[i64::from(me)][..], me.into()));
            assert_eq!(vtable.fetch_proc_file.unwrap()(engine, &callbacks, me, fd, out), SCAP_SUCCESS);
            assert_eq!(told.1, [(me.into(), fd.into())]);
            let mut count = 0;
            let files = vtable.fetch_proc_files.unwrap()(engine, &callbacks, me, true, &mut count, out);
            assert_eq!((files, count), (SCAP_SUCCESS, told.1.len() as u64 - 1));
            assert_eq!(vtable.fetch_procs_files.unwrap()(engine, &callbacks, out), SCAP_SUCCESS);
            assert!(open_engines().remove(&engine.m_handle.addr()).unwrap().scanner.is_some());
        }
    }

    #[test]
    fn an_engine_that_captures_tells_until_it_is_closed() {
        use crate::capture::handle::{scap_close, scap_open};
        use crate::engine::scap_engines::scap_modern_bpf_engine;
        let mut params = scap_modern_bpf_engine_params {
            cpus_for_each_buffer: 0,
            allocate_online_only: true,
            buffer_bytes_dim: 1 << 20,
            disable_iterators: false,
        };
        let mut told = Told::default();
        let callbacks = scap_fetch_callbacks { proc_entry_cb: Some(entry), ctx: (&raw mut told).cast() };
        let mut error = ErrorText::new();
        let (out, mut rc) = (error.0.as_mut_ptr(), SCAP_FAILURE);
        // SAFETY: open arguments may be zeros; everything lives to the end of the test.
        unsafe {
            let mut args = std::mem::MaybeUninit::<scap_open_args>::zeroed().assume_init();
            args.engine_params = (&raw mut params).cast();
            let capture = scap_open(&mut args, &scap_modern_bpf_engine, out, &mut rc);
            if capture.is_null() {
                let why = String::from_utf8_lossy(capi_common::bytes(out).unwrap());
                assert!(why.contains("CAP_BPF") || why.contains("BTF"), "{why}");
                return eprintln!("SKIPPED: {why}");
            }
            let engine = (*capture).m_engine.get();
            assert!(iterates(engine));
            let fetch = scap_modern_bpf_linux_vtable.fetch_threads.unwrap();
            assert_eq!(fetch(engine, &callbacks, out), SCAP_SUCCESS);
            assert!(told.0.contains(&std::process::id().into()));
            scap_close(capture);
            assert!(!iterates(engine));
            assert_eq!(fetch(engine, &callbacks, out), SCAP_FAILURE);
        }
    }
}
