//! The parameters of events.

use crate::event::data::{sinsp_event, wire};
use crate::ffi::{Failure, borrow, build_text, guard, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use crate::inspector::options::buffer_format;
use sinsp_core::Event;
use sinsp_core::EventContext;
use sinsp_core::context::{BufferFormat, Display};
use sinsp_core::fields::{param_meaning, param_meaning_or_value, param_value};

/// The most parameters that an event has.
pub const SINSP_MAX_PARAMS: usize = 32;

/// Finds the parameters of the event at `bytes`, which is `len` bytes long, or as long as its header says if that is 0: `params[i]` becomes a view
/// of the i-th for the first `capacity` of them. Returns how many the event has, or -1 with an error if its lengths do not fit.
///
/// # Safety
/// `bytes` must be null or point to so many bytes, `params` be null or point to `capacity` writable views, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_event_params(
    bytes: *const u8,
    len: usize,
    params: *mut sinsp_str,
    capacity: usize,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        if params.is_null() {
            return Err(Failure::illegal("sinsp_event_params: null array of parameters"));
        }
        // SAFETY: `params` is not null, and by `# Safety` writable for `capacity` views; `bytes` is as `wire` requires.
        let (bytes, params) = unsafe { (wire(bytes, len)?, std::slice::from_raw_parts_mut(params, capacity)) };
        let event = Event::new(bytes, 0, 0)?;
        for (slot, value) in params.iter_mut().zip(event.params()) {
            *slot = sinsp_str::of(value);
        }
        Ok(event.nparams() as i32)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// The text of the parameter at position `index` of an event of an inspector: its value, or with `resolved` what the value stands for, if it
/// stands for something, such as the file of an fd. Data is shown as text, whatever format the inspector has. `*text` is valid until the next
/// text on the same operating-system thread; it is empty if the event does not have so many parameters.
///
/// # Safety
/// `inspector` must be null or live, `event` null or readable with what it points to, `text` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_event_param_text(
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    index: u32,
    resolved: bool,
    text: *mut sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is null or readable, `text` is null or writable.
        let (inspector, event, text) =
            unsafe { (borrow(inspector, "inspector")?, borrow(event, "event")?, text.as_mut()) };
        let text = text.ok_or_else(|| Failure::illegal("sinsp_event_param_text: null text"))?;
        let read = |event: &EventContext<'_>| {
            let display = Display { buffers: BufferFormat::Dots, ..event.view.display };
            let write = if resolved { param_meaning_or_value } else { param_value };
            *text = build_text(|out| write(event, index as usize, display, out));
            Ok(sinsp_status::SINSP_SUCCESS)
        };
        // SAFETY: by `# Safety`, `event` is readable with what it points to.
        unsafe { inspector.identity().with_event(inspector, event, read) }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The texts of the parameter at position `index` of an event of an inspector: its value in `*value`, and in `*meaning` what it stands for, such as
/// the file of an fd; empty if it stands for nothing. `format` is how data is shown (`sinsp_evt::param_fmt`). Each text is followed by a NUL; both
/// are valid until the next text on the same operating-system thread, and empty if the event does not have so many parameters.
///
/// # Safety
/// `inspector` must be null or live, `event` null or readable with what it points to, `value` and `meaning` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_event_param_texts(
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    index: u32,
    format: u32,
    value: *mut sinsp_str,
    meaning: *mut sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is null or readable, `value` and `meaning` are null or writable.
        let (inspector, event, texts) =
            unsafe { (borrow(inspector, "inspector")?, borrow(event, "event")?, value.as_mut().zip(meaning.as_mut())) };
        let (value, meaning) = texts.ok_or_else(|| Failure::illegal("sinsp_event_param_texts: null text"))?;
        let unknown =
            || Failure::illegal(format!("sinsp_event_param_texts: there is no format with the number {format}"));
        let buffers = buffer_format(format.into()).ok_or_else(unknown)?;
        let read = |event: &EventContext<'_>| {
            let display = Display { buffers, ..event.view.display };
            let mut split = 0;
            let both = build_text(|out| {
                param_value(event, index as usize, display, out);
                split = out.len();
                out.push(0);
                param_meaning(event, index as usize, display, out);
                out.push(0);
            });
            // SAFETY: the text is in the buffer of this thread until the next one is built.
            let both = unsafe { both.bytes() };
            // A text that could not be built is empty.
            *value = both.get(..split).map_or(sinsp_str::EMPTY, sinsp_str::of);
            *meaning = both.get(split + 1..both.len().saturating_sub(1)).map_or(sinsp_str::EMPTY, sinsp_str::of);
            Ok(sinsp_status::SINSP_SUCCESS)
        };
        // SAFETY: by `# Safety`, `event` is readable with what it points to.
        unsafe { inspector.identity().with_event(inspector, event, read) }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::{null, null_mut};

    fn getppid(len: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&1u64.to_ne_bytes());
        bytes.extend_from_slice(&7u64.to_ne_bytes());
        bytes.extend_from_slice(&len.to_ne_bytes());
        bytes.extend_from_slice(&driver::EventType::GENERIC_X.0.to_ne_bytes());
        bytes.extend_from_slice(&1u32.to_ne_bytes());
        bytes.extend_from_slice(&2u16.to_ne_bytes());
        bytes.extend_from_slice(&9u16.to_ne_bytes());
        bytes
    }

    #[test]
    fn parameters_of_events_with_right_and_wrong_lengths() {
        let mut params = [sinsp_str::EMPTY; SINSP_MAX_PARAMS];
        let mut count = |bytes: &[u8]| {
            // SAFETY: the lengths are those of the arrays.
            unsafe { sinsp_event_params(bytes.as_ptr(), bytes.len(), params.as_mut_ptr(), params.len(), null_mut()) }
        };
        assert_eq!(count(&getppid(30)), 1);
        assert_eq!(count(&getppid(31)), -1);
        assert_eq!(count(&getppid(28)), -1);
        assert_eq!(params[0].len, 2);
        // SAFETY: the header counts the bytes that there are.
        let all = unsafe { sinsp_event_params(getppid(30).as_ptr(), 0, params.as_mut_ptr(), params.len(), null_mut()) };
        assert_eq!(all, 1);
        // SAFETY: null is allowed.
        assert_eq!(unsafe { sinsp_event_params(null(), 0, params.as_mut_ptr(), 1, null_mut()) }, -1);
    }
}
