//! The table of threads: lookup, iteration, insertion, removal, its limit.

use crate::ffi::{Failure, borrow, guard, guard_plain, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::state::access::{change, visit_all};
use crate::state::thread_data::{SINSP_NO_THREAD, number_of, sinsp_thread_visitor};
use sinsp_core::state::{FdTable, State, Thread, ThreadId};
use std::ffi::c_void;

/// The thread `tid`; `SINSP_NO_THREAD` if it is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread(inspector: *const sinsp_inspector, tid: i64) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || {
        inspector.core().map_or(SINSP_NO_THREAD, |core| number_of(core.state().threads.get(tid)))
    })
}

/// The thread `tid`; if it is not known, the one of the running system, or an invented one with a tid and nothing else.
/// `SINSP_NO_THREAD` if the table is full.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_find_thread(inspector: *const sinsp_inspector, tid: i64) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || match inspector.core_mut() {
        Ok(mut core) => core.state_mut().find_or_invent(tid).map_or(SINSP_NO_THREAD, ThreadId::to_number),
        Err(_) => SINSP_NO_THREAD,
    })
}

/// How many threads are known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_count(inspector: *const sinsp_inspector) -> usize {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.len()))
}

/// Calls `visit` for each thread that is known at the time of the call, in no order, until it returns false. Returns false if
/// `visit` did. The calls may change the table.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw; `error` must be null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_each_thread(
    inspector: *const sinsp_inspector,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if visit.is_none() {
            return Err(Failure::illegal("null callback"));
        }
        let ids: Vec<u64> = inspector.core()?.state().threads.iter().map(|t| t.id().to_number()).collect();
        // SAFETY: by `# Safety`, `visit` is callable with `context`.
        Ok(unsafe { visit_all(ids, visit, context) })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| false, body) }
}

/// Makes `object`, which the inspector takes over, a thread of the inspector, in place of one of the same tid; with `tie` also a member of its
/// process and a child of its parent. Returns its number; `SINSP_NO_THREAD` with an error if the table is full: the object is released then.
///
/// # Safety
/// `inspector` must be null or live, `object` an object of the stores that belongs to no inspector, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_add_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    tie: bool,
    error: *mut *mut sinsp_error,
) -> u64 {
    let add = |state: &mut State, thread: Thread| {
        state.add_thread(thread, tie).ok_or_else(|| {
            let limit = state.threads.limit();
            Failure::new(sinsp_status::SINSP_FAILURE, format!("the table of threads is full: it holds {limit}"))
        })
    };
    // SAFETY: this `# Safety` includes that of `take_in`.
    unsafe { take_in(inspector, object, error, add) }
}

/// Makes `object`, which the inspector takes over, a member of its process and a child of its parent, but not an entry of the table: its tid does
/// not find it. It stays until the inspector is closed. Returns its number, or `SINSP_NO_THREAD` with an error.
///
/// # Safety
/// As `sinsp_inspector_add_thread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_tie_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
) -> u64 {
    let place = |state: &mut State, thread: Thread| {
        let id = state.place_thread(thread);
        state.tie(id);
        Ok(id)
    };
    // SAFETY: this `# Safety` includes that of `take_in`.
    unsafe { take_in(inspector, object, error, place) }
}

/// Makes `object`, which the inspector takes over, a thread of the inspector that is neither an entry of the table nor a member of a process. It
/// stays until the inspector is closed. Returns its number, or `SINSP_NO_THREAD` with an error.
///
/// # Safety
/// As `sinsp_inspector_add_thread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_place_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
) -> u64 {
    // SAFETY: this `# Safety` includes that of `take_in`.
    unsafe { take_in(inspector, object, error, |state, thread| Ok(state.place_thread(thread))) }
}

/// # Safety
/// As `sinsp_inspector_add_thread`.
unsafe fn take_in(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
    add: impl FnOnce(&mut State, Thread) -> Result<ThreadId, Failure>,
) -> u64 {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let stores = inspector.stores()?;
        let held = stores.thread_object(object).ok_or_else(|| Failure::illegal("null thread"))?;
        let counted = stores.exposures().add();
        let mut core = inspector.core_mut()?;
        let id = add(core.state_mut(), Thread::outside(Box::new(held), FdTable::default(), counted))?;
        stores.attach(object, inspector.pointer(), id.to_number());
        Ok(id.to_number())
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| SINSP_NO_THREAD, body) }
}

/// Removes the thread `tid` as its exit would: its children get the reaper as their parent, and a main thread stays until the last thread of its
/// process is removed. An unknown thread is no error.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_thread(
    inspector: *mut sinsp_inspector,
    tid: i64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            state.remove_thread(tid);
            Ok(())
        })
    }
}

/// Removes all threads.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_clear_threads(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            state.threads.clear();
            Ok(())
        })
    }
}

/// Sets the most threads that the table may have; those that it has stay.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_thread_limit(
    inspector: *mut sinsp_inspector,
    limit: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            state.threads.set_limit(limit);
            Ok(())
        })
    }
}

/// The most threads that the table may have; 0 for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_limit(inspector: *const sinsp_inspector) -> usize {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.limit()))
}
