//! The counters and metrics of a capture, and the properties of its engine.

use crate::capture::handle::capture;
use crate::types::engine::scap_t;
use crate::types::metrics_v2::{METRICS_V2_KERNEL_COUNTERS, METRICS_V2_KERNEL_COUNTERS_PER_CPU, metrics_v2};
use crate::types::scap::scap_stats;
use crate::types::scap_const::*;
use capi_common::{bytes, guard};
use once_cell::sync::OnceCell;
use std::ffi::{CString, c_char, c_long};
use std::os::unix::ffi::OsStringExt;
use std::ptr::null;

/// Writes the counters of a capture so far to `*stats`.
///
/// # Safety
/// `handle` is null or a valid capture; `stats` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_stats(handle: *mut scap_t, stats: *mut scap_stats) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if stats.is_null() {
        return h.fail(SCAP_FAILURE, "scap_get_stats: null output");
    }
    // SAFETY: not null, so it is valid for this call (# Safety).
    unsafe { *stats = scap_stats::default() };
    match h.vtable().and_then(|v| v.get_stats) {
        // SAFETY: the object came from this vtable, and `stats` is valid for this call (# Safety).
        Some(get) => unsafe { get(h.m_engine.get(), stats) },
        None => h.not_supported("counting events"),
    }
}

/// Returns an array of `*nstats` metrics of the `METRICS_V2_*` kinds in `flags`, which belongs to the capture and is valid until
/// the next call. `*rc` is the code; null on an error.
///
/// # Safety
/// `handle` is null or a valid capture; `nstats` and `rc` are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_stats_v2(
    handle: *mut scap_t,
    flags: u32,
    nstats: *mut u32,
    rc: *mut i32,
) -> *const metrics_v2 {
    // SAFETY: the outputs are null or valid, and the capture null or valid and used by this thread alone (# Safety).
    let Some(h) = (unsafe {
        if !nstats.is_null() {
            *nstats = 0;
        }
        if !rc.is_null() {
            *rc = SCAP_FAILURE;
        }
        capture(handle)
    }) else {
        return null();
    };
    if nstats.is_null() || rc.is_null() {
        h.fail(SCAP_FAILURE, "scap_get_stats_v2: null output");
        return null();
    }
    let per_cpu = flags & METRICS_V2_KERNEL_COUNTERS_PER_CPU != 0;
    let flags = flags | if per_cpu { METRICS_V2_KERNEL_COUNTERS } else { 0 };
    match h.vtable().and_then(|v| v.get_stats_v2) {
        // SAFETY: the object came from this vtable; the outputs are not null, so they are valid (# Safety).
        Some(get) => unsafe { get(h.m_engine.get(), flags, nstats, rc) },
        None => {
            // SAFETY: not null, so it is valid (# Safety).
            unsafe { *rc = h.not_supported("measuring a capture") };
            null()
        }
    }
}

/// Writes how many events each CPU produced to `ret`, which has one entry for each possible CPU, online or not.
///
/// # Safety
/// `handle` is null or a valid capture; `ret` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_n_tracepoint_hit(handle: *mut scap_t, ret: *mut c_long) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if ret.is_null() {
        return h.fail(SCAP_FAILURE, "scap_get_n_tracepoint_hit: null output");
    }
    match h.vtable().and_then(|v| v.get_n_tracepoint_hit) {
        // SAFETY: the object came from this vtable, and `ret` has the room (# Safety).
        Some(get) => unsafe { get(h.m_engine.get(), ret) },
        None => h.not_supported("counting tracepoint hits"),
    }
}

/// Returns the `ENGINE_FLAG_*` bits of a capture.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_engine_flags(handle: *mut scap_t) -> u64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: the object came from this vtable.
    h.vtable().and_then(|v| v.get_flags).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Returns the number of devices (rings) that events come from; 1 if the engine does not say.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_ndevs(handle: *mut scap_t) -> u32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return 1 };
    // SAFETY: the object came from this vtable.
    h.vtable().and_then(|v| v.get_n_devs).map_or(1, |get| unsafe { get(h.m_engine.get()) })
}

/// Returns the largest number of bytes that waited in a ring; 0 if the engine does not measure it: none of this library does.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_max_buf_used(handle: *mut scap_t) -> u64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: the object came from this vtable.
    h.vtable().and_then(|v| v.get_max_buf_used).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Returns whether the capture's engine has this name.
///
/// # Safety
/// `handle` is null or a valid capture; `engine_name` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_check_current_engine(handle: *mut scap_t, engine_name: *const c_char) -> bool {
    // SAFETY: null or valid (# Safety); the vtable and its name live as long as the capture (`scap_init`).
    unsafe {
        let current = capture(handle).and_then(|h| h.vtable()).and_then(|v| bytes(v.name));
        bytes(engine_name).is_some_and(|name| Some(name) == current)
    }
}

/// Returns the version of the driver's API; 0 without a driver.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_driver_api_version(handle: *mut scap_t) -> u64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: the object came from this vtable.
    h.vtable().and_then(|v| v.get_api_version).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Returns the version of the driver's schema, its event table; 0 without a driver.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_driver_schema_version(handle: *mut scap_t) -> u64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: the object came from this vtable.
    h.vtable().and_then(|v| v.get_schema_version).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Returns where the host's root directory is mounted (the variable `HOST_ROOT`, read once); empty if the program runs on the host
/// itself. The text is static.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_host_root() -> *const c_char {
    static ROOT: OnceCell<CString> = OnceCell::new();
    let read = || {
        CString::new(std::env::var_os(scap_sys::linux::variables::HOST_ROOT).unwrap_or_default().into_vec())
            .unwrap_or_default()
    };
    guard(|_| c"".as_ptr(), || ROOT.get_or_init(read).as_ptr())
}
