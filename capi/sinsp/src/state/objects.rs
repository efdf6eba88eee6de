//! The program's objects for threads and fds: made at their first use.

use crate::ffi::{Failure, borrow, guard_plain, guard_status, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::state::store::{Stores, fd_object_of, known_object, sinsp_fd_store, sinsp_thread_store};
use sinsp_core::state::ThreadId;
use std::ffi::c_void;
use std::ptr::null_mut;

/// Sets the functions by which a program's objects hold the data of threads and fds. To be called once, before the inspector is opened.
/// `context` is passed to `make`. Both tables are copied.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable. The tables must be null or readable for the sizes that they begin with, and
/// their functions do what `sinsp_thread_store` and `sinsp_fd_store` describe, as long as the inspector is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_stores(
    inspector: *mut sinsp_inspector,
    threads: *const sinsp_thread_store,
    fds: *const sinsp_fd_store,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let exposures = inspector.core()?.state().threads.exposures().clone();
        // SAFETY: by `# Safety`, both tables are null or readable for their sizes, and their functions do what is described.
        let stores = unsafe { Stores::new(threads, fds, context, exposures)? };
        let again = |_| Failure::illegal("the stores of an inspector can be set once");
        inspector.stores.set(stores).map_err(again)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The program's object for a thread, which is made if there is none; null for null, for a thread that is gone, and where no object can be made.
/// Its lifetime is up to the program.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_object(inspector: *const sinsp_inspector, id: u64) -> *mut c_void {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null_mut() };
    guard_plain(null_mut(), || object_of(inspector, ThreadId::from_number(id)).unwrap_or(null_mut()))
}

fn object_of(inspector: &sinsp_inspector, id: ThreadId) -> Option<*mut c_void> {
    if let Some(known) = known_object(inspector.core().ok()?.state().threads.pinned(id)?) {
        return Some(known);
    }
    // `make` runs code of the program: nothing is borrowed.
    let mut object = inspector.stores.get()?.make_thread()?;
    let address = object.as_ptr();
    {
        let core = inspector.core().ok()?;
        let threads = &core.state().threads;
        let thread = threads.by_id(id)?;
        if let Some(known) = known_object(thread) {
            return Some(known);
        }
        object.fill(thread);
        object.attach(inspector.pointer(), id.to_number());
        threads.expose(id, Box::new(object));
    }
    // Within a callback the core's own copy cannot be freed yet; it does no harm.
    if let Ok(mut core) = inspector.core_mut() {
        core.state_mut().threads.settle(id);
    }
    Some(address)
}

/// The program's object for a file that a thread has open as number `fd`, which is made if there is none; null if that file is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_object(inspector: *const sinsp_inspector, id: u64, fd: i64) -> *mut c_void {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null_mut() };
    let find = || {
        let core = inspector.core().ok()?;
        let threads = &core.state().threads;
        fd_object_of(threads.fd(threads.pinned(ThreadId::from_number(id))?, fd)?, inspector.stores.get()?)
    };
    guard_plain(null_mut(), || find().unwrap_or(null_mut()))
}
