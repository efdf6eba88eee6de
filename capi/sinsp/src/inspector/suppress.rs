//! Suppressed threads, whose events are dropped: threads by name, by tid, and all their descendants.

use crate::ffi::{Failure, borrow, guard, guard_handle, release, sinsp_error, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::state::Suppressed;
use std::cell::RefCell;

/// The suppressed threads of an inspector, or a separate set. Owned; freed with `sinsp_suppressed_free`, before the inspector.
pub struct sinsp_suppressed {
    inspector: *const sinsp_inspector,
    own: RefCell<Own>,
}

/// A set that belongs to no inspector.
#[derive(Default)]
struct Own {
    set: Suppressed,
    /// Whether a scan passes its threads now.
    scanning: bool,
}

impl sinsp_suppressed {
    /// Runs `body`, which reads the set.
    fn read<T>(&self, body: impl FnOnce(&Suppressed) -> T) -> Result<T, Failure> {
        // SAFETY: the clause of `sinsp_suppressed_new`: the inspector stays live until the handle is freed.
        match unsafe { self.inspector.as_ref() } {
            Some(inspector) => Ok(body(&inspector.core()?.state().suppressed)),
            None => self.with(|set, _| body(set)),
        }
    }

    /// Runs `body` with the set and its flag for a running scan.
    fn with<T>(&self, body: impl FnOnce(&mut Suppressed, &mut bool) -> T) -> Result<T, Failure> {
        // SAFETY: the clause of `sinsp_suppressed_new`: the inspector stays live until the handle is freed.
        if let Some(inspector) = unsafe { self.inspector.as_ref() } {
            // The inspector's own scan does not go through this function.
            return Ok(body(&mut inspector.core_mut()?.state_mut().suppressed, &mut false));
        }
        let mut own = self.own.try_borrow_mut().map_err(|_| Failure::illegal("the set is in use"))?;
        let own = &mut *own;
        Ok(body(&mut own.set, &mut own.scanning))
    }
}

const WHAT: &str = "set of suppressed threads";

/// Runs `body` with a set; returns `failed` with an error if it is null or its inspector is in use.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
unsafe fn on<T>(
    set: *const sinsp_suppressed,
    error: *mut *mut sinsp_error,
    failed: T,
    body: impl FnOnce(&mut Suppressed, &mut bool) -> T,
) -> T {
    // SAFETY: by `# Safety`, `set` is null or live.
    unsafe { guard(error, |_| failed, || borrow(set, WHAT)?.with(body)) }
}

/// A handle for the inspector's suppressed threads; for null an empty set of its own.
///
/// # Safety
/// `inspector` must be null or live until the returned handle is freed; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_new(
    inspector: *const sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_suppressed {
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, || Ok(sinsp_suppressed { inspector, own: RefCell::default() })) }
}

/// Frees a handle; null is ignored.
///
/// # Safety
/// `set` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_free(set: *mut sinsp_suppressed) {
    // SAFETY: by `# Safety`, `set` is null or owned, and this call is the one that frees it.
    unsafe { release(set) }
}

/// Suppresses threads named `comm` that start or are scanned from now on, and their descendants. Returns false with an error.
///
/// # Safety
/// `set` must be null or live, `comm` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_add_comm(
    set: *const sinsp_suppressed,
    comm: sinsp_str,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `comm` is readable.
    let comm = unsafe { comm.bytes() };
    let add = |set: &mut Suppressed, _: &mut bool| {
        set.add_comm(comm);
        true
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(set, error, false, add) }
}

/// Suppresses a thread and its future descendants. Returns false with an error.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_add_tid(
    set: *const sinsp_suppressed,
    tid: i64,
    error: *mut *mut sinsp_error,
) -> bool {
    let add = |set: &mut Suppressed, _: &mut bool| {
        set.add_tid(tid);
        true
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(set, error, false, add) }
}

/// Removes all names or, with `tids`, all threads. Returns false with an error.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_clear(
    set: *const sinsp_suppressed,
    tids: bool,
    error: *mut *mut sinsp_error,
) -> bool {
    let clear = |set: &mut Suppressed, _: &mut bool| {
        if tids {
            set.clear_tids();
        } else {
            set.clear_comms();
        }
        true
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(set, error, false, clear) }
}

/// Whether a thread is suppressed.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_has_tid(
    set: *const sinsp_suppressed,
    tid: i64,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `set` is null or live, `error` is null or writable.
    unsafe { guard(error, |_| false, || borrow(set, WHAT)?.read(|set| set.has_tid(tid))) }
}

/// The number of suppressed threads; writes the number of suppressed events to `*events`.
///
/// # Safety
/// `set` must be null or live, `events` null or writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_count(
    set: *const sinsp_suppressed,
    events: *mut u64,
    error: *mut *mut sinsp_error,
) -> usize {
    // SAFETY: by `# Safety`, `events` is null or writable.
    let events = unsafe { events.as_mut() };
    let count = |set: &Suppressed| {
        if let Some(events) = events {
            *events = set.events();
        }
        set.tids()
    };
    // SAFETY: by `# Safety`, `set` is null or live, `error` is null or writable.
    unsafe { guard(error, |_| 0, || borrow(set, WHAT)?.read(count)) }
}

/// Begins a scan: until `sinsp_suppressed_end_scan`, the program calls `sinsp_suppressed_check` for each thread, in any order. Returns false
/// with an error.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_begin_scan(
    set: *const sinsp_suppressed,
    error: *mut *mut sinsp_error,
) -> bool {
    let begin = |_: &mut Suppressed, scanning: &mut bool| {
        *scanning = true;
        true
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(set, error, false, begin) }
}

/// Ends a scan: suppresses the descendants of suppressed threads. Returns false with an error.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_end_scan(set: *const sinsp_suppressed, error: *mut *mut sinsp_error) -> bool {
    let end = |set: &mut Suppressed, scanning: &mut bool| {
        *scanning = false;
        set.end_scan();
        true
    };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(set, error, false, end) }
}

/// Suppresses a thread if its name is suppressed; returns whether it is. During a scan it also records the thread's parent.
///
/// # Safety
/// `set` must be null or live, `comm` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_check(
    set: *const sinsp_suppressed,
    tid: i64,
    ptid: i64,
    comm: sinsp_str,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: by `# Safety`, `comm` is readable.
    let comm = unsafe { comm.bytes() };
    // SAFETY: this `# Safety` includes that of `on`.
    unsafe { on(set, error, false, |set, scanning| set.scan(tid, ptid, comm, *scanning)) }
}
