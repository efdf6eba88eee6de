//! The relatives of a thread: main thread, ancestors, siblings, children, reaper.

use crate::ffi::{Failure, guard_plain, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::state::access::{change, read_thread, visit_all};
use crate::state::thread_data::{SINSP_NO_THREAD, number_of, sinsp_thread_visitor};
use sinsp_core::state::{Thread, ThreadId, ThreadTable};
use std::ffi::c_void;

/// The main thread of a thread's process; `SINSP_NO_THREAD` if that is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_main(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, SINSP_NO_THREAD, |threads, t| number_of(threads.main_thread(t))) }
}

/// The main thread of the parent of a thread's process (`generation` 1), of its grandparent (2) and so on; the main thread itself
/// for 0. `SINSP_NO_THREAD` if it is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_ancestor(inspector: *const sinsp_inspector, id: u64, generation: u32) -> u64 {
    let read = |threads: &ThreadTable, t: &Thread| match generation.checked_sub(1) {
        None => number_of(threads.main_thread(t)),
        Some(nth) => number_of(threads.ancestors(t).nth(nth as usize)),
    };
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, SINSP_NO_THREAD, read) }
}

/// Calls `visit` for the chain of parents, the parent first, until it returns false. A circle ends the chain; `*in_circle`, if not null, becomes
/// whether there is one. Returns false if `visit` did.
///
/// # Safety
/// `inspector` must be null or live, `in_circle` null or writable; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_each_parent(
    inspector: *const sinsp_inspector,
    id: u64,
    in_circle: *mut bool,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let read = |threads: &ThreadTable, t: &Thread| {
        let parents: Vec<u64> = threads.parent_threads(t).map(|p| p.id().to_number()).collect();
        let last = parents.last().and_then(|&last| threads.by_id(ThreadId::from_number(last))).unwrap_or(t);
        (parents, threads.get(last.ptid.get()).is_some())
    };
    // SAFETY: this `# Safety` includes those of `read_thread` and `visit_all`, and `in_circle` is null or writable. `parents` is a copy: the calls may
    // change the state.
    unsafe {
        let (parents, circle) = read_thread(inspector, id, (Vec::new(), false), read);
        if let Some(in_circle) = in_circle.as_mut() {
            *in_circle = circle;
        }
        visit_all(parents, visit, context)
    }
}

/// How many threads of a thread's process have not exited; with the main thread if `with_main`.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_siblings(inspector: *const sinsp_inspector, id: u64, with_main: bool) -> u64 {
    let read = |threads: &ThreadTable, t: &Thread| {
        if with_main { threads.thread_count(t) } else { threads.secondary_thread_count(t) }
    };
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, 0, read) }
}

/// Calls `visit` for each child of a thread, the latest first, until it returns false; with `SINSP_NO_THREAD` for one that is gone but still
/// counted. Returns false if `visit` did.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_each_child(
    inspector: *const sinsp_inspector,
    id: u64,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let read = |threads: &ThreadTable, t: &Thread| {
        threads.child_ids(t).rev().map(|child| number_of(threads.by_id(child))).collect::<Vec<u64>>()
    };
    // SAFETY: this `# Safety` includes those of `read_thread` and `visit_all`. `children` is a copy: the calls may change the state.
    unsafe {
        let children = read_thread(inspector, id, Vec::new(), read);
        visit_all(children, visit, context)
    }
}

/// Makes a thread the child of another.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_add_child(
    inspector: *mut sinsp_inspector,
    parent: u64,
    child: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            state.add_child(ThreadId::from_number(parent), ThreadId::from_number(child));
            Ok(())
        })
    }
}

/// Drops the children that are gone from those of a thread.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_clean_children(
    inspector: *mut sinsp_inspector,
    id: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            state.clean_children(ThreadId::from_number(id));
            Ok(())
        })
    }
}

/// Gives the children of a thread to `reaper`; with `SINSP_NO_THREAD` they have no parent then.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_move_children(
    inspector: *mut sinsp_inspector,
    id: u64,
    reaper: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `change`.
    unsafe {
        change(inspector, error, |state| {
            if id == reaper {
                return Err(Failure::illegal("a thread cannot take its own children"));
            }
            state.move_children(
                ThreadId::from_number(id),
                (reaper != SINSP_NO_THREAD).then(|| ThreadId::from_number(reaper)),
            );
            Ok(())
        })
    }
}

/// The thread that would get the children of a thread if it exited; `SINSP_NO_THREAD` if there is none.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_find_reaper(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || {
        let Ok(core) = inspector.core() else { return SINSP_NO_THREAD };
        core.state().find_reaper(ThreadId::from_number(id)).map_or(SINSP_NO_THREAD, ThreadId::to_number)
    })
}
