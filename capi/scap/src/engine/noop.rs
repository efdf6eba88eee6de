//! The engine without events: it can be opened, and its first read returns the end. A program's own engine may put these functions into its
//! vtable.

use crate::types::engine::{scap_engine_handle, scap_evt, scap_t, scap_vtable};
use crate::types::enums::scap_setting as Setting;
use crate::types::ints::scap_setting;
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::scap_stats;
use crate::types::scap_const::{SCAP_EOF, SCAP_NOT_SUPPORTED, SCAP_SUCCESS};
use capi_common::{free, guard, write_error};
use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};
use std::ptr::{NonNull, null, null_mut};

/// The engine without events.
#[unsafe(no_mangle)]
pub static scap_noop_engine: scap_vtable = scap_vtable {
    name: c"noop".as_ptr(),
    savefile_ops: null(),
    alloc_handle: Some(noop_alloc_handle),
    init: None,
    get_flags: None,
    free_handle: Some(noop_free_handle),
    close: Some(noop_close_engine),
    next: Some(noop_next),
    start_capture: Some(noop_start_capture),
    stop_capture: Some(noop_stop_capture),
    configure: Some(noop_configure),
    get_stats: Some(noop_get_stats),
    get_stats_v2: Some(noop_get_stats_v2),
    get_n_tracepoint_hit: Some(noop_get_n_tracepoint_hit),
    get_n_devs: Some(noop_get_n_devs),
    get_max_buf_used: Some(noop_get_max_buf_used),
    get_api_version: None,
    get_schema_version: None,
};

/// The start of an engine's object: the buffer for its error texts.
#[repr(C)]
struct Object {
    error: *mut c_char,
}

/// Returns `SCAP_NOT_SUPPORTED` and writes the text to the error buffer.
///
/// # Safety
/// The handle is null or points to an object whose first member points to the buffer for error texts.
unsafe fn not_supported(engine: scap_engine_handle, what: &str) -> i32 {
    guard(
        |_| SCAP_NOT_SUPPORTED,
        || {
            // SAFETY: null or such an object (# Safety).
            if let Some(object) = unsafe { engine.m_handle.cast::<Object>().as_ref() } {
                // SAFETY: the buffer is null or that of `alloc_handle`, which outlives the object (scap_vtable.h).
                unsafe { write_error(object.error, format_args!("{what} is not supported by the engine")) };
            }
            SCAP_NOT_SUPPORTED
        },
    )
}

/// `alloc_handle`: an object with `lasterr_ptr` alone, which `noop_free_handle` frees.
#[unsafe(no_mangle)]
pub extern "C" fn noop_alloc_handle(_main_handle: *mut scap_t, lasterr_ptr: *mut c_char) -> *mut c_void {
    guard(|_| null_mut(), || Box::into_raw(Box::new(Object { error: lasterr_ptr })).cast())
}

/// `free_handle`.
///
/// # Safety
/// The handle is null or came from `noop_alloc_handle`, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn noop_free_handle(engine: scap_engine_handle) {
    // SAFETY: null or from `noop_alloc_handle`, and not used afterwards (# Safety).
    unsafe { free(engine.m_handle.cast::<Object>()) }
}

/// `close`: there is nothing to close.
#[unsafe(no_mangle)]
pub extern "C" fn noop_close_engine(_engine: scap_engine_handle) -> c_int {
    SCAP_SUCCESS
}

/// `next`: always `SCAP_EOF`.
#[unsafe(no_mangle)]
pub extern "C" fn noop_next(
    _handle: scap_engine_handle,
    _pevent: *mut *mut scap_evt,
    _pdevid: *mut u16,
    _pflags: *mut u32,
) -> i32 {
    SCAP_EOF
}

/// `start_capture`: there is nothing to start.
#[unsafe(no_mangle)]
pub extern "C" fn noop_start_capture(_engine: scap_engine_handle) -> i32 {
    SCAP_SUCCESS
}

/// `stop_capture`: there is nothing to stop.
#[unsafe(no_mangle)]
pub extern "C" fn noop_stop_capture(_engine: scap_engine_handle) -> i32 {
    SCAP_SUCCESS
}

/// `configure`: `SCAP_NOT_SUPPORTED`, except that turning the dropping mode off succeeds.
///
/// # Safety
/// The handle is null, came from `noop_alloc_handle`, or points to an object whose first member is the buffer for error texts, a
/// `char *`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn noop_configure(
    engine: scap_engine_handle,
    setting: scap_setting,
    _arg1: c_ulong,
    arg2: c_ulong,
) -> i32 {
    if setting == Setting::SCAP_SAMPLING_RATIO as u32 && arg2 == 0 {
        return SCAP_SUCCESS;
    }
    // SAFETY: null or an object that starts with its buffer for error texts (# Safety).
    unsafe { not_supported(engine, "changing this setting") }
}

/// `get_stats`: leaves the counters unchanged; `scap_get_stats` has set them to 0.
#[unsafe(no_mangle)]
pub extern "C" fn noop_get_stats(_engine: scap_engine_handle, _stats: *mut scap_stats) -> i32 {
    SCAP_SUCCESS
}

/// `get_stats_v2`: no metrics. The returned pointer is not null, because this is a success, and must not be read.
///
/// # Safety
/// `nstats` and `rc` are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn noop_get_stats_v2(
    _engine: scap_engine_handle,
    _flags: u32,
    nstats: *mut u32,
    rc: *mut i32,
) -> *const metrics_v2 {
    // SAFETY: null or valid for this call (# Safety).
    if let (Some(nstats), Some(rc)) = unsafe { (nstats.as_mut(), rc.as_mut()) } {
        *nstats = 0;
        *rc = SCAP_SUCCESS;
    }
    NonNull::dangling().as_ptr()
}

/// `get_n_tracepoint_hit`: `SCAP_NOT_SUPPORTED`.
///
/// # Safety
/// See `noop_configure`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn noop_get_n_tracepoint_hit(engine: scap_engine_handle, _ret: *mut c_long) -> i32 {
    // SAFETY: null or an object that starts with its buffer for error texts (# Safety).
    unsafe { not_supported(engine, "counting the events of each CPU") }
}

/// `get_n_devs`: 0.
#[unsafe(no_mangle)]
pub extern "C" fn noop_get_n_devs(_engine: scap_engine_handle) -> u32 {
    0
}

/// `get_max_buf_used`: 0.
#[unsafe(no_mangle)]
pub extern "C" fn noop_get_max_buf_used(_engine: scap_engine_handle) -> u64 {
    0
}
