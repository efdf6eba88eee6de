//! Default callbacks, and the lists of threads that programs keep.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::SCAP_SUCCESS;
use crate::types::scap_procs::{scap_proc_callbacks, scap_proclist};
use std::ffi::{c_char, c_void};

/// Initializes an empty list with these callbacks.
///
/// # Safety
/// `proclist` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn init_proclist(proclist: *mut scap_proclist, callbacks: scap_proc_callbacks) {
    if !proclist.is_null() {
        let empty = scap_proclist { m_callbacks: callbacks, m_proclist: std::ptr::null_mut() };
        // SAFETY: not null, so it is valid for writes (# Safety); its old content is neither read nor freed.
        unsafe { proclist.write(empty) };
    }
}

/// The default callback for the start and the end: does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn default_refresh_start_end_callback(_context: *mut c_void) {}

/// The default callback for entries. A platform with it keeps its threads and fds itself, for captures that are written from it.
#[unsafe(no_mangle)]
pub extern "C" fn default_proc_entry_callback(
    _context: *mut c_void,
    _error: *mut c_char,
    _tid: i64,
    _tinfo: *mut scap_threadinfo,
    _fdinfo: *mut scap_fdinfo,
    _new_tinfo: *mut *mut scap_threadinfo,
) -> i32 {
    SCAP_SUCCESS
}
