//! This machine as a platform, and what an engine of a program's can tell of its threads and files.

use crate::platform::scap_platform::alloc;
use crate::platform::scap_procs::{proc_entry_callback, scap_proc_callbacks};
use crate::platform::state::{Source, scap_platform};
use crate::types::engine_handle::scap_engine_handle;
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap::scap_threadinfo;
use std::cell::Cell;
use std::ffi::{c_char, c_void};

/// Who is told of what is fetched.
#[repr(C)]
pub struct scap_fetch_callbacks {
    /// Called for each thread and each file.
    pub proc_entry_cb: proc_entry_callback,
    /// What it gets as `context`.
    pub ctx: *mut c_void,
}

/// What an engine on Linux can tell of threads and files that exist already. The functions answer a `SCAP_*` code and, in `error`,
/// a text of at most `SCAP_LASTERR_SIZE` bytes. A null function: the engine does not have it.
#[repr(C)]
pub struct scap_linux_vtable {
    /// The pid of a process in its own pid namespace.
    pub get_vpid: Option<unsafe extern "C" fn(engine: scap_engine_handle, pid: u64, vpid: *mut i64) -> i32>,
    /// The tid of a thread in its own pid namespace.
    pub get_vtid: Option<unsafe extern "C" fn(engine: scap_engine_handle, tid: u64, vtid: *mut i64) -> i32>,
    /// The pid of this program, as the host counts.
    pub getpid_global:
        Option<unsafe extern "C" fn(engine: scap_engine_handle, pid: *mut i64, error: *mut c_char) -> i32>,
    /// The processor times of all threads; `*procinfo_p` is made, or made larger, as needed.
    pub get_threadlist: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            procinfo_p: *mut *mut ppm_proclist_info,
            error: *mut c_char,
        ) -> i32,
    >,
    /// One thread.
    pub fetch_thread: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            tid: u32,
            tinfo: *mut scap_threadinfo,
            error: *mut c_char,
        ) -> i32,
    >,
    /// All threads.
    pub fetch_threads: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            error: *mut c_char,
        ) -> i32,
    >,
    /// One file of a process.
    pub fetch_proc_file: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            pid: u32,
            fd: u32,
            error: *mut c_char,
        ) -> i32,
    >,
    /// The files of a process.
    pub fetch_proc_files: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            pid: u32,
            must_fetch_sockets: bool,
            num_files_fetched: *mut u64,
            error: *mut c_char,
        ) -> i32,
    >,
    /// The files of all processes.
    pub fetch_procs_files: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            error: *mut c_char,
        ) -> i32,
    >,
}

impl scap_linux_vtable {
    /// An engine that has none of it.
    pub(crate) const NONE: scap_linux_vtable = scap_linux_vtable {
        get_vpid: None,
        get_vtid: None,
        getpid_global: None,
        get_threadlist: None,
        fetch_thread: None,
        fetch_threads: None,
        fetch_proc_file: None,
        fetch_proc_files: None,
        fetch_procs_files: None,
    };
}

/// What a platform of this machine starts with, whose pointer may be cast to one of these.
#[repr(C)]
pub struct scap_linux_platform {
    /// The engine that `scap_platform_init` was handed.
    pub m_engine: Cell<scap_engine_handle>,
    /// What the engine can tell of threads and files. A program with an engine of its own sets it before `scap_platform_init`, to
    /// functions that live as long as the platform.
    pub m_linux_vtable: Cell<*const scap_linux_vtable>,
}

/// This machine: `scap_platform_init` scans its processes.
#[unsafe(no_mangle)]
pub extern "C" fn scap_linux_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Linux, proc_callbacks)
}

/// This machine without its processes: the machine itself, its interfaces, and this program.
#[unsafe(no_mangle)]
pub extern "C" fn scap_linux_hostinfo_alloc_platform() -> *mut scap_platform {
    alloc(Source::Host, scap_proc_callbacks::NONE)
}
