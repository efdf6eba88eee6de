//! The platform of the running Linux system, and the functions of a program's own engine for its threads and files.

use crate::types::engine::scap_engine_handle;
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap::scap_threadinfo;
use crate::types::scap_procs::proc_entry_callback;
use std::cell::Cell;
use std::ffi::{c_char, c_void};

/// The callback for threads and files that are fetched.
#[repr(C)]
pub struct scap_fetch_callbacks {
    /// Called for each thread and each file.
    pub proc_entry_cb: proc_entry_callback,
    /// The `context` of the callback.
    pub ctx: *mut c_void,
}

// The types of the functions are spelled out: a type alias would be a typedef in the C header.
/// The functions of an engine on Linux that describe threads and files which exist before the first event. Each returns a `SCAP_*` code and
/// writes the text of an error to `error`, at most `SCAP_LASTERR_SIZE` bytes. An engine leaves a function null that it does not have.
#[repr(C)]
pub struct scap_linux_vtable {
    /// Writes the pid of a process in its own pid namespace to `*vpid`.
    pub get_vpid: Option<unsafe extern "C" fn(engine: scap_engine_handle, pid: u64, vpid: *mut i64) -> i32>,
    /// Writes the tid of a thread in its own pid namespace to `*vtid`.
    pub get_vtid: Option<unsafe extern "C" fn(engine: scap_engine_handle, tid: u64, vtid: *mut i64) -> i32>,
    /// Writes the pid of this process in the host's pid namespace to `*pid`.
    pub getpid_global:
        Option<unsafe extern "C" fn(engine: scap_engine_handle, pid: *mut i64, error: *mut c_char) -> i32>,
    /// Writes the CPU times of all threads to `*procinfo_p`, which it makes or enlarges with `scap_alloc_proclist_info`.
    pub get_threadlist: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            procinfo_p: *mut *mut ppm_proclist_info,
            error: *mut c_char,
        ) -> i32,
    >,
    /// Fetches one thread, into `*tinfo` too.
    pub fetch_thread: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            tid: u32,
            tinfo: *mut scap_threadinfo,
            error: *mut c_char,
        ) -> i32,
    >,
    /// Fetches all threads.
    pub fetch_threads: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            error: *mut c_char,
        ) -> i32,
    >,
    /// Fetches one open file of a process.
    pub fetch_proc_file: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            pid: u32,
            fd: u32,
            error: *mut c_char,
        ) -> i32,
    >,
    /// Fetches the open files of a process. `*num_files_fetched`, which may be null, takes their number.
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
    /// Fetches the open files of all processes.
    pub fetch_procs_files: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            callbacks: *const scap_fetch_callbacks,
            error: *mut c_char,
        ) -> i32,
    >,
}

impl scap_linux_vtable {
    /// No functions.
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

/// The first members of every platform: a `scap_platform *` may be cast to a pointer to this struct.
#[repr(C)]
pub struct scap_linux_platform {
    /// The engine that was passed to `scap_platform_init`.
    pub m_engine: Cell<scap_engine_handle>,
    /// The engine's functions for threads and files. A program with its own engine sets them before `scap_platform_init`; they must
    /// stay valid as long as the platform.
    pub m_linux_vtable: Cell<*const scap_linux_vtable>,
}
