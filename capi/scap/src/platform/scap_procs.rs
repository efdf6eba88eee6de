//! Callbacks that stand for none, and lists of threads that a program keeps.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::SCAP_SUCCESS;
use crate::types::scap_procs::{scap_proc_callbacks, scap_proclist};
use std::ffi::{c_char, c_void};

/// Empties a list, which has these callbacks from then on.
///
/// # Safety
/// `proclist` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn init_proclist(proclist: *mut scap_proclist, callbacks: scap_proc_callbacks) {
    if !proclist.is_null() {
        let empty = scap_proclist { m_callbacks: callbacks, m_proclist: std::ptr::null_mut() };
        // SAFETY: as the caller promises; what stood there needs no end.
        unsafe { proclist.write(empty) };
    }
}

/// Stands for no callback at the start or the end: does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn default_refresh_start_end_callback(_context: *mut c_void) {}

/// Stands for no callback for entries: a platform that has it keeps its threads and fds itself, for the captures that are
/// written from it.
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
