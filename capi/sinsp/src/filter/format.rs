//! Formatters: events as text or JSON.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard, guard_handle, release, sinsp_error, sinsp_str};
use crate::filter::registry::{factory, sinsp_registry};
use crate::inspector::handle::{Identity, sinsp_inspector};
use sinsp_core::EventContext;
use sinsp_core::format::{Formatter, Output};
use std::cell::RefCell;

/// A compiled format string. Owned; ended with `sinsp_formatter_free`.
pub struct sinsp_formatter {
    pub(crate) core: RefCell<(Formatter, Vec<u8>)>,
    pub(crate) of: Identity,
}

/// How a formatter writes.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_output {
    /// As the format string says.
    SINSP_OUTPUT_TEXT = 0,
    /// A JSON object with a member for each field.
    SINSP_OUTPUT_JSON = 1,
}

/// Makes a formatter for the events of an inspector. Null with an error if the format names a field that does not exist. Fields are
/// looked up in `registry`, in the library's table if that is null.
///
/// # Safety
/// `inspector` and `registry` must be null or live, `format` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_formatter_new(
    inspector: *const sinsp_inspector,
    registry: *const sinsp_registry,
    format: sinsp_str,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_formatter {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `format` is readable.
        let (inspector, format) = unsafe { (borrow(inspector, "inspector")?, format.bytes()) };
        // SAFETY: by `# Safety`, `registry` is null or live.
        let formatter = Formatter::new(&unsafe { factory(inspector, registry) }, format)?;
        Ok(sinsp_formatter { core: RefCell::new((formatter, Vec::new())), of: inspector.identity().clone() })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Writes an event as text or JSON (`sinsp_output`). `inspector` is the event's, null if it belongs to none: an event of another inspector
/// than the formatter's is an error, as is one that is no longer its inspector's current event. `*text` is valid until the next use of the
/// formatter. Returns 1, 0 if the event is not to be shown because a field has no value, or -1 with an error.
///
/// # Safety
/// `formatter` and `inspector` must be null or live, `event` null or readable with what it points to, `text` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_formatter_run(
    formatter: *const sinsp_formatter,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    output: u32,
    text: *mut sinsp_str,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `formatter` is null or live, `event` is null or readable, `text` is null or writable.
        let (formatter, event, text) =
            unsafe { (borrow(formatter, "formatter")?, borrow(event, "event")?, text.as_mut()) };
        let text = text.ok_or_else(|| Failure::illegal("sinsp_formatter_run: null text"))?;
        let output = match output {
            o if o == sinsp_output::SINSP_OUTPUT_TEXT as u32 => Output::Text,
            o if o == sinsp_output::SINSP_OUTPUT_JSON as u32 => Output::Json,
            other => {
                return Err(Failure::illegal(format!(
                    "sinsp_formatter_run: there is no output with the number {other}"
                )));
            }
        };
        let read = |event: &EventContext<'_>| {
            let in_use = |_| Failure::illegal("the formatter is in use: a check that it asks for uses it");
            let (core, buffer) = &mut *formatter.core.try_borrow_mut().map_err(in_use)?;
            buffer.clear();
            let show = core.format(event, output, buffer)?;
            *text = sinsp_str::of(buffer);
            Ok(show as i32)
        };
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is readable with what it points to.
        unsafe { formatter.of.with_event(inspector, event, read) }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Ends a formatter; null is ignored.
///
/// # Safety
/// `formatter` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_formatter_free(formatter: *mut sinsp_formatter) {
    // SAFETY: by `# Safety`, `formatter` is null or owned, and this call is the one that frees it.
    unsafe { release(formatter) }
}
