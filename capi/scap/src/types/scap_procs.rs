//! How the threads and fds that exist already are told of.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use std::ffi::{c_char, c_void};

/// Called for each thread that is found (`fdinfo` is null) and each fd (`tinfo` may be null).
///
/// `error` takes a text of `SCAP_LASTERR_SIZE` bytes if the answer is not `SCAP_SUCCESS`. `tinfo` and `fdinfo` belong to the
/// caller and live for the call alone. Through `new_tinfo`, which may be null, the callback can hand back a thread of its own
/// that the caller is to go on with; it must live until the next call.
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

/// Who is told of threads and fds. Each function may be null.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_proc_callbacks {
    /// Before the first entry.
    pub m_refresh_start_cb: proc_table_refresh_start,
    /// After the last entry.
    pub m_refresh_end_cb: proc_table_refresh_end,
    /// For each entry.
    pub m_proc_entry_cb: proc_entry_callback,
    /// What they get as `context`.
    pub m_callback_context: *mut c_void,
}

impl scap_proc_callbacks {
    /// Nobody.
    pub(crate) const NONE: scap_proc_callbacks = scap_proc_callbacks {
        m_refresh_start_cb: None,
        m_refresh_end_cb: None,
        m_proc_entry_cb: None,
        m_callback_context: std::ptr::null_mut(),
    };
}

/// Threads that a program keeps, and who is told of them.
#[repr(C)]
pub struct scap_proclist {
    /// Who is told.
    pub m_callbacks: scap_proc_callbacks,
    /// The first thread of the program's table.
    pub m_proclist: *mut scap_threadinfo,
}
