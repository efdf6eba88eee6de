//! Opening and closing captures.

use crate::capture::handle::capture;
use crate::capture::scap_api_version::check_api_compatibility;
use crate::types::engine::{scap, scap_engine_handle, scap_t, scap_vtable};
use crate::types::scap_const::*;
use crate::types::scap_log::with_libbpf;
use crate::types::scap_open::scap_open_args;
use capi_common::{free, text, write_error};
use std::cell::Cell;
use std::ffi::c_char;
use std::ptr::{null, null_mut};

/// Allocates a capture that is not open yet. The caller owns it and frees it with `scap_close`, or with `scap_deinit` and
/// `scap_free`.
#[unsafe(no_mangle)]
pub extern "C" fn scap_alloc() -> *mut scap_t {
    Box::into_raw(Box::new(scap {
        m_vtable: Cell::new(null()),
        m_engine: Cell::new(scap_engine_handle { m_handle: null_mut() }),
        m_lasterr: Cell::new([0; SCAP_LASTERR_SIZE]),
        m_evtcnt: Cell::new(0),
        m_log_fn: Cell::new(None),
        m_dump_flags: Cell::new(0),
    }))
}

/// Opens an engine in a capture made by `scap_alloc`. After a failure `scap_getlasterr` returns the cause, and the capture can only
/// be freed.
///
/// # Safety
/// The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_init(handle: *mut scap_t, oargs: *mut scap_open_args, vtable: *const scap_vtable) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    // SAFETY: null or valid for this call (# Safety).
    let Some(args) = (unsafe { oargs.as_ref() }) else { return h.fail(SCAP_FAILURE, "scap_init: null open arguments") };
    if vtable.is_null() {
        return h.fail(SCAP_FAILURE, "scap_init: null engine");
    }
    if !h.m_vtable.get().is_null() {
        return h.fail(SCAP_FAILURE, "scap_init: the capture is open already");
    }
    h.m_vtable.set(vtable);
    h.m_log_fn.set(args.log_fn);
    // SAFETY: `vtable` is not null, so it is valid (# Safety).
    let (Some(alloc), init) = (unsafe { ((*vtable).alloc_handle, (*vtable).init) }) else {
        h.m_vtable.set(null());
        return h.fail(SCAP_FAILURE, "scap_init: the engine cannot make a handle");
    };
    let error = h.m_lasterr.as_ptr().cast::<c_char>();
    // SAFETY: the engine's own function; the error buffer is in the capture, which outlives the engine's object.
    let object = unsafe { alloc(handle, error) };
    h.m_engine.set(scap_engine_handle { m_handle: object });
    if object.is_null() {
        h.m_vtable.set(null());
        return h.fail(SCAP_FAILURE, "scap_init: the engine could not make a handle");
    }
    // SAFETY: the engine's own function; the capture has the handle that `alloc_handle` returned.
    match init.map_or(SCAP_SUCCESS, |init| with_libbpf(args.log_fn, || unsafe { init(handle, oargs) })) {
        // SAFETY: the object came from this vtable and is open; the error buffer is in the capture.
        SCAP_SUCCESS => unsafe { check_api_compatibility(vtable, h.m_engine.get(), error) },
        failure => failure,
    }
}

/// Allocates a capture and opens an engine in it. The caller owns it and frees it with `scap_close`.
///
/// On a failure returns null, `*rc` has the code, and `error` (`SCAP_LASTERR_SIZE` bytes) the text; both may be null.
///
/// # Safety
/// The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_open(
    oargs: *mut scap_open_args,
    vtable: *const scap_vtable,
    error: *mut c_char,
    rc: *mut i32,
) -> *mut scap_t {
    let handle = scap_alloc();
    // SAFETY: only this function has the new handle; the other pointers are null or valid for this call (# Safety).
    unsafe {
        let code = scap_init(handle, oargs, vtable);
        if !rc.is_null() {
            *rc = code;
        }
        if code == SCAP_SUCCESS {
            return handle;
        }
        write_error(error, String::from_utf8_lossy(text(&(*handle).m_lasterr.get())));
        scap_close(handle);
    }
    null_mut()
}

/// Closes the engine of a capture. A callback of that capture must not call it, because the engine is still in use.
///
/// # Safety
/// `handle` is null or a valid capture on which no other function is running.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_deinit(handle: *mut scap_t) {
    // SAFETY: null or valid, and in no other use (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return };
    if let Some(vtable) = h.vtable() {
        // SAFETY: the object came from `alloc_handle` of this vtable, and the handle forgets it below.
        unsafe {
            if let Some(stop) = vtable.stop_capture {
                stop(h.m_engine.get());
            }
            if let Some(close) = vtable.close {
                close(h.m_engine.get());
            }
            if let Some(free) = vtable.free_handle {
                free(h.m_engine.get());
            }
        }
    }
    h.m_vtable.set(null());
    h.m_engine.set(scap_engine_handle { m_handle: null_mut() });
}

/// Frees a capture after `scap_deinit`.
///
/// # Safety
/// `handle` is null or a valid capture, which is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_free(handle: *mut scap_t) {
    // SAFETY: null or from the box of `scap_alloc`, and not used afterwards (# Safety).
    unsafe { free(handle) }
}

/// Closes the engine of a capture and frees the capture. A callback of that capture must not call it.
///
/// # Safety
/// `handle` is null or a valid capture on which no other function is running, and which is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_close(handle: *mut scap_t) {
    // SAFETY: `handle` is as both functions require (# Safety).
    unsafe {
        scap_deinit(handle);
        scap_free(handle);
    }
}

/// Returns the text of the last error of a capture; the buffer lives as long as the capture.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_getlasterr(handle: *mut scap_t) -> *const c_char {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return c"null scap handle".as_ptr() };
    let text = h.m_lasterr.as_ptr().cast::<c_char>();
    // A program's own engine may have left no room for the NUL.
    // SAFETY: the buffer is in the valid capture and has SCAP_LASTERR_SIZE bytes.
    unsafe { text.add(SCAP_LASTERR_SIZE - 1).write(0) };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::settings::scap_start_capture;
    use crate::capture::stats::scap_get_stats_v2;
    use crate::engine::nodriver;
    use crate::types::enums::scap_setting;
    use crate::types::ppm::PPM_SC_MAX;
    use crate::types::scap_open::interesting_ppm_sc_set;
    use capi_common::bytes;

    fn args() -> scap_open_args {
        scap_open_args {
            import_users: false,
            ppm_sc_of_interest: interesting_ppm_sc_set { ppm_sc: [false; PPM_SC_MAX] },
            log_fn: None,
            proc_scan_timeout_ms: 0,
            proc_scan_log_interval_ms: 0,
            engine_params: null_mut(),
        }
    }

    /// A program's own engine, whose error text fills the whole buffer.
    unsafe extern "C" fn shout(main: *mut scap_t, _: *mut scap_open_args) -> i32 {
        // SAFETY: `scap_init` passes the valid capture that it opens.
        unsafe { (*main).m_lasterr.set([b'A' as c_char; SCAP_LASTERR_SIZE]) };
        SCAP_FAILURE
    }

    #[test]
    fn a_text_that_an_engine_did_not_end() {
        let shouting = scap_vtable { init: Some(shout), ..nodriver::VTABLE };
        let (mut error, mut rc) = ([1; SCAP_LASTERR_SIZE], 0);
        // SAFETY: every pointer is null or leads to what lives for the call.
        unsafe {
            assert!(scap_open(&mut args(), &shouting, error.as_mut_ptr(), &mut rc).is_null());
            assert_eq!(
                (rc, text(&error).len(), error[SCAP_LASTERR_SIZE - 1]),
                (SCAP_FAILURE, SCAP_LASTERR_SIZE - 1, 0)
            );
            let capture = scap_alloc();
            assert_eq!(scap_init(capture, &mut args(), &shouting), SCAP_FAILURE);
            assert_eq!(bytes(scap_getlasterr(capture)).map(<[u8]>::len), Some(SCAP_LASTERR_SIZE - 1));
            scap_close(capture);
        }
    }

    #[test]
    fn what_is_not_open_or_has_no_output_says_so() {
        // SAFETY: every pointer is null or leads to what lives for the call.
        unsafe {
            let capture = scap_alloc();
            let why = || String::from_utf8_lossy(bytes(scap_getlasterr(capture)).unwrap_or_default()).into_owned();
            assert_eq!(scap_start_capture(capture), SCAP_NOT_SUPPORTED);
            assert!(why().contains("not open"));
            assert_eq!(scap_init(capture, &mut args(), &nodriver::VTABLE), SCAP_SUCCESS);
            let mut rc = SCAP_SUCCESS;
            assert!(scap_get_stats_v2(capture, 0, null_mut(), &mut rc).is_null());
            assert_eq!((rc, &*why()), (SCAP_FAILURE, "scap_get_stats_v2: null output"));
            let configure = nodriver::VTABLE.configure.expect("every engine of ours has it");
            let mask = scap_setting::SCAP_PPM_SC_MASK as u32;
            assert_eq!(configure((*capture).m_engine.get(), mask, 7, 1), SCAP_FAILURE);
            assert!(why().contains("no operation 7"));
            scap_deinit(capture);
            // After `scap_deinit` the capture is like a new one.
            assert_eq!(scap_start_capture(capture), SCAP_NOT_SUPPORTED);
            assert_eq!(scap_init(capture, &mut args(), &nodriver::VTABLE), SCAP_SUCCESS);
            scap_close(capture);
        }
    }
}
