//! What a capture counts, and what its engine is.

use crate::capture::handle::capture;
use crate::types::engine::scap_t;
use crate::types::metrics_v2::{METRICS_V2_KERNEL_COUNTERS, METRICS_V2_KERNEL_COUNTERS_PER_CPU, metrics_v2};
use crate::types::scap::scap_stats;
use crate::types::scap_const::*;
use capi_common::{bytes, guard};
use std::ffi::{CString, c_char, c_long};
use std::os::unix::ffi::OsStringExt;
use std::ptr::null;
use std::sync::OnceLock;

/// The counters of a capture so far.
///
/// # Safety
/// `handle` is null or a capture; `stats` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_stats(handle: *mut scap_t, stats: *mut scap_stats) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if stats.is_null() {
        return h.fail(SCAP_FAILURE, "scap_get_stats: null output");
    }
    // SAFETY: as above.
    unsafe { *stats = scap_stats::default() };
    match h.vtable().and_then(|v| v.get_stats) {
        // SAFETY: as above.
        Some(get) => unsafe { get(h.m_engine.get(), stats) },
        None => h.not_supported("counting events"),
    }
}

/// The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which belongs to the capture and lives until the
/// next call. `*rc` is the code.
///
/// # Safety
/// `handle` is null or a capture; `nstats` and `rc` are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_stats_v2(
    handle: *mut scap_t,
    flags: u32,
    nstats: *mut u32,
    rc: *mut i32,
) -> *const metrics_v2 {
    // SAFETY: as the caller promises.
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
        // SAFETY: as above.
        Some(get) => unsafe { get(h.m_engine.get(), flags, nstats, rc) },
        None => {
            // SAFETY: as above.
            unsafe { *rc = h.not_supported("measuring a capture") };
            null()
        }
    }
}

/// How many events each CPU made: `ret` has room for as many numbers as there are possible CPUs, online or not.
///
/// # Safety
/// `handle` is null or a capture; `ret` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_n_tracepoint_hit(handle: *mut scap_t, ret: *mut c_long) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if ret.is_null() {
        return h.fail(SCAP_FAILURE, "scap_get_n_tracepoint_hit: null output");
    }
    match h.vtable().and_then(|v| v.get_n_tracepoint_hit) {
        // SAFETY: as above.
        Some(get) => unsafe { get(h.m_engine.get(), ret) },
        None => h.not_supported("counting tracepoint hits"),
    }
}

/// The `ENGINE_FLAG_*` bits of a capture.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_engine_flags(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_flags).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// How many devices, or rings, events come from.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_ndevs(handle: *mut scap_t) -> u32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 1 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_n_devs).map_or(1, |get| unsafe { get(h.m_engine.get()) })
}

/// The most bytes that ever waited in a ring.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_max_buf_used(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_max_buf_used).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Whether the capture's engine has this name.
///
/// # Safety
/// `handle` is null or a capture; `engine_name` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_check_current_engine(handle: *mut scap_t, engine_name: *const c_char) -> bool {
    // SAFETY: as the caller promises, and vtables are valid.
    unsafe {
        let current = capture(handle).and_then(|h| h.vtable()).and_then(|v| bytes(v.name));
        bytes(engine_name).is_some_and(|name| Some(name) == current)
    }
}

/// The version of the driver's interface; 0 where there is no driver.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_driver_api_version(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_api_version).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// The version of the driver's event table; 0 where there is no driver.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_driver_schema_version(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_schema_version).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Where the host's root directory is mounted (the variable `HOST_ROOT`); empty where the program runs on the host itself. Read
/// once.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_host_root() -> *const c_char {
    static ROOT: OnceLock<CString> = OnceLock::new();
    let read = || {
        CString::new(std::env::var_os(scap_sys::linux::variables::HOST_ROOT).unwrap_or_default().into_vec())
            .unwrap_or_default()
    };
    guard(|_| c"".as_ptr(), || ROOT.get_or_init(read).as_ptr())
}
