//! Fetches threads and open files for a program's callbacks, for libpman and the functions of an engine's `scap_linux_vtable`: through the
//! kernel's BPF iterators if it has them, else from /proc.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_NOTFOUND, SCAP_SUCCESS};
use crate::types::scap_linux_platform::scap_fetch_callbacks;
use crate::types::to_c;
use capi_common::{ErrorText, guard, write_error};
use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{Error, FdInfo, Result, SystemSink, ThreadInfo};
use std::ffi::c_char;
use std::io::ErrorKind;
use std::ptr::null_mut;

/// Which entries of a scan the callback gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Threads,
    Files,
}

struct Reporter<'a> {
    callbacks: &'a scap_fetch_callbacks,
    wanted: Wanted,
    /// The thread that the callback gets: the program's struct, or one of ours.
    thread: &'a mut scap_threadinfo,
    fd: Box<scap_fdinfo>,
    reported: u64,
    /// Takes the progress messages of a scan.
    note: &'a dyn Fn(&str),
}

impl Reporter<'_> {
    /// Calls the callback. A failure concerns this entry alone.
    fn call_back(&mut self, tid: i64, thread: *mut scap_threadinfo, fd: *mut scap_fdinfo) {
        let Some(callback) = self.callbacks.proc_entry_cb else { return };
        let mut error = ErrorText::new();
        // SAFETY: the program's callback with its own context; the other pointers are null or valid during the call.
        let rc = unsafe { callback(self.callbacks.ctx, error.0.as_mut_ptr(), tid, thread, fd, null_mut()) };
        self.reported += u64::from(rc == SCAP_SUCCESS);
    }
}

impl SystemSink for Reporter<'_> {
    fn thread(&mut self, thread: ThreadInfo) {
        if self.wanted == Wanted::Threads {
            to_c::thread(&thread, self.thread);
            let reported: *mut scap_threadinfo = self.thread;
            self.call_back(thread.tid, reported, null_mut());
        }
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        if self.wanted == Wanted::Files {
            to_c::fd(&fd, &mut self.fd);
            let reported: *mut scap_fdinfo = &mut *self.fd;
            self.call_back(pid, null_mut(), reported);
        }
    }

    fn progress(&mut self, message: &str) {
        (self.note)(message);
    }
}

/// Lends a scanner of the running system.
pub(crate) trait Lender {
    /// Runs `body` on the scanner, which has no other user meanwhile.
    fn with<T>(&self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T>;

    /// Logs an informational text, if there is a log function.
    fn note(&self, _text: &str) {}
}

/// Passes what `scan` finds to `callbacks`. Returns how many entries they accepted, or a `SCAP_*` code.
///
/// # Safety
/// `callbacks` and `tinfo` are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
unsafe fn fetch(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
    wanted: Wanted,
    scan: impl FnOnce(&mut Scanner, &mut dyn SystemSink) -> Result<()>,
) -> std::result::Result<u64, i32> {
    // SAFETY: null or valid for this call (# Safety).
    let (callbacks, given) = unsafe { (callbacks.as_ref(), tinfo.as_mut()) };
    let body = || {
        let Some(callbacks) = callbacks else {
            return Err(Error::Invalid("fetching from the system: null callbacks".into()));
        };
        let mut own = to_c::empty_thread();
        let thread = given.unwrap_or(&mut own);
        let note = |text: &str| lender.note(text);
        let mut reporter = Reporter { callbacks, wanted, thread, fd: to_c::empty_fd(), reported: 0, note: &note };
        lender.with(|scanner| scan(scanner, &mut reporter))?;
        Ok(reporter.reported)
    };
    guard(|message| Err(Error::Invalid(message.into())), body).map_err(|e| {
        // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
        unsafe { write_error(error, &e) };
        match e {
            Error::Io { source, .. } if source.kind() == ErrorKind::NotFound => SCAP_NOTFOUND,
            _ => SCAP_FAILURE,
        }
    })
}

/// The `SCAP_*` code of a result of [`fetch`].
fn code(reported: std::result::Result<u64, i32>) -> i32 {
    reported.map_or_else(|code| code, |_| SCAP_SUCCESS)
}

/// Refuses the id 0, which stands for all.
fn some(what: &str, id: u32) -> Result<()> {
    match id {
        0 => Err(Error::Invalid(format!("expected positive {what} id, got: 0"))),
        _ => Ok(()),
    }
}

/// Fetches one thread, into `tinfo` too if it is not null. `SCAP_NOTFOUND` if there is none or the callback refuses it.
///
/// # Safety
/// Of all functions below too: the pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
pub(crate) unsafe fn thread(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    tid: u32,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the pointers are null or valid for this call (# Safety of [`thread`]).
    let reported = unsafe {
        fetch(lender, callbacks, tinfo, error, Wanted::Threads, |scanner, sink| {
            some("thread", tid)?;
            scanner.thread(tid.into(), false, sink)
        })
    };
    if reported == Ok(0) { SCAP_NOTFOUND } else { code(reported) }
}

/// Fetches all threads.
///
/// # Safety
/// See [`thread`].
pub(crate) unsafe fn threads(lender: &impl Lender, callbacks: *const scap_fetch_callbacks, error: *mut c_char) -> i32 {
    // SAFETY: the pointers are null or valid for this call (# Safety of [`thread`]).
    code(unsafe { fetch(lender, callbacks, null_mut(), error, Wanted::Threads, |scanner, sink| scanner.threads(sink)) })
}

/// Fetches one open file of a process.
///
/// # Safety
/// See [`thread`].
pub(crate) unsafe fn file(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    fd: u32,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the pointers are null or valid for this call (# Safety of [`thread`]).
    code(unsafe {
        fetch(lender, callbacks, null_mut(), error, Wanted::Files, |scanner, sink| {
            some("process", pid)?;
            scanner.fd(pid.into(), fd.into(), sink)
        })
    })
}

/// Fetches the open files of a process, with its sockets if `sockets`. `*count`, which may be null, takes how many the callback
/// accepted.
///
/// # Safety
/// See [`thread`].
pub(crate) unsafe fn files(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    sockets: bool,
    count: *mut u64,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the pointers are null or valid for this call (# Safety of [`thread`]).
    unsafe {
        let fetched = fetch(lender, callbacks, null_mut(), error, Wanted::Files, |scanner, sink| {
            some("process", pid)?;
            scanner.thread(pid.into(), sockets, sink)
        });
        if let Some(out) = count.as_mut() {
            *out = fetched.unwrap_or(0);
        }
        code(fetched)
    }
}

/// Fetches the open files of all processes.
///
/// # Safety
/// See [`thread`].
pub(crate) unsafe fn all_files(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the pointers are null or valid for this call (# Safety of [`thread`]).
    code(unsafe { fetch(lender, callbacks, null_mut(), error, Wanted::Files, |scanner, sink| scanner.threads(sink)) })
}

/// The options of the scans.
pub(crate) fn options(iterators: bool) -> ScanOptions {
    ScanOptions { iterators, ..ScanOptions::from_env() }
}
