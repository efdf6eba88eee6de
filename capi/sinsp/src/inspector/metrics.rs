//! What is measured of an inspector. Any operating-system thread may call these functions, also while another one is in `sinsp_inspector_next`.

use crate::ffi::{Failure, borrow, guard, guard_status, sinsp_error, sinsp_status};
use crate::inspector::gate::{Call, Refused};
use crate::inspector::handle::sinsp_inspector;
use crate::metrics::{collect, sinsp_state_counters};
use scap::engine::metrics::of_driver;
use scap::types::metrics_v2::metrics_v2;
use sinsp_core::state::StateCounts;
use std::time::Duration;

/// How long a census waits for the thread that reads events: much longer than an engine waits for an event.
const PATIENCE: Duration = Duration::from_millis(200);

/// The counters of the state since the inspector was created. They change while events are read, and are valid as long as the inspector; each of
/// them is loaded and stored as a whole. Null for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_state_counters(
    inspector: *const sinsp_inspector,
) -> *const sinsp_state_counters {
    // SAFETY: by `# Safety`, `inspector` is null or live; only the address of its counters is taken.
    let counts = unsafe { inspector.as_ref() }.map(|inspector| &**inspector.statistics.state());
    counts.map_or(std::ptr::null(), |counts: &StateCounts| (&raw const *counts).cast())
}

/// Counts the threads of the table and the fds that each of them uses. While another operating-system thread is in `sinsp_inspector_next`, that
/// thread counts them at its next event; if it does not come to that, as in a function of the program, the last count is returned.
///
/// # Safety
/// `inspector` must be null or live; `threads` and `fds` null or writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_census(
    inspector: *const sinsp_inspector,
    threads: *mut u64,
    fds: *mut u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, and the others null or writable.
        let (inspector, threads, fds) = unsafe { (borrow(inspector, "inspector")?, threads.as_mut(), fds.as_mut()) };
        let census = match inspector.gate().read() {
            Ok(core) => core.census(),
            Err(Refused::Calling(Call::Next)) => inspector.statistics.await_census(PATIENCE),
            Err(_) => inspector.statistics.await_census(Duration::ZERO),
        };
        threads.into_iter().for_each(|threads| *threads = census.threads);
        fds.into_iter().for_each(|fds| *fds = census.fds);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The metrics of the driver, of the kinds in `flags` (`METRICS_V2_*` of `libscap/metrics_v2.h`): `*count` of them, valid until this
/// operating-system thread collects others. Null without an error, and a count of 0, if the inspector captures with no driver.
///
/// # Safety
/// `inspector` must be null or live, `count` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_metrics(
    inspector: *mut sinsp_inspector,
    flags: u32,
    count: *mut u32,
    error: *mut *mut sinsp_error,
) -> *const metrics_v2 {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `count` is null or writable.
        let (inspector, count) = unsafe { (borrow(inspector, "inspector")?, count.as_mut()) };
        let count = count.ok_or_else(|| Failure::illegal("null number of metrics"))?;
        *count = 0;
        match inspector.statistics.engine().filter(|engine| engine.has_driver()) {
            Some(driver) => collect(Some(count), |list| Ok(of_driver(&*driver, flags, list)?)),
            None => Ok(std::ptr::null()),
        }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| std::ptr::null(), body) }
}
