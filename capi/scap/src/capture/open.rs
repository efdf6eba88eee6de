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

/// Makes a capture that is not open yet. Owned by the caller, who ends it with `scap_close`, or with `scap_deinit` and
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

/// Opens an engine in a capture made by `scap_alloc`. After a failure `scap_getlasterr` tells the cause, and the only thing
/// left to do with the capture is to end it.
///
/// # Safety
/// The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_init(handle: *mut scap_t, oargs: *mut scap_open_args, vtable: *const scap_vtable) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    // SAFETY: as above.
    let Some(args) = (unsafe { oargs.as_ref() }) else { return h.fail(SCAP_FAILURE, "scap_init: null open arguments") };
    if vtable.is_null() {
        return h.fail(SCAP_FAILURE, "scap_init: null engine");
    }
    if !h.m_vtable.get().is_null() {
        return h.fail(SCAP_FAILURE, "scap_init: the capture is open already");
    }
    h.m_vtable.set(vtable);
    h.m_log_fn.set(args.log_fn);
    // SAFETY: as above.
    let (Some(alloc), init) = (unsafe { ((*vtable).alloc_handle, (*vtable).init) }) else {
        h.m_vtable.set(null());
        return h.fail(SCAP_FAILURE, "scap_init: the engine cannot make a handle");
    };
    let error = h.m_lasterr.as_ptr().cast::<c_char>();
    // SAFETY: as above.
    let object = unsafe { alloc(handle, error) };
    h.m_engine.set(scap_engine_handle { m_handle: object });
    if object.is_null() {
        h.m_vtable.set(null());
        return h.fail(SCAP_FAILURE, "scap_init: the engine could not make a handle");
    }
    // SAFETY: as above.
    match init.map_or(SCAP_SUCCESS, |init| with_libbpf(args.log_fn, || unsafe { init(handle, oargs) })) {
        // SAFETY: the engine is open now.
        SCAP_SUCCESS => unsafe { check_api_compatibility(vtable, h.m_engine.get(), error) },
        failure => failure,
    }
}

/// Makes a capture and opens an engine in it. Owned by the caller, who ends it with `scap_close`.
///
/// After a failure the answer is null, `*rc` has the code, and `error` (`SCAP_LASTERR_SIZE` bytes) the text; both may be null.
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
    // SAFETY: as the caller promises, and the handle is ours until it is answered.
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

/// Closes the engine of a capture. Not from within a callback of that capture, whose work goes on afterwards.
///
/// # Safety
/// `handle` is null or a capture on which no other function is running.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_deinit(handle: *mut scap_t) {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return };
    if let Some(vtable) = h.vtable() {
        // SAFETY: functions and object belong to the same engine, and the object is not used after it is freed.
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
/// `handle` is null or a capture, which is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_free(handle: *mut scap_t) {
    // SAFETY: it came from scap_alloc.
    unsafe { free(handle) }
}

/// Closes the engine of a capture and frees the capture. Not from within a callback of that capture, whose work goes on afterwards.
///
/// # Safety
/// `handle` is null or a capture on which no other function is running, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_close(handle: *mut scap_t) {
    // SAFETY: as the caller promises.
    unsafe {
        scap_deinit(handle);
        scap_free(handle);
    }
}

/// The text of the last error of a capture; lives as long as the capture.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_getlasterr(handle: *mut scap_t) -> *const c_char {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return c"null scap handle".as_ptr() };
    let text = h.m_lasterr.as_ptr().cast::<c_char>();
    // An engine of the program's may have filled all of it.
    // SAFETY: the text is a cell's, and so long.
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

    /// An engine of a program's, which fills the whole buffer.
    unsafe extern "C" fn shout(main: *mut scap_t, _: *mut scap_open_args) -> i32 {
        // SAFETY: the capture that is opened.
        unsafe { (*main).m_lasterr.set([b'A' as c_char; SCAP_LASTERR_SIZE]) };
        SCAP_FAILURE
    }

    #[test]
    fn a_text_that_an_engine_did_not_end() {
        let shouting = scap_vtable { init: Some(shout), ..nodriver::VTABLE };
        let (mut error, mut rc) = ([1; SCAP_LASTERR_SIZE], 0);
        // SAFETY: all of it is valid.
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
        // SAFETY: all of it is valid, or null.
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
            // After the end of the engine the capture is as new.
            assert_eq!(scap_start_capture(capture), SCAP_NOT_SUPPORTED);
            assert_eq!(scap_init(capture, &mut args(), &nodriver::VTABLE), SCAP_SUCCESS);
            scap_close(capture);
        }
    }
}
