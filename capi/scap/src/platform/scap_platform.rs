//! The platform of a capture: what is known of the system apart from its events. Each is made by one of the `alloc` functions,
//! owned by the program, and ended by `scap_platform_close` and `scap_platform_free`.

use crate::engine::{modern_bpf, test_input};
use crate::platform::scap_procs::scap_proc_callbacks;
use crate::platform::state::{Source, scap_platform};
use crate::types::engine_handle::scap_engine_handle;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_open::scap_open_args;
use capi_common::{free, guard, write_error};
use std::ffi::c_char;

/// A platform of this source, on the heap.
pub(crate) fn alloc(source: Source, callbacks: scap_proc_callbacks) -> *mut scap_platform {
    guard(|_| std::ptr::null_mut(), || Box::into_raw(Box::new(scap_platform::new(source, callbacks))))
}

/// A platform that knows nothing.
#[unsafe(no_mangle)]
pub extern "C" fn scap_generic_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Nothing, proc_callbacks)
}

/// Reads what a platform knows, after its engine was opened; the callbacks are told of all threads and fds. `lasterr`
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
    // SAFETY: as the caller promises.
    let (Some(platform), args) = (unsafe { (platform.as_ref(), oargs.as_ref()) }) else { return SCAP_SUCCESS };
    let fail = |text: &dyn std::fmt::Display| {
        // SAFETY: the caller's buffer, if any.
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
            platform.linux.m_engine.set(engine);
            let mut platform = match platform.platform() {
                Ok(platform) => platform,
                Err(e) => return fail(&e),
            };
            if platform.source == Source::Test {
                // SAFETY: the parameters are those of the engine for tests, which the program keeps.
                let told = unsafe { test_input::data(args).and_then(|data| platform.tell_test(data.as_ref())) };
                return told.map_or_else(|e| fail(&e), |()| SCAP_SUCCESS);
            }
            let (timeout, interval) = (args.proc_scan_timeout_ms, args.proc_scan_log_interval_ms);
            platform.set_iterators(modern_bpf::iterates(engine));
            match platform.open(!args.import_users, args.log_fn, timeout, interval) {
                Ok(()) => SCAP_SUCCESS,
                Err(e) => {
                    platform.close();
                    fail(&e)
                }
            }
        },
    )
}

/// Forgets what a platform knows.
///
/// # Safety
/// `platform` is null or a platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_platform_close(platform: *mut scap_platform) -> i32 {
    // SAFETY: as the caller promises.
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

/// Ends a platform; an inspector's stays until its inspector ends. Not from within one of its callbacks, whose work goes on afterwards.
///
/// # Safety
/// `platform` is null or a platform on which no other function is running, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_platform_free(platform: *mut scap_platform) {
    // SAFETY: as the caller promises.
    if unsafe { platform.as_ref() }.is_some_and(|p| !p.is_kept()) {
        // SAFETY: it came from one of the functions above.
        unsafe { free(platform) }
    }
}
