//! Lists of the CPU times of threads, which a program's own engine fills.

use crate::types::ppm::ppm_proclist_info;
use capi_common::write_error;
use std::ffi::c_char;

/// The first size of a list of CPU times, in threads.
pub const SCAP_DRIVER_PROCINFO_INITIAL_SIZE: u32 = 7;

/// A list of CPU times has room for fewer threads than this.
pub const SCAP_DRIVER_PROCINFO_MAX_SIZE: u32 = 128_000;

/// Makes room for `n_entries` threads in the list of CPU times `*proclist_p`, which is null or was made by this function; its
/// entries stay. Returns false if there are too many or no memory; `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the text.
/// Without memory the list is freed, and `*proclist_p` is null. For `get_threadlist` of a `scap_linux_vtable`.
///
/// # Safety
/// `proclist_p` is null or valid, and so is what it points to; `error` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_alloc_proclist_info(
    proclist_p: *mut *mut ppm_proclist_info,
    n_entries: u32,
    error: *mut c_char,
) -> bool {
    // SAFETY: the pointers are null or valid (# Safety), and the list is null or came from this function's realloc.
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

/// Frees a list of CPU times.
///
/// # Safety
/// `proclist` is null or came from `scap_alloc_proclist_info`, and is not used afterwards. A list of `scap_get_threadlist` belongs
/// to its platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_free_proclist_info(proclist: *mut ppm_proclist_info) {
    // SAFETY: null or from realloc, and not used afterwards (# Safety).
    unsafe { libc::free(proclist.cast()) };
}
