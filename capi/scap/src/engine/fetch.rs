//! Threads and open files for callbacks of a program's, as libpman and an engine's `scap_linux_vtable` tell of them: by the kernel's
//! iterators where it has them, from /proc where not.

use crate::platform::scap_linux_platform::scap_fetch_callbacks;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_NOTFOUND, SCAP_SUCCESS};
use crate::types::to_c;
use capi_common::{ErrorText, guard, write_error};
use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{Error, FdInfo, Result, SystemSink, ThreadInfo};
use std::ffi::c_char;
use std::io::ErrorKind;
use std::ptr::null_mut;

/// Which of what a scan tells the callback is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Threads,
    Files,
}

struct Teller<'a> {
    callbacks: &'a scap_fetch_callbacks,
    wanted: Wanted,
    /// Where the thread goes that the callback is told of: the program's, or one of ours.
    thread: &'a mut scap_threadinfo,
    fd: Box<scap_fdinfo>,
    told: u64,
    /// Where a scan says how it goes.
    note: &'a dyn Fn(&str),
}

impl Teller<'_> {
    /// A callback's refusal concerns its entry alone.
    fn tell(&mut self, tid: i64, thread: *mut scap_threadinfo, fd: *mut scap_fdinfo) {
        let Some(callback) = self.callbacks.proc_entry_cb else { return };
        let mut error = ErrorText::new();
        // SAFETY: the program's callback with the program's context; what it gets lives for the call.
        let rc = unsafe { callback(self.callbacks.ctx, error.0.as_mut_ptr(), tid, thread, fd, null_mut()) };
        self.told += u64::from(rc == SCAP_SUCCESS);
    }
}

impl SystemSink for Teller<'_> {
    fn thread(&mut self, thread: ThreadInfo) {
        if self.wanted == Wanted::Threads {
            to_c::thread(&thread, self.thread);
            let told: *mut scap_threadinfo = self.thread;
            self.tell(thread.tid, told, null_mut());
        }
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        if self.wanted == Wanted::Files {
            to_c::fd(&fd, &mut self.fd);
            let told: *mut scap_fdinfo = &mut *self.fd;
            self.tell(pid, null_mut(), told);
        }
    }

    fn progress(&mut self, message: &str) {
        (self.note)(message);
    }
}

/// Who lends a scanner of the running system.
pub(crate) trait Lender {
    /// Runs `body` on the scanner, which nobody else has in the meantime.
    fn with<T>(&self, body: impl FnOnce(&mut Scanner) -> Result<T>) -> Result<T>;

    /// Logs what is no error, if there is where to.
    fn note(&self, _text: &str) {}
}

/// Tells `callbacks` of what `scan` finds, and answers how many entries they took, or a `SCAP_*` code.
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
    // SAFETY: as the caller promises, here and below.
    let (callbacks, given) = unsafe { (callbacks.as_ref(), tinfo.as_mut()) };
    let body = || {
        let Some(callbacks) = callbacks else {
            return Err(Error::Invalid("fetching from the system: null callbacks".into()));
        };
        let mut own = to_c::empty_thread();
        let thread = given.unwrap_or(&mut own);
        let note = |text: &str| lender.note(text);
        let mut teller = Teller { callbacks, wanted, thread, fd: to_c::empty_fd(), told: 0, note: &note };
        lender.with(|scanner| scan(scanner, &mut teller))?;
        Ok(teller.told)
    };
    guard(|message| Err(Error::Invalid(message.into())), body).map_err(|e| {
        // SAFETY: as above.
        unsafe { write_error(error, &e) };
        match e {
            Error::Io { source, .. } if source.kind() == ErrorKind::NotFound => SCAP_NOTFOUND,
            _ => SCAP_FAILURE,
        }
    })
}

/// The code of an answer of [`fetch`].
fn code(told: std::result::Result<u64, i32>) -> i32 {
    told.map_or_else(|code| code, |_| SCAP_SUCCESS)
}

/// An id that is not 0, which stands for all of them.
fn some(what: &str, id: u32) -> Result<()> {
    match id {
        0 => Err(Error::Invalid(format!("expected positive {what} id, got: 0"))),
        _ => Ok(()),
    }
}

/// Tells of one thread, which `tinfo` is filled with if it is not null. `SCAP_NOTFOUND` if there is none, or the callback does not
/// take it.
///
/// # Safety
/// As of all of these functions: the pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
pub(crate) unsafe fn thread(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    tid: u32,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    let told = unsafe {
        fetch(lender, callbacks, tinfo, error, Wanted::Threads, |scanner, sink| {
            some("thread", tid)?;
            scanner.thread(tid.into(), false, sink)
        })
    };
    if told == Ok(0) { SCAP_NOTFOUND } else { code(told) }
}

/// Tells of all threads.
///
/// # Safety
/// As of [`thread`].
pub(crate) unsafe fn threads(lender: &impl Lender, callbacks: *const scap_fetch_callbacks, error: *mut c_char) -> i32 {
    // SAFETY: as the caller promises.
    code(unsafe { fetch(lender, callbacks, null_mut(), error, Wanted::Threads, |scanner, sink| scanner.threads(sink)) })
}

/// Tells of one open file of a process.
///
/// # Safety
/// As of [`thread`].
pub(crate) unsafe fn file(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    fd: u32,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    code(unsafe {
        fetch(lender, callbacks, null_mut(), error, Wanted::Files, |scanner, sink| {
            some("process", pid)?;
            scanner.fd(pid.into(), fd.into(), sink)
        })
    })
}

/// Tells of the open files of a process, its sockets included if `sockets`; how many the callback took goes to `*count`, which may
/// be null.
///
/// # Safety
/// As of [`thread`].
pub(crate) unsafe fn files(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    sockets: bool,
    count: *mut u64,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        let told = fetch(lender, callbacks, null_mut(), error, Wanted::Files, |scanner, sink| {
            some("process", pid)?;
            scanner.thread(pid.into(), sockets, sink)
        });
        if let Some(out) = count.as_mut() {
            *out = told.unwrap_or(0);
        }
        code(told)
    }
}

/// Tells of the open files of all processes.
///
/// # Safety
/// As of [`thread`].
pub(crate) unsafe fn all_files(
    lender: &impl Lender,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    code(unsafe { fetch(lender, callbacks, null_mut(), error, Wanted::Files, |scanner, sink| scanner.threads(sink)) })
}

/// What the scans are made with.
pub(crate) fn options(iterators: bool) -> ScanOptions {
    ScanOptions { iterators, ..ScanOptions::from_env("HOST_ROOT", "SCAP_HOSTNAME") }
}
