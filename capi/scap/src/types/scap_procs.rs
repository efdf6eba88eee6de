//! Callbacks for threads and fds that exist already.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use std::ffi::{c_char, c_void};

/// Called for each thread that is found (`fdinfo` is null) and each fd (`tinfo` may be null).
///
/// Returns `SCAP_SUCCESS`, or another code and a text in `error` (`SCAP_LASTERR_SIZE` bytes). `tinfo` and `fdinfo` belong to the
/// caller and are valid during the call only. Through `new_tinfo` a callback may return a thread of its own to continue with; this
/// library passes null.
pub type proc_entry_callback = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        error: *mut c_char,
        tid: i64,
        tinfo: *mut scap_threadinfo,
        fdinfo: *mut scap_fdinfo,
        new_tinfo: *mut *mut scap_threadinfo,
    ) -> i32,
>;

/// Called before the first entry.
pub type proc_table_refresh_start = Option<unsafe extern "C" fn(context: *mut c_void)>;

/// Called after the last entry.
pub type proc_table_refresh_end = Option<unsafe extern "C" fn(context: *mut c_void)>;

/// Callbacks for threads and fds. Each may be null.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_proc_callbacks {
    /// Called before the first entry.
    pub m_refresh_start_cb: proc_table_refresh_start,
    /// Called after the last entry.
    pub m_refresh_end_cb: proc_table_refresh_end,
    /// Called for each entry.
    pub m_proc_entry_cb: proc_entry_callback,
    /// The `context` of the callbacks.
    pub m_callback_context: *mut c_void,
}

impl scap_proc_callbacks {
    /// No callbacks.
    pub(crate) const NONE: scap_proc_callbacks = scap_proc_callbacks {
        m_refresh_start_cb: None,
        m_refresh_end_cb: None,
        m_proc_entry_cb: None,
        m_callback_context: std::ptr::null_mut(),
    };
}

/// A program's threads and the callbacks for them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_proclist {
    /// The callbacks.
    pub m_callbacks: scap_proc_callbacks,
    /// The first thread of the program's table.
    pub m_proclist: *mut scap_threadinfo,
}
