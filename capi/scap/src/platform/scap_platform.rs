//! The platform of a capture: the system apart from its events. One of the `alloc` functions makes it; the program owns it and frees it
//! with `scap_platform_close` and `scap_platform_free`.

use crate::engine::{modern_bpf, test_input};
use crate::platform::state::{Source, scap_platform};
use crate::types::engine::scap_engine_handle;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_log::with_libbpf;
use crate::types::scap_open::scap_open_args;
use capi_common::{free, guard, write_error};
use std::ffi::c_char;

/// Reads the data of a platform, after its engine was opened, and passes all threads and fds to the callbacks. `lasterr`
/// (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.
///
/// # Safety
/// The pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_platform_init(
    platform: *mut scap_platform,
    lasterr: *mut c_char,
    engine: scap_engine_handle,
    oargs: *mut scap_open_args,
) -> i32 {
    // SAFETY: the pointers are null or valid for this call (# Safety).
    let (Some(platform), args) = (unsafe { (platform.as_ref(), oargs.as_ref()) }) else { return SCAP_SUCCESS };
    let fail = |text: &dyn std::fmt::Display| {
        // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
        unsafe { write_error(lasterr, text) };
        SCAP_FAILURE
    };
    guard(
        |message| fail(&message),
        || {
            let Some(args) = args else { return fail(&"scap_platform_init: null open arguments") };
            if platform.is_kept() {
                return fail(&"scap_platform_init: the platform is an inspector's");
            }
            platform.public.m_linux.m_engine.set(engine);
            let mut platform = match platform.platform() {
                Ok(platform) => platform,
                Err(e) => return fail(&e),
            };
            if platform.source == Source::Test {
                // SAFETY: a test's platform gets the parameters of the engine for tests, whose input stays valid (scap_test.h).
                let reported = unsafe { test_input::data(args).and_then(|data| platform.fetch_test(data.as_ref())) };
                return reported.map_or_else(|e| fail(&e), |()| SCAP_SUCCESS);
            }
            let (timeout, interval) = (args.proc_scan_timeout_ms, args.proc_scan_log_interval_ms);
            platform.set_iterators(modern_bpf::iterates(engine));
            match with_libbpf(args.log_fn, || platform.open(!args.import_users, args.log_fn, timeout, interval)) {
                Ok(()) => SCAP_SUCCESS,
                Err(e) => {
                    platform.close();
                    fail(&e)
                }
            }
        },
    )
}

/// Clears the data of a platform; `SCAP_FAILURE` while it is in use.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_platform_close(platform: *mut scap_platform) -> i32 {
    // SAFETY: null or valid (# Safety).
    let Some(platform) = (unsafe { platform.as_ref() }) else { return SCAP_SUCCESS };
    guard(
        |_| SCAP_FAILURE,
        || {
            platform.platform().map_or(SCAP_FAILURE, |mut p| {
                p.close();
                SCAP_SUCCESS
            })
        },
    )
}

/// Frees a platform; an inspector's stays until the inspector ends. A callback of the platform must not call it.
///
/// # Safety
/// `platform` is null or a valid platform on which no other function is running, and which is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_platform_free(platform: *mut scap_platform) {
    // SAFETY: null or valid (# Safety).
    if unsafe { platform.as_ref() }.is_some_and(|p| !p.is_kept()) {
        // SAFETY: no inspector owns it, so it came from the box of `alloc`; it is not used afterwards (# Safety).
        unsafe { free(platform) }
    }
}
