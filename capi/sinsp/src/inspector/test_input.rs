//! Events, threads and fds that a test makes up.

use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use scap::types::scap_test::{Events, scap_test_input_data};
use std::ptr::NonNull;

/// Takes events that a test makes up, and the threads and fds that it says exist, from `data` (see `libscap/scap_test.h`), which has to stay
/// with all that it names until the inspector is closed. If `live`, it is as with events of the running system, whose threads and fds are
/// scanned instead.
///
/// # Safety
/// `inspector` must be null or live, `data` null or as it says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_test_input(
    inspector: *mut sinsp_inspector,
    data: *mut scap_test_input_data,
    live: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let data = NonNull::new(data).ok_or_else(|| Failure::illegal("No test input data provided"))?;
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        // SAFETY: the caller keeps the data.
        let engine = Box::new(unsafe { Events::new(data) });
        if live {
            core.open_live(engine)?;
        } else {
            // SAFETY: the data is as it says.
            core.open_test(engine, |sink| unsafe { Events::tell_system(data.as_ref(), sink) })?;
        }
        drop(core);
        inspector.hooks.get().start()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}
