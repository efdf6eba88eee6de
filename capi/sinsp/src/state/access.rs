//! How the functions of this room reach the data of an inspector, for reading and for changes.

use crate::ffi::{Failure, borrow, guard_plain, guard_status, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::state::thread_data::sinsp_thread_visitor;
use sinsp_core::state::{Fd, State, Thread, ThreadId, ThreadTable};
use std::ffi::c_void;

/// Answers what `read` finds about a thread; `otherwise` for null, for a thread that is gone, and while the inspector is moved.
///
/// # Safety
/// `inspector` must be null or live.
pub(crate) unsafe fn ask<R>(
    inspector: *const sinsp_inspector,
    id: u64,
    otherwise: R,
    read: impl FnOnce(&ThreadTable, &Thread) -> R,
) -> R {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return otherwise };
    let Ok(core) = inspector.core() else { return otherwise };
    let threads = &core.state().threads;
    match threads.pinned(ThreadId::from_number(id)) {
        Some(thread) => guard_plain(otherwise, || read(threads, thread)),
        None => otherwise,
    }
}

/// Answers what `read` finds about a file of a thread.
///
/// # Safety
/// `inspector` must be null or live.
pub(crate) unsafe fn ask_fd<R>(
    inspector: *const sinsp_inspector,
    id: u64,
    fd: i64,
    otherwise: R,
    read: impl FnOnce(&Fd) -> R,
) -> R {
    // SAFETY: passed on.
    let found = unsafe { ask(inspector, id, None, |threads, t| threads.fd(t, fd).map(read)) };
    found.unwrap_or(otherwise)
}

/// Changes what is known, where an inspector allows it.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
pub(crate) unsafe fn change(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut State) -> Result<(), Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        act(inspector.core_mut()?.state_mut())?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Calls `visit` for each number; answers whether no call ended it.
///
/// # Safety
/// `visit` must be callable with `context` and must not throw.
pub(crate) unsafe fn visit_all(
    ids: impl IntoIterator<Item = u64>,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let Some(visit) = visit else { return false };
    // SAFETY: the caller vouches for it.
    ids.into_iter().all(|id| unsafe { visit(context, id) })
}
