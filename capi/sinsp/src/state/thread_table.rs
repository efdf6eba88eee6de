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
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || {
        inspector.core().map_or(SINSP_NO_THREAD, |core| number_of(core.state().threads.get(tid)))
    })
}

/// The thread `tid`; if it is not known, the one that the running system has, or an invented one of which nothing but the tid is known.
/// `SINSP_NO_THREAD` if the table is full.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_find_thread(inspector: *const sinsp_inspector, tid: i64) -> u64 {
    // SAFETY: the caller vouches for it.
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
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.len()))
}

/// Calls `visit` for each thread that is known at the time of the call, in no order; answers whether no call ended it. The calls may change what
/// is known.
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
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if visit.is_none() {
            return Err(Failure::illegal("null callback"));
        }
        let ids: Vec<u64> = inspector.core()?.state().threads.iter().map(|t| t.id().to_number()).collect();
        // SAFETY: the caller vouches for both.
        Ok(unsafe { visit_all(ids, visit, context) })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}

/// Makes `object`, which the program gives away, a thread of the inspector, in place of one of the same tid. `tie` says whether to make it part of
/// its process and a child of its parent. Answers its number; `SINSP_NO_THREAD` with an error if the table is full: the object is
/// released then.
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
    // SAFETY: passed on.
    unsafe { take_in(inspector, object, error, add) }
}

/// Makes `object`, which the program gives away, part of its process and a child of its parent, without that its tid finds it. It stays until the
/// inspector is closed. Answers its number, or `SINSP_NO_THREAD` with an error.
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
    // SAFETY: passed on.
    unsafe { take_in(inspector, object, error, place) }
}

/// Makes `object`, which the program gives away, a thread of the inspector that neither its tid finds nor a process has. It stays until the
/// inspector is closed. Answers its number, or `SINSP_NO_THREAD` with an error.
///
/// # Safety
/// As `sinsp_inspector_add_thread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_place_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
) -> u64 {
    // SAFETY: passed on.
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
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let stores = inspector.stores()?;
        let held = stores.thread_object(object).ok_or_else(|| Failure::illegal("null thread"))?;
        let counted = stores.exposures().add();
        let mut core = inspector.core_mut()?;
        let id = add(core.state_mut(), Thread::outside(Box::new(held), FdTable::default(), counted))?;
        stores.attach(object, inspector.pointer(), id.to_number());
        Ok(id.to_number())
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| SINSP_NO_THREAD, body) }
}

/// Takes the thread `tid` off the table as its end would: its children go to who takes orphans, a main thread stays until the last thread of its
/// process goes. A thread that is not known is no error.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_thread(
    inspector: *mut sinsp_inspector,
    tid: i64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.remove_thread(tid);
            Ok(())
        })
    }
}

/// Forgets all threads.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_clear_threads(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.threads.clear();
            Ok(())
        })
    }
}

/// Sets how many threads the table takes in; those that it has stay.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_thread_limit(
    inspector: *mut sinsp_inspector,
    limit: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.threads.set_limit(limit);
            Ok(())
        })
    }
}

/// How many threads the table takes in; 0 for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_limit(inspector: *const sinsp_inspector) -> usize {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.limit()))
}
