//! Threads whose events nobody is to see: those of programs of some names, some threads, and all that they start.

use crate::ffi::{Failure, borrow, guard, guard_handle, release, sinsp_error, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::state::Suppressed;
use std::cell::RefCell;

/// Which threads are suppressed: those of an inspector, or a set of a program's own. Owned; ended with `sinsp_suppressed_free`, before the
/// inspector.
pub struct sinsp_suppressed {
    inspector: *const sinsp_inspector,
    own: RefCell<Own>,
}

/// A set that belongs to no inspector.
#[derive(Default)]
struct Own {
    set: Suppressed,
    /// Whether the threads of a scan are told now.
    scanning: bool,
}

impl sinsp_suppressed {
    /// Runs `body`, which reads the set.
    fn read<T>(&self, body: impl FnOnce(&Suppressed) -> T) -> Result<T, Failure> {
        // SAFETY: whoever made the handle keeps the inspector until it is freed.
        match unsafe { self.inspector.as_ref() } {
            Some(inspector) => Ok(body(&inspector.core()?.state().suppressed)),
            None => self.with(|set, _| body(set)),
        }
    }

    /// Runs `body` with the set, and says whether the threads of a scan are told now.
    fn with<T>(&self, body: impl FnOnce(&mut Suppressed, &mut bool) -> T) -> Result<T, Failure> {
        // SAFETY: whoever made the handle keeps the inspector until it is freed.
        if let Some(inspector) = unsafe { self.inspector.as_ref() } {
            // A scan of the inspector's own tells it all at once.
            return Ok(body(&mut inspector.core_mut()?.state_mut().suppressed, &mut false));
        }
        let mut own = self.own.try_borrow_mut().map_err(|_| Failure::illegal("the set is in use"))?;
        let own = &mut *own;
        Ok(body(&mut own.set, &mut own.scanning))
    }
}

const WHAT: &str = "set of suppressed threads";

/// Runs `body` with a set; `failed` if there is none, or its inspector is at work.
///
/// # Safety
/// `set` must be null or live, `error` null or writable.
unsafe fn on<T>(
    set: *const sinsp_suppressed,
    error: *mut *mut sinsp_error,
    failed: T,
    body: impl FnOnce(&mut Suppressed, &mut bool) -> T,
) -> T {
    // SAFETY: the caller vouches for both.
    unsafe { guard(error, |_| failed, || borrow(set, WHAT)?.with(body)) }
}

/// What the inspector suppresses; for null a set of the program's own, with nothing in it.
///
/// # Safety
/// `inspector` must be null or live, and stay so until the answer is freed; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_new(
    inspector: *const sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_suppressed {
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, || Ok(sinsp_suppressed { inspector, own: RefCell::default() })) }
}

/// Ends a handle; null is ignored.
///
/// # Safety
/// `set` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_free(set: *mut sinsp_suppressed) {
    // SAFETY: passed on.
    unsafe { release(set) }
}

/// Suppresses the threads of this name that start, or are scanned, from now on, and all that they start. Answers whether it worked.
///
/// # Safety
/// `set` must be null or live, `comm` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_add_comm(
    set: *const sinsp_suppressed,
    comm: sinsp_str,
    error: *mut *mut sinsp_error,
) -> bool {
    // SAFETY: the caller vouches for it.
    let comm = unsafe { comm.bytes() };
    let add = |set: &mut Suppressed, _: &mut bool| {
        set.add_comm(comm);
        true
    };
    // SAFETY: passed on.
    unsafe { on(set, error, false, add) }
}

/// Suppresses a thread, and all that it starts. Answers whether it worked.
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
    // SAFETY: passed on.
    unsafe { on(set, error, false, add) }
}

/// Forgets all names, and with `tids` instead all threads. Answers whether it worked.
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
    // SAFETY: passed on.
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
    // SAFETY: passed on.
    unsafe { guard(error, |_| false, || borrow(set, WHAT)?.read(|set| set.has_tid(tid))) }
}

/// How many threads are suppressed, and to `*events` how many events were.
///
/// # Safety
/// `set` must be null or live, `events` null or writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_suppressed_count(
    set: *const sinsp_suppressed,
    events: *mut u64,
    error: *mut *mut sinsp_error,
) -> usize {
    // SAFETY: the caller vouches for it.
    let events = unsafe { events.as_mut() };
    let count = |set: &Suppressed| {
        if let Some(events) = events {
            *events = set.events();
        }
        set.tids()
    };
    // SAFETY: passed on.
    unsafe { guard(error, |_| 0, || borrow(set, WHAT)?.read(count)) }
}

/// From here to `sinsp_suppressed_end_scan`, threads are told to `sinsp_suppressed_check` in any order. Answers whether it worked.
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
    // SAFETY: passed on.
    unsafe { on(set, error, false, begin) }
}

/// Suppresses what suppressed threads have started. Answers whether it worked.
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
    // SAFETY: passed on.
    unsafe { on(set, error, false, end) }
}

/// Suppresses a thread if its name says so; answers whether it does.
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
    // SAFETY: the caller vouches for it.
    let comm = unsafe { comm.bytes() };
    // SAFETY: passed on.
    unsafe { on(set, error, false, |set, scanning| set.scan(tid, ptid, comm, *scanning)) }
}
