//! Threads and open files for libpman's callbacks: by the kernel's iterators where it has them, from /proc where not.

use super::State;
use crate::convert;
use crate::scap::{scap_fdinfo, scap_threadinfo};
use crate::scap_const::{SCAP_FAILURE, SCAP_NOTFOUND, SCAP_SUCCESS};
use crate::scap_linux_platform::scap_fetch_callbacks;
use capi_common::{ErrorText, write_error};
use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{Error, FdInfo, Result, SystemSink, ThreadInfo};
use std::ffi::c_char;
use std::io::ErrorKind;
use std::ptr::null_mut;

/// Which of what a scan tells the callback is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
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
            convert::thread(&thread, self.thread);
            let told: *mut scap_threadinfo = self.thread;
            self.tell(thread.tid, told, null_mut());
        }
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        if self.wanted == Wanted::Files {
            convert::fd(&fd, &mut self.fd);
            let told: *mut scap_fdinfo = &mut *self.fd;
            self.tell(pid, null_mut(), told);
        }
    }
}

/// Tells `callbacks` of what `scan` finds, and answers how many entries they took, or a `SCAP_*` code.
///
/// # Safety
/// `callbacks` and `tinfo` are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
pub(crate) unsafe fn fetch(
    callbacks: *const scap_fetch_callbacks,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
    wanted: Wanted,
    scan: impl FnOnce(&mut Scanner, &mut dyn SystemSink) -> Result<()>,
) -> std::result::Result<u64, i32> {
    // SAFETY: as the caller promises, here and below.
    let (callbacks, given) = unsafe { (callbacks.as_ref(), tinfo.as_mut()) };
    let mut own = convert::empty_thread();
    let body = |state: &mut State| {
        let Some(callbacks) = callbacks else {
            return Err(Error::Invalid("fetching from the system: null callbacks".into()));
        };
        let thread = given.unwrap_or(&mut own);
        let mut teller = Teller { callbacks, wanted, thread, fd: convert::empty_fd(), told: 0 };
        scan(state.scanner()?, &mut teller)?;
        Ok(teller.told)
    };
    super::answer(body).map_err(|e| {
        // SAFETY: as above.
        unsafe { write_error(error, &e) };
        match e {
            Error::Io { source, .. } if source.kind() == ErrorKind::NotFound => SCAP_NOTFOUND,
            _ => SCAP_FAILURE,
        }
    })
}

/// What the scans are made with.
pub(super) fn options(iterators: bool) -> ScanOptions {
    ScanOptions { iterators, ..ScanOptions::from_env("HOST_ROOT", "SCAP_HOSTNAME") }
}
