//! The parameters of events.

use crate::event::data::{sinsp_event, wire};
use crate::ffi::{Failure, borrow, build_text, guard, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::Event;
use sinsp_core::context::BufferFormat;
use sinsp_core::fields::{param_meaning_or_value, param_value};
use sinsp_core::{EventContext, View};

/// The most parameters that an event has.
pub const SINSP_MAX_PARAMS: usize = 32;

/// Finds the parameters of the event at `bytes`, which is `len` bytes long with all it holds, or as long as its header says if that is 0:
/// `params[i]` becomes a view of the i-th for the first `capacity` of them. Answers how many the event has, or -1 with an error if it does not hold together.
///
/// # Safety
/// `bytes` must be null or point to so many bytes, `params` to `capacity` writable views, `error` be null or writable.
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
            return Err(Failure::illegal("null parameters"));
        }
        // SAFETY: `params` is not null, and the caller vouches for the lengths.
        let (bytes, params) = unsafe { (wire(bytes, len)?, std::slice::from_raw_parts_mut(params, capacity)) };
        let event = Event::new(bytes, 0, 0)?;
        for (slot, value) in params.iter_mut().zip(event.params()) {
            *slot = sinsp_str::of(value);
        }
        Ok(event.nparams() as i32)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| -1, body) }
}

/// The text of the parameter at position `index` of an event of an inspector: its value, or with `resolved` what the value means where that
/// says more, such as the file behind an fd. Data is shown as text, whatever the inspector shows it as. `*text` is valid until the next text on
/// the same operating-system thread; it is empty if the event does not have so many parameters.
///
/// # Safety
/// `inspector` must be null or live, `event` null or readable with what it points to, `text` writable, `error` null or writable.
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
        // SAFETY: the caller vouches for them.
        let (inspector, event, text) =
            unsafe { (borrow(inspector, "inspector")?, borrow(event, "event")?, text.as_mut()) };
        let text = text.ok_or_else(|| Failure::illegal("null text"))?;
        let read = |event: &EventContext<'_>| {
            let view = View { buffers: BufferFormat::Dots, ..event.view.clone() };
            let event = EventContext { view: &view, ..*event };
            let write = if resolved { param_meaning_or_value } else { param_value };
            *text = build_text(|out| write(&event, index as usize, out));
            Ok(sinsp_status::SINSP_SUCCESS)
        };
        // SAFETY: the caller vouches for the event.
        unsafe { inspector.identity().with_event(inspector, event, read) }
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::{null, null_mut};

    fn getppid(len: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&1u64.to_le_bytes());
        bytes.extend_from_slice(&7u64.to_le_bytes());
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(&driver::EventType::GENERIC_X.0.to_le_bytes());
        bytes.extend_from_slice(&1u32.to_le_bytes());
        bytes.extend_from_slice(&2u16.to_le_bytes());
        bytes.extend_from_slice(&9u16.to_le_bytes());
        bytes
    }

    #[test]
    fn parameters_of_good_and_lying_events() {
        let mut params = [sinsp_str::EMPTY; SINSP_MAX_PARAMS];
        let mut count = |bytes: &[u8]| {
            // SAFETY: the arrays are as long as they are said to be.
            unsafe { sinsp_event_params(bytes.as_ptr(), bytes.len(), params.as_mut_ptr(), params.len(), null_mut()) }
        };
        assert_eq!(count(&getppid(30)), 1);
        assert_eq!(count(&getppid(31)), -1);
        assert_eq!(count(&getppid(28)), -1);
        assert_eq!(params[0].len, 2);
        // SAFETY: the header counts the bytes that there are.
        let all = unsafe { sinsp_event_params(getppid(30).as_ptr(), 0, params.as_mut_ptr(), params.len(), null_mut()) };
        assert_eq!(all, 1);
        // SAFETY: null is answered.
        assert_eq!(unsafe { sinsp_event_params(null(), 0, params.as_mut_ptr(), 1, null_mut()) }, -1);
    }
}
