//! How the threads and fds that exist already are told of.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::SCAP_SUCCESS;
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
