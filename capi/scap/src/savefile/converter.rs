//! Events of old captures brought to today's form, one step at a time. Captures that are opened do this by themselves.

use crate::capture::event::event;
use crate::types::results::conversion_result::{self, *};
use crate::types::scap_vtable::scap_evt;
use capi_common::{free, guard, write_error};
use scap_sys::Event;
use scap_sys::capture::convert::{self, Converter, Verdict};
use std::ffi::c_char;
use std::fmt::Display;

/// More steps than any event needs.
pub const MAX_CONVERSION_BOUNDARY: u32 = 50;

/// What a conversion keeps of the events before: enter events, whose parameters the exit events are given.
pub struct scap_convert_buffer {
    converter: Converter,
    /// What is converted: a copy, as it may be an event that the converter keeps.
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

/// Leaves the text of an error.
///
/// # Safety
/// `error` is null or has `SCAP_LASTERR_SIZE` bytes.
unsafe fn fail(error: *mut c_char, text: impl Display) -> conversion_result {
    // SAFETY: as the caller promises.
    unsafe { write_error(error, text) };
    CONVERSION_ERROR
}

/// What has to be done with an event. `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the text of an error.
///
/// # Safety
/// The pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn test_event_convertibility(
    evt_to_convert: *const scap_evt,
    error: *mut c_char,
) -> conversion_result {
    // SAFETY: as the caller promises, here and in the closures.
    let fail = |text: &str| unsafe { fail(error, text) };
    guard(
        fail,
        // SAFETY: as above.
        || match unsafe { event(evt_to_convert) } {
            Some(event) => result(convert::verdict(&event)),
            None => fail("no event, or one that does not hold together"),
        },
    )
}

/// Makes a place for what a conversion keeps. Owned by the caller, who ends it with `scap_convert_free_buffer`.
#[unsafe(no_mangle)]
pub extern "C" fn scap_convert_alloc_buffer() -> *mut scap_convert_buffer {
    let buffer = guard(|_| std::ptr::null_mut(), || Box::into_raw(Box::new(scap_convert_buffer::new())));
    // A caller who gives `scap_create_event` a struct where it takes a pointer, as a test of the reference's does, has it read
    // a register that nobody has set, and the converter was the last to use it: null there is an empty value, a part of a hash
    // map's seed is a crash.
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a register that a call may change, and nothing else.
    unsafe {
        std::arch::asm!("xor r9d, r9d", out("r9") _, options(nomem, nostack));
    }
    buffer
}

/// Converts an event one step, into `new_evt`, which has room for 64 KiB. The answer is what is to be done with the result.
///
/// # Safety
/// The pointers are null or valid; `new_evt` has that room, and `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_convert_event(
    buf: *mut scap_convert_buffer,
    new_evt: *mut scap_evt,
    evt_to_convert: *mut scap_evt,
    error: *mut c_char,
) -> conversion_result {
    // SAFETY: as the caller promises, here and below.
    let fail = |text: &str| unsafe { fail(error, text) };
    guard(fail, || {
        // SAFETY: as above.
        let (Some(buf), Some(given)) = (unsafe { (buf.as_mut(), event(evt_to_convert)) }) else {
            return fail("no event, or one that does not hold together, or no buffer");
        };
        if new_evt.is_null() {
            return fail("scap_convert_event: null output");
        }
        buf.event.clear();
        buf.event.extend_from_slice(given.bytes());
        match Event::new(&buf.event, 0, 0).and_then(|event| buf.converter.step(&event, &mut buf.out)) {
            Ok(_) if buf.out.len() > 64 * 1024 => fail("the converted event is longer than 64 KiB"),
            Ok(verdict) => {
                // SAFETY: the caller promises 64 KiB; the result is ours, so that the two do not overlap.
                unsafe { new_evt.cast::<u8>().copy_from_nonoverlapping(buf.out.as_ptr(), buf.out.len()) };
                result(verdict)
            }
            Err(e) => fail(&e.to_string()),
        }
    })
}

/// Ends what `scap_convert_alloc_buffer` made.
///
/// # Safety
/// `buf` is null or came from there, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_convert_free_buffer(buf: *mut scap_convert_buffer) {
    // SAFETY: as the caller promises.
    unsafe { free(buf) }
}

/// The enter event that is kept for a thread, or null. It belongs to the buffer and lives until the next conversion, of which it may be
/// the subject.
///
/// # Safety
/// `buf` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_retrieve_evt_from_converter_storage(
    buf: *mut scap_convert_buffer,
    tid: u64,
) -> *mut scap_evt {
    // SAFETY: as the caller promises.
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
            assert_eq!(event(to).unwrap().param(1), Some(&3i64.to_le_bytes()[..]));
            // In place: the result is ours until it is copied.
            let mut place = exit.clone();
            place.resize(64 * 1024, 0);
            let at: *mut scap_evt = place.as_mut_ptr().cast();
            assert_eq!(scap_convert_event(buf, at, at, null_mut()), CONVERSION_PASS);
            assert_eq!(event(at).unwrap().nparams(), 2);
            let mut error = [0; capi_common::LASTERR_SIZE];
            assert_eq!(scap_convert_event(buf, null_mut(), to, error.as_mut_ptr()), CONVERSION_ERROR);
            assert_eq!(capi_common::text(&error), b"scap_convert_event: null output");
            scap_convert_free_buffer(buf);
        }
    }

    /// What a new buffer leaves in the register of a sixth argument.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_new_buffer_leaves_no_seed_in_registers() {
        for _ in 0..3 {
            let (buffer, left): (*mut scap_convert_buffer, u64);
            // SAFETY: a call as the C ABI has it; the buffer is ended once.
            unsafe {
                std::arch::asm!("call {}", sym scap_convert_alloc_buffer, out("rax") buffer, out("r9") left, clobber_abi("C"));
                scap_convert_free_buffer(buffer);
            }
            assert!(!buffer.is_null());
            assert_eq!(left, 0);
        }
    }
}
