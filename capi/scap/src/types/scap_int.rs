//! What an engine of a program's own needs: the handle of a capture, and lists of processor times.
//!
//! Engines write to the handle, the text of an error say, while a function that was called on it is running; therefore it is all
//! cells, and never borrowed as a whole to be changed.

use crate::types::engine_handle::scap_engine_handle;
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap_const::SCAP_LASTERR_SIZE;
use crate::types::scap_log::falcosecurity_log_fn;
use crate::types::scap_vtable::scap_vtable;
use capi_common::write_error;
use std::cell::Cell;
use std::ffi::c_char;

/// A capture in progress. An engine that a program brings reads the members; all others leave them alone.
#[repr(C)]
pub struct scap {
    /// The engine's functions; null before `scap_init`.
    pub m_vtable: Cell<*const scap_vtable>,
    /// The engine's object.
    pub m_engine: Cell<scap_engine_handle>,
    /// The text of the last error.
    pub m_lasterr: Cell<[c_char; SCAP_LASTERR_SIZE]>,
    /// How many events there were.
    pub m_evtcnt: Cell<u64>,
    /// Where log messages go; may be null.
    pub m_log_fn: Cell<falcosecurity_log_fn>,
    /// The flags of the last event.
    pub m_dump_flags: Cell<u32>,
}

/// How many threads a list of processor times has room for at first.
pub const SCAP_DRIVER_PROCINFO_INITIAL_SIZE: u32 = 7;

/// A list of processor times has room for fewer threads than this.
pub const SCAP_DRIVER_PROCINFO_MAX_SIZE: u32 = 128_000;

/// Gives the list of processor times `*proclist_p`, which is null or was made by this function, room for `n_entries` threads; those
/// that it has stay. False if there are too many, or no memory, whose text goes to `error` (`SCAP_LASTERR_SIZE` bytes, or null).
/// Without memory the list is ended, and `*proclist_p` null. For `get_threadlist` of a `scap_linux_vtable`.
///
/// # Safety
/// `proclist_p` is null or valid, and so is what it points to; `error` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_alloc_proclist_info(
    proclist_p: *mut *mut ppm_proclist_info,
    n_entries: u32,
    error: *mut c_char,
) -> bool {
    // SAFETY: as the caller promises, here and below; the list comes from realloc.
    unsafe {
        let Some(list) = proclist_p.as_mut() else {
            write_error(error, "scap_alloc_proclist_info: null list");
            return false;
        };
        if n_entries >= SCAP_DRIVER_PROCINFO_MAX_SIZE {
            write_error(error, format_args!("a list of {n_entries} threads is too large"));
            return false;
        }
        let bytes = size_of::<ppm_proclist_info>() + n_entries as usize * ENTRY;
        let larger: *mut ppm_proclist_info = libc::realloc((*list).cast(), bytes).cast();
        if larger.is_null() {
            scap_free_proclist_info(*list);
            *list = larger;
            write_error(error, format_args!("no memory for a list of {n_entries} threads"));
            return false;
        }
        if (*list).is_null() {
            (*larger).n_entries = 0;
        }
        (*larger).max_entries = n_entries.into();
        (*larger).n_entries = (*larger).n_entries.min(n_entries.into());
        *list = larger;
        true
    }
}

/// The size of a `ppm_proc_info`: three numbers of 64 bits.
const ENTRY: usize = 3 * size_of::<u64>();

/// Ends a list of processor times.
///
/// # Safety
/// `proclist` is null or came from `scap_alloc_proclist_info`, and is not used afterwards. What `scap_get_threadlist` answers is the
/// platform's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_free_proclist_info(proclist: *mut ppm_proclist_info) {
    // SAFETY: as the caller promises.
    unsafe { libc::free(proclist.cast()) };
}
