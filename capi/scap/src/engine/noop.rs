//! The engine that has nothing: opening it works, and its end is reached at once. An engine of a program's own takes from its
//! functions those that it has no use for.

use crate::types::engine_handle::scap_engine_handle;
use crate::types::ints::scap_setting;
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::scap_stats;
use crate::types::scap_const::{SCAP_EOF, SCAP_NOT_SUPPORTED, SCAP_SUCCESS};
use crate::types::scap_settings::scap_setting as Setting;
use crate::types::scap_vtable::{scap_evt, scap_t, scap_vtable};
use capi_common::{free, guard, write_error};
use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};
use std::ptr::{NonNull, null, null_mut};

/// No events.
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

/// What an engine's object starts with: where its error texts go.
#[repr(C)]
struct Object {
    error: *mut c_char,
}

/// Answers `SCAP_NOT_SUPPORTED`, and leaves the text with the capture.
///
/// # Safety
/// The handle is null or points to an object that starts with the buffer for error texts.
unsafe fn not_supported(engine: scap_engine_handle, what: &str) -> i32 {
    guard(
        |_| SCAP_NOT_SUPPORTED,
        || {
            // SAFETY: as the caller promises.
            if let Some(object) = unsafe { engine.m_handle.cast::<Object>().as_ref() } {
                // SAFETY: as above.
                unsafe { write_error(object.error, format_args!("{what} is not supported by the engine")) };
            }
            SCAP_NOT_SUPPORTED
        },
    )
}

/// `alloc_handle`: an object that knows `lasterr_ptr` alone, ended by `noop_free_handle`.
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
    // SAFETY: as the caller promises.
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

/// `configure`: `SCAP_NOT_SUPPORTED`, but for the end of the dropping mode, which never began.
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
    // SAFETY: as the caller promises.
    unsafe { not_supported(engine, "changing this setting") }
}

/// `get_stats`: leaves the counters as they are, which is zero when `scap_get_stats` calls it.
#[unsafe(no_mangle)]
pub extern "C" fn noop_get_stats(_engine: scap_engine_handle, _stats: *mut scap_stats) -> i32 {
    SCAP_SUCCESS
}

/// `get_stats_v2`: no metrics, which is no failure: the answer is not null.
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
    // SAFETY: as the caller promises.
    if let (Some(nstats), Some(rc)) = unsafe { (nstats.as_mut(), rc.as_mut()) } {
        *nstats = 0;
        *rc = SCAP_SUCCESS;
    }
    NonNull::dangling().as_ptr()
}

/// `get_n_tracepoint_hit`: `SCAP_NOT_SUPPORTED`.
///
/// # Safety
/// As of `noop_configure`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn noop_get_n_tracepoint_hit(engine: scap_engine_handle, _ret: *mut c_long) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { not_supported(engine, "counting the events of each CPU") }
}

/// `get_n_devs`: none.
#[unsafe(no_mangle)]
pub extern "C" fn noop_get_n_devs(_engine: scap_engine_handle) -> u32 {
    0
}

/// `get_max_buf_used`: nothing.
#[unsafe(no_mangle)]
pub extern "C" fn noop_get_max_buf_used(_engine: scap_engine_handle) -> u64 {
    0
}
