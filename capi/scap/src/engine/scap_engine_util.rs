//! What engines ask the running kernel.

use crate::engine::modern_bpf::kernel_counts_run_times;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use capi_common::{guard, write_error};
use std::ffi::c_char;

/// Writes when the machine was booted, in nanoseconds since the epoch, to `*boot_time`. `last_err` (`SCAP_LASTERR_SIZE` bytes,
/// or null) takes the text of an error.
///
/// # Safety
/// The pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_precise_boot_time(last_err: *mut c_char, boot_time: *mut u64) -> i32 {
    // SAFETY: as the caller promises.
    let Some(boot_time) = (unsafe { boot_time.as_mut() }) else {
        // SAFETY: the caller's buffer, if any.
        unsafe { write_error(last_err, "scap_get_precise_boot_time: null output") };
        return SCAP_FAILURE;
    };
    guard(
        |message| {
            // SAFETY: the caller's buffer, if any.
            unsafe { write_error(last_err, message) };
            SCAP_FAILURE
        },
        || {
            *boot_time = scap_sys::linux::boot_time();
            SCAP_SUCCESS
        },
    )
}

/// Whether the kernel counts the run times of BPF programs.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_bpf_stats_enabled() -> bool {
    guard(|_| false, || kernel_counts_run_times().unwrap_or(false))
}
