//! Setting the observer and the event processor of an inspector.

use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::inspector::hooks::{sinsp_event_processor_functions, sinsp_observer_functions};

/// Sets who is told what happens with the events, in place of who was; null: nobody. Its context must stay valid until it is replaced, or the
/// inspector ended. Not within a call of one of the program's functions.
///
/// # Safety
/// `inspector` must be null or live, `functions` null or readable as far as its size says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_observer(
    inspector: *mut sinsp_inspector,
    functions: *const sinsp_observer_functions,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, observer) = unsafe { (borrow(inspector, "inspector")?, table(functions, "observer")?) };
        inspector.change_hooks(|hooks| hooks.observer = observer)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Sets who sees each event before it is handed out, in place of who did; null: nobody. Its context must stay valid until it is replaced,
/// or the inspector ended. Not within a call of one of the program's functions.
///
/// # Safety
/// `inspector` must be null or live, `functions` null or readable as far as its size says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_event_processor(
    inspector: *mut sinsp_inspector,
    functions: *const sinsp_event_processor_functions,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, processor) = unsafe { (borrow(inspector, "inspector")?, table(functions, "event processor")?) };
        inspector.change_hooks(|hooks| hooks.processor = processor)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// A copy of the table at `table`, or the failure that says that its size is wrong; `None` for null.
///
/// # Safety
/// `table` must be null or point to a table of the size that it begins with.
unsafe fn table<T: Copy>(table: *const T, what: &str) -> Result<Option<T>, Failure> {
    if table.is_null() {
        return Ok(None);
    }
    // SAFETY: every table begins with its size.
    let size = unsafe { table.cast::<usize>().read() };
    // The functions of these tables all were there in their first version.
    if size < size_of::<T>() {
        return Err(Failure::illegal(format!("a table of {size} bytes for the {what}")));
    }
    // SAFETY: it is at least as long as this version of it.
    Ok(Some(unsafe { table.read() }))
}
