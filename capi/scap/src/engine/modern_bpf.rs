//! The engine that captures the running kernel with BPF, behind its C vtable.

use super::metrics::kernel_counts_run_times;
use super::{Handle, NO_FILE, Opener};
use crate::engine::fetch;
use crate::engine::fetch::Lender;
use crate::types::engine::{ENGINE_FLAG_BPF_STATS_ENABLED, scap, scap_engine_handle, scap_vtable};
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::scap_threadinfo;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_linux_platform::{scap_fetch_callbacks, scap_linux_vtable};
use crate::types::scap_open::scap_open_args;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::{Engine, ScDrops};
use scap_sys::linux::Scanner;
use scap_sys::{Error, Result};
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_long, c_ulong};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The default number of CPUs that share a ring.
pub const DEFAULT_CPU_FOR_EACH_BUFFER: u32 = 1;

/// The parameters of a live capture.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct scap_modern_bpf_engine_params {
    /// How many CPUs share a ring; 0 for one ring for all.
    pub cpus_for_each_buffer: u16,
    /// Whether only online CPUs get rings.
    pub allocate_online_only: bool,
    /// The size of each ring, in bytes: a power of 2 and a multiple of the page size.
    pub buffer_bytes_dim: c_ulong,
    /// Whether existing threads and fds are read from /proc even if the kernel has BPF iterators for them.
    pub disable_iterators: bool,
}

/// The functions of an open engine for threads and files that exist already. A Linux platform that is opened with this engine does
/// not need them.
#[unsafe(no_mangle)]
pub static scap_modern_bpf_linux_vtable: scap_linux_vtable = LINUX_VTABLE;

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

/// The state of an open engine for scans of the system.
struct Opened {
    /// Whether the system is scanned through BPF iterators.
    iterators: bool,
    /// Made at the first fetch; absent while it is in use.
    scanner: Option<Box<Scanner>>,
}

/// The open engines by their handles: a platform gets an engine's handle without its vtable.
static OPEN: Mutex<BTreeMap<usize, Opened>> = Mutex::new(BTreeMap::new());

fn open_engines() -> MutexGuard<'static, BTreeMap<usize, Opened>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a platform with this engine scans the system through BPF iterators.
pub(crate) fn iterates(engine: scap_engine_handle) -> bool {
    open_engines().get(&engine.m_handle.addr()).is_some_and(|opened| opened.iterators)
}

/// Makes the functions of [`LINUX_VTABLE`] accept this handle, which belongs to no engine of C's, until [`unregister`].
pub(crate) fn register(handle: scap_engine_handle, iterators: bool) {
    open_engines().insert(handle.m_handle.addr(), Opened { iterators, scanner: None });
}

/// Removes a handle of [`register`] or of an open engine.
pub(crate) fn unregister(handle: scap_engine_handle) {
    // The scanner is closed outside the lock.
    let opened = open_engines().remove(&handle.m_handle.addr());
    drop(opened);
}

/// The scanner of an open engine.
struct System(scap_engine_handle);

impl Lender for System {
    fn with<T>(&self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T> {
        let handle = self.0.m_handle.addr();
        // The lock is not held while the program's callbacks run.
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

/// The functions of the engine for threads and files that exist already.
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
    // SAFETY: callers of `scap_linux_vtable` pass pointers that are null or valid for the call.
    unsafe { fetch::thread(&System(engine), callbacks, tid, tinfo, error) }
}

unsafe extern "C" fn fetch_threads(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: callers of `scap_linux_vtable` pass pointers that are null or valid for the call.
    unsafe { fetch::threads(&System(engine), callbacks, error) }
}

unsafe extern "C" fn fetch_proc_file(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    fd: u32,
    error: *mut c_char,
) -> i32 {
    // SAFETY: callers of `scap_linux_vtable` pass pointers that are null or valid for the call.
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
    // SAFETY: callers of `scap_linux_vtable` pass pointers that are null or valid for the call.
    unsafe { fetch::files(&System(engine), callbacks, pid, must_fetch_sockets, num_files_fetched, error) }
}

unsafe extern "C" fn fetch_procs_files(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: callers of `scap_linux_vtable` pass pointers that are null or valid for the call.
    unsafe { fetch::all_files(&System(engine), callbacks, error) }
}

unsafe extern "C" fn init(main: *mut scap, args: *mut scap_open_args) -> i32 {
    // SAFETY: `scap_init` passes its capture and arguments that are null or valid, with the parameters of this engine.
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
    // SAFETY: `scap_deinit` passes what `alloc_handle` of this vtable returned.
    unsafe { super::close::<ModernBpf>(engine) }
}

impl Opener for ModernBpf {
    type Engine = BpfEngine;
    const NAME: &'static CStr = c"modern_bpf";

    unsafe fn open(args: &scap_open_args) -> Result<BpfEngine> {
        // SAFETY: the parameters are null or those of this engine (# Safety of `Opener::open`).
        let Some(params) = (unsafe { args.engine_params.cast::<scap_modern_bpf_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening the engine modern_bpf: engine_params is null".into()));
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
        super::metrics::of_driver(engine.counts(), flags, metrics)
    }
}

unsafe extern "C" fn flags(_engine: scap_engine_handle) -> u64 {
    if kernel_counts_run_times().unwrap_or(false) { ENGINE_FLAG_BPF_STATS_ENABLED.into() } else { 0 }
}

unsafe extern "C" fn devices(engine: scap_engine_handle) -> u32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let handle = unsafe { Handle::<BpfEngine>::of(engine) };
    handle.map_or(0, |h| h.read(0, |e| e.rings() as u32))
}

/// Whether a vtable is that of this engine, or a copy of it in the program.
pub(crate) fn is(vtable: &scap_vtable) -> bool {
    vtable.init.is_some_and(|own| {
        std::ptr::fn_addr_eq(own, init as unsafe extern "C" fn(*mut scap, *mut scap_open_args) -> i32)
    })
}

/// Gives a CPU a larger ring buffer.
///
/// # Safety
/// `engine` has what `alloc_handle` of this vtable returned, and no other thread uses it (scap.h).
pub(crate) unsafe fn grow_buffer(engine: scap_engine_handle, cpu: u32, bytes: u64) -> i32 {
    // SAFETY: this `# Safety` is that of `Handle::of`.
    let Some(handle) = (unsafe { Handle::<BpfEngine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        engine.grow_buffer(cpu, usize::try_from(bytes).unwrap_or(usize::MAX))?;
        Ok(SCAP_SUCCESS)
    })
}

unsafe extern "C" fn tracepoint_hits(engine: scap_engine_handle, ret: *mut c_long) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<BpfEngine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        for (cpu, counts) in engine.counts().read_cpus()?.into_iter().enumerate() {
            // SAFETY: `ret` has an entry for each possible CPU (`scap_get_n_tracepoint_hit`), as many as there are counts.
            unsafe { ret.add(cpu).write(counts.n_evts as c_long) };
        }
        Ok(SCAP_SUCCESS)
    })
}

/// Passes the drops by system call to `with`.
///
/// # Safety
/// `engine` is what `alloc_handle` of [`VTABLE`] returned, not yet freed, which this thread alone uses.
pub(crate) unsafe fn sc_drops(engine: scap_engine_handle, with: impl FnOnce(&[ScDrops])) -> i32 {
    // SAFETY: a handle of this engine (# Safety).
    let Some(handle) = (unsafe { Handle::<BpfEngine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        with(&engine.counts().read_drops()?.unwrap_or_default());
        Ok(SCAP_SUCCESS)
    })
}

/// The version of the probe's API.
pub const API_VERSION: u64 = version(10, 1, 0);
/// The version of the probe's schema, its event table.
pub const SCHEMA_VERSION: u64 = {
    let [major, minor, patch] = driver::SCHEMA_VERSION;
    version(major as u64, minor as u64, patch as u64)
};

/// A version, packed as by `PPM_API_VERSION`.
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
    use crate::types::scap::scap_fdinfo;
    use capi_common::ErrorText;
    use std::ffi::c_void;
    use std::os::fd::AsRawFd;
    use std::ptr::null_mut;

    /// The threads and fds that the callback got.
    #[derive(Default)]
    struct Reported(Vec<i64>, Vec<(i64, i64)>);

    unsafe extern "C" fn entry(
        context: *mut c_void,
        _error: *mut c_char,
        tid: i64,
        thread: *mut scap_threadinfo,
        fd: *mut scap_fdinfo,
        _new: *mut *mut scap_threadinfo,
    ) -> i32 {
        // A callback may look an engine up while another one scans.
        assert!(!iterates(scap_engine_handle { m_handle: null_mut() }));
        // SAFETY: the context is the test's `Reported`; `fd` is null or valid during the call.
        let (reported, fd) = unsafe { (&mut *context.cast::<Reported>(), fd.as_ref()) };
        if !thread.is_null() {
            reported.0.push(tid);
        }
        reported.1.extend(fd.map(|fd| (tid, fd.fd)));
        SCAP_SUCCESS
    }

    #[test]
    fn an_open_engine_tells_of_threads_and_files() {
        let mut object = 0u8;
        let engine = scap_engine_handle { m_handle: (&raw mut object).cast() };
        let vtable = &scap_modern_bpf_linux_vtable;
        let mut reported = Reported::default();
        let callbacks = scap_fetch_callbacks { proc_entry_cb: Some(entry), ctx: (&raw mut reported).cast() };
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
            assert!(reported.0.contains(&me.into()) && reported.0.contains(&1) && reported.1.is_empty());
            reported.0.clear();
            let mut thread = crate::types::to_c::empty_thread();
            assert_eq!(vtable.fetch_thread.unwrap()(engine, &callbacks, me, &mut *thread, out), SCAP_SUCCESS);
            assert_eq!((reported.0.as_slice(), thread.pid), (&[i64::from(me)][..], me.into()));
            assert_eq!(vtable.fetch_proc_file.unwrap()(engine, &callbacks, me, fd, out), SCAP_SUCCESS);
            assert_eq!(reported.1, [(me.into(), fd.into())]);
            let mut count = 0;
            let files = vtable.fetch_proc_files.unwrap()(engine, &callbacks, me, true, &mut count, out);
            assert_eq!((files, count), (SCAP_SUCCESS, reported.1.len() as u64 - 1));
            assert_eq!(vtable.fetch_procs_files.unwrap()(engine, &callbacks, out), SCAP_SUCCESS);
            assert!(open_engines().remove(&engine.m_handle.addr()).unwrap().scanner.is_some());
        }
    }

    #[test]
    fn an_engine_that_captures_tells_until_it_is_closed() {
        use crate::capture::open::{scap_close, scap_open};
        use crate::engine::scap_engines::scap_modern_bpf_engine;
        let mut params = scap_modern_bpf_engine_params {
            cpus_for_each_buffer: 0,
            allocate_online_only: true,
            buffer_bytes_dim: 1 << 20,
            disable_iterators: false,
        };
        let mut reported = Reported::default();
        let callbacks = scap_fetch_callbacks { proc_entry_cb: Some(entry), ctx: (&raw mut reported).cast() };
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
            assert!(reported.0.contains(&std::process::id().into()));
            scap_close(capture);
            assert!(!iterates(engine));
            assert_eq!(fetch(engine, &callbacks, out), SCAP_FAILURE);
        }
    }
}
