//! What programs that make events need, apart from the functions with variable arguments.

use crate::capture::event::event;
use crate::types::ppm::ppm_event_code;
use crate::types::scap_vtable::scap_evt;
use capi_common::{guard, write_error};
use driver::{EVENTS, EventFlags, ParamType};
use scap_sys::HEADER_LEN;
use std::ffi::{c_char, c_int};

/// Which parameters are to be empty: a bit each, the first one in the lowest bit.
pub type scap_empty_params_set = u64;

/// 1 if a parameter is to be empty, else 0.
///
/// # Safety
/// `set` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_empty_params_set_is_set(set: *const scap_empty_params_set, index: c_int) -> c_int {
    // SAFETY: as the caller promises.
    let set = unsafe { set.as_ref() }.copied().unwrap_or(0);
    u32::try_from(index).ok().and_then(|i| set.checked_shr(i)).map_or(0, |bits| (bits & 1) as c_int)
}

/// Writes the length of parameter `n` of an event whose lengths take 16 bits.
///
/// # Safety
/// `event` is null, or has room for more than `n` lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_set_param_length_regular(event: *mut scap_evt, n: u32, len: u16) {
    if !event.is_null() {
        // SAFETY: as the caller promises; the lengths follow the header, unaligned.
        unsafe { event.cast::<u8>().add(HEADER_LEN + 2 * n as usize).cast::<u16>().write_unaligned(len) }
    }
}

/// Writes the length of parameter `n` of an event whose lengths take 32 bits.
///
/// # Safety
/// `event` is null, or has room for more than `n` lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_set_param_length_large(event: *mut scap_evt, n: u32, len: u32) {
    if !event.is_null() {
        // SAFETY: as the caller promises; the lengths follow the header, unaligned.
        unsafe { event.cast::<u8>().add(HEADER_LEN + 4 * n as usize).cast::<u32>().write_unaligned(len) }
    }
}

/// Whether two events are the same; `error` (`SCAP_LASTERR_SIZE` bytes) takes what is not. The time is not compared if that of
/// `expected` is `UINT64_MAX - 1`.
///
/// # Safety
/// `curr` and `expected` are null or events; `error` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_compare_events(curr: *mut scap_evt, expected: *mut scap_evt, error: *mut c_char) -> bool {
    let differs = |text: String| {
        // SAFETY: the caller's buffer, if any.
        unsafe { write_error(error, text) };
        false
    };
    guard(
        |message| differs(message.to_string()),
        || {
            // SAFETY: as the caller promises.
            let (Some(a), Some(b)) = (unsafe { (event(curr), event(expected)) }) else {
                return differs("one of the events is missing, or does not hold together".into());
            };
            let header = [
                ("timestamp", a.ts(), if b.ts() == u64::MAX - 1 { a.ts() } else { b.ts() }),
                ("tid", a.tid() as u64, b.tid() as u64),
                ("type", a.ty().0.into(), b.ty().0.into()),
                ("nparams", a.nparams().into(), b.nparams().into()),
                ("len", a.bytes().len() as u64, b.bytes().len() as u64),
            ];
            if let Some((what, a, b)) = header.iter().find(|(_, a, b)| a != b) {
                return differs(format!("Event {what} mismatch. Current ({a}) != expected ({b})"));
            }
            for (i, (a, b)) in a.params().zip(b.params()).enumerate() {
                if a.len() != b.len() {
                    let (a, b) = (a.len(), b.len());
                    return differs(format!("Param {i} length mismatch. Current ({a}) != expected ({b})"));
                }
                if a != b {
                    return differs(format!("Param {i} mismatch. Current != expected"));
                }
            }
            true
        },
    )
}

/// The first fd among an event's parameters from `from` on; -1 for an event that does not use one.
fn fd_location(etype: ppm_event_code, from: usize) -> c_int {
    let Some(info) = EVENTS.get(etype as usize).filter(|e| e.flags.has(EventFlags::USES_FD)) else { return -1 };
    // Of the two fds of splice it is the one that is written to.
    let from = from + usize::from(info.name == "splice");
    let is_fd = |ty: ParamType| matches!(ty, ParamType::FD | ParamType::FD32);
    let found = info.params.iter().skip(from).position(|p| is_fd(p.ty));
    found.map_or(-1, |i| (i + from) as c_int)
}

/// Which parameter of an enter event is the fd that it uses; -1 if it uses none.
#[unsafe(no_mangle)]
pub extern "C" fn get_enter_event_fd_location(etype: ppm_event_code) -> c_int {
    fd_location(etype, 0)
}

/// Which parameter of an exit event is the fd that it uses; -1 if it uses none. What it returns, its first parameter, is not.
#[unsafe(no_mangle)]
pub extern "C" fn get_exit_event_fd_location(etype: ppm_event_code) -> c_int {
    fd_location(etype, 1)
}
