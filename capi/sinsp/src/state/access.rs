//! How the functions of this room reach the data of an inspector, for reading and for changes.

use crate::ffi::{Failure, borrow, guard_plain, guard_status, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::state::thread_data::sinsp_thread_visitor;
use sinsp_core::state::{Fd, State, Thread, ThreadId, ThreadTable};
use std::ffi::c_void;

/// Returns what `read` returns for a thread; `otherwise` for null, for a thread that is gone, and while the inspector is in a call.
///
/// # Safety
/// `inspector` must be null or live.
pub(crate) unsafe fn read_thread<R>(
    inspector: *const sinsp_inspector,
    id: u64,
    otherwise: R,
    read: impl FnOnce(&ThreadTable, &Thread) -> R,
) -> R {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return otherwise };
    let Ok(core) = inspector.core() else { return otherwise };
    let threads = &core.state().threads;
    match threads.pinned(ThreadId::from_number(id)) {
        Some(thread) => guard_plain(otherwise, || read(threads, thread)),
        None => otherwise,
    }
}

/// Returns what `read` returns for an open file of a thread; `otherwise` if there is none.
///
/// # Safety
/// `inspector` must be null or live.
pub(crate) unsafe fn read_fd<R>(
    inspector: *const sinsp_inspector,
    id: u64,
    fd: i64,
    otherwise: R,
    read: impl FnOnce(&Fd) -> R,
) -> R {
    // SAFETY: this `# Safety` includes that of `read_thread`.
    let found = unsafe { read_thread(inspector, id, None, |threads, t| threads.fd(t, fd).map(read)) };
    found.unwrap_or(otherwise)
}

/// Changes the state of an inspector by `act`; an error while the inspector is in a call.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
pub(crate) unsafe fn change(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut State) -> Result<(), Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        act(inspector.core_mut()?.state_mut())?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Calls `visit` for each number until it returns false. Returns whether it never did; false for null.
///
/// # Safety
/// `visit` must be callable with `context` and must not throw.
pub(crate) unsafe fn visit_all(
    ids: impl IntoIterator<Item = u64>,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let Some(visit) = visit else { return false };
    // SAFETY: by `# Safety`, `visit` is callable with `context`.
    ids.into_iter().all(|id| unsafe { visit(context, id) })
}
