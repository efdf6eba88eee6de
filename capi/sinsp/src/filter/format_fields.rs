//! The fields of a formatter, one by one.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::filter::format::sinsp_formatter;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::EventContext;
use std::ffi::c_void;

/// Called with the name of a field and its text, which are borrowed for the call. It must not use the formatter.
pub type sinsp_field_visitor = Option<unsafe extern "C" fn(context: *mut c_void, name: sinsp_str, text: sinsp_str)>;

fn in_use<E>(_: E) -> Failure {
    Failure::illegal("the formatter is in use: a check that it asks for uses it")
}

/// Sets whether transformed fields are among those that a formatter writes as JSON and that `sinsp_formatter_resolve` visits; by default they
/// are not.
///
/// # Safety
/// `formatter` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_formatter_show_transformed(
    formatter: *mut sinsp_formatter,
    show: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `formatter` is null or live.
        let formatter = unsafe { borrow(formatter, "formatter")? };
        formatter.core.try_borrow_mut().map_err(in_use)?.0.show_transformed(show);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The name of the field at `index` among those of a formatter and those within its transformed ones, valid until the formatter is ended;
/// empty if there are not so many.
///
/// # Safety
/// `formatter` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_formatter_field(formatter: *const sinsp_formatter, index: usize) -> sinsp_str {
    // SAFETY: by `# Safety`, `formatter` is null or live.
    let Some(formatter) = (unsafe { formatter.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match formatter.core.try_borrow() {
        Ok(core) => core.0.names().nth(index).map_or(sinsp_str::EMPTY, |name| sinsp_str::of(name)),
        Err(_) => sinsp_str::EMPTY,
    })
}

/// Calls `visit` with each field of a formatter and its text for an event, in order; `inspector` and `event` are as in `sinsp_formatter_run`.
/// Returns 1, 0 if the event lacks a required field (no field is visited from there on), or -1 with an error.
///
/// # Safety
/// `formatter` and `inspector` must be null or live, `event` null or readable with what it points to, `visit` null or a function that takes
/// `context`, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_formatter_resolve(
    formatter: *const sinsp_formatter,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    visit: sinsp_field_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `formatter` is null or live, `event` is null or readable.
        let (formatter, event) = unsafe { (borrow(formatter, "formatter")?, borrow(event, "event")?) };
        let visit = visit.ok_or_else(|| Failure::illegal("null visitor"))?;
        let read = |event: &EventContext<'_>| {
            let core = &mut formatter.core.try_borrow_mut().map_err(in_use)?.0;
            // SAFETY: by `# Safety`, `visit` takes `context`; both texts are valid during the call.
            let complete =
                core.resolve(event, |name, text| unsafe { visit(context, sinsp_str::of(name), sinsp_str::of(text)) })?;
            Ok(i32::from(complete))
        };
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is readable with what it points to.
        unsafe { formatter.of.with_event(inspector, event, read) }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}
