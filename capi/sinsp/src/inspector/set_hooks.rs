//! Setting the observer and the event processor of an inspector.

use crate::ffi::{Failure, borrow, guard_status, read_sized, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use crate::inspector::hooks::{sinsp_event_processor_functions, sinsp_observer_functions};
use std::ptr::null_mut;

/// Sets the observer, which replaces the earlier one; null removes it. The table is copied. Its context must stay valid until the observer is
/// replaced or the inspector freed. An error in a callback of the inspector.
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
        let none = sinsp_observer_functions { size: 0, context: null_mut(), observe: None };
        // SAFETY: by `# Safety`, `inspector` is null or live, `functions` null or readable for its size; all functions are optional.
        let (inspector, observer) = unsafe { (borrow(inspector, "inspector")?, table(functions, none)?) };
        inspector.change_hooks(|hooks| hooks.observer = observer)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Sets the event processor, which replaces the earlier one; null removes it. The table is copied. Its context must stay valid until the
/// processor is replaced or the inspector freed. An error in a callback of the inspector.
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
        let none = sinsp_event_processor_functions { size: 0, context: null_mut(), process: None, start: None };
        // SAFETY: by `# Safety`, `inspector` is null or live, `functions` null or readable for its size; all functions are optional.
        let (inspector, processor) = unsafe { (borrow(inspector, "inspector")?, table(functions, none)?) };
        inspector.change_hooks(|hooks| hooks.processor = processor)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// A copy of `*table`, `None` for null; an error if its size is too small. What a program of an earlier version lacks comes from `none`.
///
/// # Safety
/// `table` must be null or point to a table of the size that it begins with; `T` as `read_sized` wants it.
unsafe fn table<T: Copy>(table: *const T, none: T) -> Result<Option<T>, Failure> {
    // SAFETY: by `# Safety`, a `table` that is not null begins with its size and has as many bytes.
    if table.is_null() { Ok(None) } else { unsafe { read_sized(table, none) }.map(Some) }
}
