//! Events that were dropped, by system call. Not in the reference.

use crate::capture::handle::capture;
use crate::engine::modern_bpf;
use crate::types::engine::scap_t;
use crate::types::ppm::ppm_sc_code;
use crate::types::scap_const::SCAP_FAILURE;
use scap_sys::engine::ScDrops;

/// The events of a system call or tracepoint that were dropped because a ring was full or because they were too long.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct scap_sc_drops {
    /// Its code. Enter events count under their call, a program that the scheduler reports to start as `PPM_SC_EXECVE`, and a child that it reports
    /// as `PPM_SC_CLONE`; `PPM_SC_UNKNOWN` is for the marks of sampling, which belong to no call.
    pub sc: ppm_sc_code,
    /// How many, since the capture was opened.
    pub drops: u64,
}

/// Writes how many events of each system call and tracepoint were dropped so far: the first `capacity` of those that have any, the most first, to
/// `drops`, and their whole number to `*count`. `PPM_SC_MAX` entries are always enough; with a `capacity` of 0 `drops` may be null. The sum is that
/// of `n_drops_buffer` and `n_drops_scratch_map`, once the capture is stopped. `SCAP_NOT_SUPPORTED` by all engines but modern_bpf. To be called by the
/// thread that calls `scap_next`.
///
/// # Safety
/// `handle` is null or a valid capture; `drops` is null or has that room; `count` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_sc_drops(
    handle: *mut scap_t,
    drops: *mut scap_sc_drops,
    capacity: u32,
    count: *mut u32,
) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if count.is_null() || (drops.is_null() && capacity != 0) {
        return h.fail(SCAP_FAILURE, "scap_get_sc_drops: null output");
    }
    // SAFETY: not null, so it is valid (# Safety).
    unsafe { *count = 0 };
    if !h.vtable().is_some_and(modern_bpf::is) {
        return h.not_supported("counting drops by system call");
    }
    let write = |all: &[ScDrops]| {
        for (i, row) in all.iter().take(capacity as usize).enumerate() {
            // SAFETY: `i` is less than `capacity`, for which `drops` has room (# Safety).
            unsafe { drops.add(i).write(scap_sc_drops { sc: row.sc.0.into(), drops: row.drops }) };
        }
        // SAFETY: not null, so it is valid (# Safety).
        unsafe { *count = all.len() as u32 };
    };
    // SAFETY: the object came from this vtable, and this thread alone uses it (# Safety).
    unsafe { modern_bpf::sc_drops(h.m_engine.get(), write) }
}
