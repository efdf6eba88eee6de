//! What is open, and the counters of it.

use crate::ffi::{Failure, borrow, guard, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::gate::Read;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::inspector::{Inspector, Mode};

/// Counters of a capture; `capi/headers` finds them where they are defined.
pub use sinsp_core::inspector::Stats as sinsp_stats;

/// The name of the engine that is open, as `scap_open` knows it, valid forever; empty if none is.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_engine(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match inspector.core_mut() {
        Ok(mut core) => core.engine().map_or(sinsp_str::EMPTY, |engine| sinsp_str::of(engine.name().as_bytes())),
        Err(_) => sinsp_str::EMPTY,
    })
}

/// The time of the last event: nanoseconds since the epoch; 0 before the first, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_last_event_time(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.last_event_ts()))
}

/// How many events were read since the inspector was opened, those that its filter held back included; 0 while it is closed, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_num_events(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    let count = |core: Read<'_, Inspector>| if core.mode() == Mode::Closed { 0 } else { core.event_count() };
    guard_plain(0, || inspector.core().map_or(0, count))
}

/// The tid of the thread that exited with the current event, which leaves the table when the next one comes; -1 if there is none.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_exiting_thread(inspector: *const sinsp_inspector) -> i64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return -1 };
    guard_plain(-1, || inspector.core().ok().and_then(|core| core.exiting_thread()).unwrap_or(-1))
}

/// Looks for threads that are gone and removes them, if it is time; answers whether it was. No observer is told.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_gone_threads(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        Ok(inspector.core_mut()?.remove_gone_threads())
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}

/// The counters of the capture so far. Any thread may ask at any time, also while another one is in `sinsp_inspector_next`; an error if
/// nothing is open.
///
/// # Safety
/// `inspector` must be null or live, `stats` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stats(
    inspector: *mut sinsp_inspector,
    stats: *mut sinsp_stats,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, out) = unsafe { (borrow(inspector, "inspector")?, stats.as_mut()) };
        let out = out.ok_or_else(|| Failure::illegal("null counters"))?;
        *out = inspector.statistics.capture()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Counters of what happened to the tables of threads.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_state_stats {
    /// The size of this struct, which the caller sets: what is beyond it is not written.
    pub size: usize,
    /// Threads that came into the table.
    pub threads_added: u64,
    /// Threads that left it.
    pub threads_removed: u64,
    /// Threads that did not find room.
    pub threads_dropped: u64,
    /// Threads that were asked for and not there.
    pub thread_lookups_failed: u64,
    /// Threads that were invented because nothing could be found out about them.
    pub threads_invented: u64,
    /// Enter events kept for their exit events.
    pub enter_events_kept: u64,
    /// Exit events that wanted their enter event and did not find it.
    pub enter_events_missed: u64,
}

/// The counters of the tables since the inspector was made. Any thread may ask at any time, also while another one is in
/// `sinsp_inspector_next`.
///
/// # Safety
/// `inspector` must be null or live, `stats` null or writable as far as its size says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_state_stats(
    inspector: *const sinsp_inspector,
    stats: *mut sinsp_state_stats,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it; only what threads may share is used of it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if stats.is_null() {
            return Err(Failure::illegal("null counters"));
        }
        // SAFETY: not null, and every such struct begins with its size.
        let size = unsafe { stats.cast::<usize>().read() };
        if size < size_of::<sinsp_state_stats>() {
            return Err(Failure::illegal(format!("counters of {size} bytes")));
        }
        let counted = inspector.statistics.state();
        let counted = sinsp_state_stats {
            size,
            threads_added: counted.threads_added.get(),
            threads_removed: counted.threads_removed.get(),
            threads_dropped: counted.threads_dropped.get(),
            thread_lookups_failed: counted.thread_lookups_failed.get(),
            threads_invented: counted.threads_invented.get(),
            enter_events_kept: counted.enter_events_kept.get(),
            enter_events_missed: counted.enter_events_missed.get(),
        };
        // SAFETY: it has room for this version of the struct.
        unsafe { stats.write(counted) };
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}
