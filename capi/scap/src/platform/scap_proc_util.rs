//! Reading one thread from a directory that is laid out as /proc is.

use crate::platform::scap_platform_api::run;
use crate::platform::state::{Platform, scap_platform};
use crate::types::scap_linux_platform::scap_linux_platform;
use crate::types::scap_procs::scap_proclist;
use capi_common::bytes;
use scap_sys::Error;
use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Passes the thread `tid` below the directory `procdirname` to the callback of a list and, if it is a main thread, the fds of its process,
/// with sockets if `scan_sockets`. With the list of the platform (`m_proclist`) they go where its scans pass them, which is the state of the
/// inspector that owns it.
///
/// # Safety
/// The pointers are null or valid; `procdirname` is a string, `error` has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_proc_read_thread(
    linux_platform: *mut scap_linux_platform,
    proclist: *mut scap_proclist,
    procdirname: *mut c_char,
    tid: u64,
    error: *mut c_char,
    scan_sockets: bool,
) -> i32 {
    let platform: *mut scap_platform = linux_platform.cast();
    // SAFETY: null or a valid platform (# Safety), of which a `scap_linux_platform` is the start.
    let own = unsafe { platform.as_ref() }
        .is_some_and(|platform| std::ptr::eq(platform.public.m_proclist.as_ptr(), proclist));
    // SAFETY: null or valid, and null or a string, for this call (# Safety).
    let (list, directory) = unsafe { (proclist.as_ref(), bytes(procdirname)) };
    let read = |platform: &mut Platform| {
        let (Some(list), Some(directory)) = (list, directory) else {
            return Err(Error::Invalid("scap_proc_read_thread: null list or directory".into()));
        };
        let directory = Path::new(OsStr::from_bytes(directory));
        let tid = i64::try_from(tid).map_err(|_| Error::Invalid(format!("no thread has the id {tid}")))?;
        if own {
            platform.forget(tid);
            return platform.scan(|scanner, sink| scanner.thread_below(directory, tid, scan_sockets, sink));
        }
        let mut receiver = Platform::of_list(list.m_callbacks);
        platform.read(|scanner| scanner.thread_below(directory, tid, scan_sockets, &mut receiver))?;
        receiver.first_failure()
    };
    // SAFETY: null or a valid platform that this thread alone uses, and null or a buffer of that size (# Safety).
    unsafe { run(platform, error, read) }
}
