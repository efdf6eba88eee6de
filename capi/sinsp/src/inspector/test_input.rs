//! The test engine: events, threads and fds from a test.

use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use scap::engine::test_events::Events;
use scap::types::scap_test::scap_test_input_data;
use std::ptr::NonNull;

/// Opens the test engine with the events, threads and fds of `data` (see `libscap/scap_test.h`), which must stay valid with all that it
/// points to until the inspector is closed. With `live`, the threads and fds come from a scan of the running system instead.
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
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let data = NonNull::new(data).ok_or_else(|| Failure::illegal("No test input data provided"))?;
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        // SAFETY: by the doc comment, `data` and what it points to stay valid until the inspector is closed, which drops the engine.
        let engine = Box::new(unsafe { Events::new(data) });
        if live {
            core.open_live(engine)?;
        } else {
            // SAFETY: by `# Safety`, `data` and what it points to are valid.
            core.open_test(engine, |sink| unsafe { Events::report_system(data.as_ref(), sink) })?;
        }
        drop(core);
        inspector.opened()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
