//! Converts events of old captures to today's form, one step at a time. Reading a capture file does that by itself.

use crate::capture::event::event;
use crate::types::engine::scap_evt;
use crate::types::enums::conversion_result::{self, *};
use capi_common::{free, guard, write_error};
use scap_sys::Event;
use scap_sys::capture::convert::{self, Converter, Verdict};
use std::ffi::c_char;
use std::fmt::Display;

/// More conversion steps than any event needs.
pub const MAX_CONVERSION_BOUNDARY: u32 = 50;

/// What a conversion keeps of earlier events: enter events, whose parameters go into their exit events.
pub struct scap_convert_buffer {
    converter: Converter,
    /// A copy of the input, which may be an event that the converter keeps.
    event: Vec<u8>,
    out: Vec<u8>,
}

impl scap_convert_buffer {
    fn new() -> scap_convert_buffer {
        scap_convert_buffer { converter: Converter::new(), event: Vec::new(), out: Vec::new() }
    }
}

fn result(verdict: Verdict) -> conversion_result {
    match verdict {
        Verdict::Pass => CONVERSION_PASS,
        Verdict::Drop => CONVERSION_DROP,
        Verdict::Convert => CONVERSION_CONTINUE,
    }
}

/// Writes the text of an error and returns `CONVERSION_ERROR`.
///
/// # Safety
/// `error` is null or has `SCAP_LASTERR_SIZE` bytes.
unsafe fn fail(error: *mut c_char, text: impl Display) -> conversion_result {
    // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
    unsafe { write_error(error, text) };
    CONVERSION_ERROR
}

/// Returns what has to be done with an event. `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.
///
/// # Safety
/// `evt_to_convert` is null or a complete event; `error` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn test_event_convertibility(
    evt_to_convert: *const scap_evt,
    error: *mut c_char,
) -> conversion_result {
    // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
    let fail = |text: &str| unsafe { fail(error, text) };
    guard(
        fail,
        // SAFETY: null or a complete event for this call (# Safety).
        || match unsafe { event(evt_to_convert) } {
            Some(event) => result(convert::verdict(&event)),
            None => fail("test_event_convertibility: the event is null, or its lengths do not fit together"),
        },
    )
}

/// Allocates what conversions keep. The caller owns it and frees it with `scap_convert_free_buffer`.
#[unsafe(no_mangle)]
pub extern "C" fn scap_convert_alloc_buffer() -> *mut scap_convert_buffer {
    let buffer = guard(|_| std::ptr::null_mut(), || Box::into_raw(Box::new(scap_convert_buffer::new())));
    // A caller that passes `scap_create_event` a struct instead of a pointer, as a test of the reference does, makes it read the
    // register r9, which the caller does not set and this function used last: 0 there is an empty value, but a part of a hash map's
    // seed would crash.
    #[cfg(target_arch = "x86_64")]
    // SAFETY: this changes r9 alone, which the C ABI lets a call change.
    unsafe {
        std::arch::asm!("xor r9d, r9d", out("r9") _, options(nomem, nostack));
    }
    buffer
}

/// Converts an event by one step, into `new_evt`, which has room for 64 KiB. Returns what has to be done with the result.
///
/// # Safety
/// `buf` is null or valid, `evt_to_convert` null or a complete event; `new_evt` is null or has that room, `error` null or its size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_convert_event(
    buf: *mut scap_convert_buffer,
    new_evt: *mut scap_evt,
    evt_to_convert: *mut scap_evt,
    error: *mut c_char,
) -> conversion_result {
    // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
    let fail = |text: &str| unsafe { fail(error, text) };
    guard(fail, || {
        // SAFETY: the buffer is null or valid, the event null or complete (# Safety).
        let (Some(buf), Some(old)) = (unsafe { (buf.as_mut(), event(evt_to_convert)) }) else {
            return fail(
                "scap_convert_event: the buffer or the event is null, or the event's lengths do not fit together",
            );
        };
        if new_evt.is_null() {
            return fail("scap_convert_event: new_evt is null");
        }
        buf.event.clear();
        buf.event.extend_from_slice(old.bytes());
        match Event::new(&buf.event, 0, 0).and_then(|event| buf.converter.step(&event, &mut buf.out)) {
            Ok(_) if buf.out.len() > 64 * 1024 => fail("scap_convert_event: the converted event is longer than 64 KiB"),
            Ok(verdict) => {
                // SAFETY: `new_evt` has 64 KiB (# Safety), and the result is not longer and lies in another buffer.
                unsafe { new_evt.cast::<u8>().copy_from_nonoverlapping(buf.out.as_ptr(), buf.out.len()) };
                result(verdict)
            }
            Err(e) => fail(&e.to_string()),
        }
    })
}

/// Frees what `scap_convert_alloc_buffer` returned.
///
/// # Safety
/// `buf` is null or came from there, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_convert_free_buffer(buf: *mut scap_convert_buffer) {
    // SAFETY: null or from the box of `scap_convert_alloc_buffer`, and not used afterwards (# Safety).
    unsafe { free(buf) }
}

/// Returns the enter event that is kept for a thread, or null. It belongs to the buffer and is valid until the next conversion,
/// which may convert it.
///
/// # Safety
/// `buf` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_retrieve_evt_from_converter_storage(
    buf: *mut scap_convert_buffer,
    tid: u64,
) -> *mut scap_evt {
    // SAFETY: null or valid (# Safety).
    let kept = unsafe { buf.as_ref() }.and_then(|b| b.converter.kept(tid as i64));
    kept.map_or(std::ptr::null_mut(), |event| event.bytes().as_ptr() as *mut scap_evt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use driver::EventType;
    use scap_sys::encode;
    use std::ptr::null_mut;

    #[test]
    fn an_event_that_is_kept_may_be_converted() {
        let enter = encode::event(1, 7, EventType::SYSCALL_CLOSE_E, &[3i64.into()]).unwrap();
        let exit = encode::event(2, 7, EventType::SYSCALL_CLOSE_X, &[0i64.into()]).unwrap();
        let mut room = vec![0u8; 64 * 1024];
        let to: *mut scap_evt = room.as_mut_ptr().cast();
        // SAFETY: all of it is valid, and events have the length that they say.
        unsafe {
            let buf = scap_convert_alloc_buffer();
            assert!(scap_retrieve_evt_from_converter_storage(buf, 7).is_null());
            assert_eq!(scap_convert_event(buf, to, enter.as_ptr() as *mut _, null_mut()), CONVERSION_DROP);
            for _ in 0..2 {
                let kept = scap_retrieve_evt_from_converter_storage(buf, 7);
                assert_eq!(event(kept).unwrap().bytes(), enter);
                assert_eq!(scap_convert_event(buf, to, kept, null_mut()), CONVERSION_DROP);
            }
            assert_eq!(scap_convert_event(buf, to, exit.as_ptr() as *mut _, null_mut()), CONVERSION_PASS);
            assert_eq!(event(to).unwrap().param(1), Some(&3i64.to_ne_bytes()[..]));
            // In place: the result is copied at the end.
            let mut place = exit.clone();
            place.resize(64 * 1024, 0);
            let at: *mut scap_evt = place.as_mut_ptr().cast();
            assert_eq!(scap_convert_event(buf, at, at, null_mut()), CONVERSION_PASS);
            assert_eq!(event(at).unwrap().nparams(), 2);
            let mut error = [0; capi_common::LASTERR_SIZE];
            assert_eq!(scap_convert_event(buf, null_mut(), to, error.as_mut_ptr()), CONVERSION_ERROR);
            assert_eq!(capi_common::text(&error), b"scap_convert_event: new_evt is null");
            scap_convert_free_buffer(buf);
        }
    }

    /// What the function leaves in r9, the register of a sixth argument.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_new_buffer_leaves_no_seed_in_registers() {
        for _ in 0..3 {
            let (buffer, left): (*mut scap_convert_buffer, u64);
            // SAFETY: the call follows the C ABI; the buffer is freed once.
            unsafe {
                std::arch::asm!("call {}", sym scap_convert_alloc_buffer, out("rax") buffer, out("r9") left, clobber_abi("C"));
                scap_convert_free_buffer(buffer);
            }
            assert!(!buffer.is_null());
            assert_eq!(left, 0);
        }
    }
}
