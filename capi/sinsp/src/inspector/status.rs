//! The counters of the capture.

use crate::ffi::{Failure, borrow, build_text, guard, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::gate::Read;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::inspector::{Inspector, Mode};

/// Counters of a capture; `capi/headers` finds them where they are defined.
pub use sinsp_core::inspector::Stats as sinsp_stats;

/// The time of the last event: nanoseconds since the epoch; 0 before the first, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_last_event_time(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.last_event_ts()))
}

/// The time of the first event that is no meta event: nanoseconds since the epoch; 0 before it, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_first_event_time(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.first_event_ts()))
}

/// The number of events read since the inspector was opened, with those that the filter rejected; 0 while it is closed, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_num_events(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    let count = |core: Read<'_, Inspector>| if core.mode() == Mode::Closed { 0 } else { core.event_count() };
    guard_plain(0, || inspector.core().map_or(0, count))
}

/// The environment of the process `pid` as the running system has it, of 8 MiB at most: texts that each end with a NUL. Valid until the next text
/// on the same operating-system thread; empty if it cannot be read, or no running system is inspected.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_environment(inspector: *const sinsp_inspector, pid: i64) -> sinsp_str {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    let read = || inspector.core_mut().ok()?.environment(pid);
    match guard_plain(None, read) {
        Some(environment) => build_text(|out| out.extend_from_slice(&environment)),
        None => sinsp_str::EMPTY,
    }
}

/// The tid of the thread that exited with the current event, which leaves the table when the next one comes; -1 if there is none.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_exiting_thread(inspector: *const sinsp_inspector) -> i64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return -1 };
    guard_plain(-1, || inspector.core().ok().and_then(|core| core.exiting_thread()).unwrap_or(-1))
}

/// Removes exited threads if the purge interval has passed; returns whether it has. The observer is not called.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_gone_threads(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        Ok(inspector.core_mut()?.remove_gone_threads())
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| false, body) }
}

/// The counters of the capture. Any thread may call this at any time, also while another one is in `sinsp_inspector_next`; an error if
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
        // SAFETY: by `# Safety`, `inspector` is null or live, `stats` is null or writable.
        let (inspector, out) = unsafe { (borrow(inspector, "inspector")?, stats.as_mut()) };
        let out = out.ok_or_else(|| Failure::illegal("null counters"))?;
        *out = inspector.statistics.capture()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Counters of the thread table.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_state_stats {
    /// The size of this struct, which the caller sets: what is beyond it is not written.
    pub size: usize,
    /// Threads that were added.
    pub threads_added: u64,
    /// Threads that were removed.
    pub threads_removed: u64,
    /// Threads that were dropped because the table was full.
    pub threads_dropped: u64,
    /// Look-ups that found no thread.
    pub thread_lookups_failed: u64,
    /// Threads that were added with nothing but a tid, because a scan found no more.
    pub threads_invented: u64,
    /// Enter events kept for their exit events.
    pub enter_events_kept: u64,
    /// Exit events whose enter event was missing.
    pub enter_events_missed: u64,
}

/// The counters of the thread table since the inspector was created. Any thread may call this at any time, also while another one is in
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
        // SAFETY: by `# Safety`, `inspector` is null or live; only its atomic counters are used.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if stats.is_null() {
            return Err(Failure::illegal("null counters"));
        }
        // SAFETY: by `# Safety`, a `stats` that is not null begins with its size.
        let size = unsafe { stats.cast::<usize>().read() };
        if size < size_of::<usize>() {
            return Err(Failure::illegal("sinsp_inspector_state_stats: the size of the counters is not set"));
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
        let known = size.min(size_of::<sinsp_state_stats>());
        // SAFETY: by `# Safety`, `stats` is writable for `size` bytes, of which no more are written than `counted` has.
        unsafe { std::ptr::copy_nonoverlapping((&raw const counted).cast::<u8>(), stats.cast(), known) };
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
