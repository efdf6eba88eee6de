//! The fds of a thread that a program describes.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::uthash;

/// Adds an fd to the table `fdlist` of a thread, which is null for one without fds. The fd stays the caller's, and lives until it
/// is taken out of the table (by uthash's `HASH_DEL`). It must not be in the table already.
///
/// # Safety
/// The pointers are null or valid; `fdlist` is null or a table made by this function or by uthash.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_fd_add(tinfo: *mut scap_threadinfo, fdinfo: *mut scap_fdinfo) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        match tinfo.as_mut() {
            Some(thread) if !fdinfo.is_null() => match uthash::add(&mut thread.fdlist, fdinfo) {
                true => SCAP_SUCCESS,
                false => SCAP_FAILURE,
            },
            _ => SCAP_FAILURE,
        }
    }
}
