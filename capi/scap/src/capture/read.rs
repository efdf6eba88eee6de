//! Reading the events of a capture.

use crate::capture::handle::capture;
use crate::types::engine::{scap_evt, scap_t};
use crate::types::scap_const::*;
use std::ffi::c_char;

/// Goes to the next event.
///
/// `SCAP_SUCCESS`: the event is at `*pevent` and belongs to the capture; it lives until the next call. `*pcpuid` is the device
/// it came from, `*pflags` its `scap_dump_flags`. `SCAP_TIMEOUT`: nothing yet, try again. `SCAP_FILTERED_EVENT`: try again.
/// `SCAP_EOF`: the input is at its end. `SCAP_UNEXPECTED_BLOCK`: a new section starts, which `scap_restart_capture` goes on
/// with. Anything else: `scap_getlasterr` tells the cause.
///
/// # Safety
/// `handle` is null or a capture; the other pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_next(
    handle: *mut scap_t,
    pevent: *mut *mut scap_evt,
    pcpuid: *mut u16,
    pflags: *mut u32,
) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if pevent.is_null() || pcpuid.is_null() || pflags.is_null() {
        return h.fail(SCAP_FAILURE, "scap_next: null output");
    }
    let Some(next) = h.vtable().and_then(|v| v.next) else { return h.not_supported("reading events") };
    // SAFETY: function and object belong to the same engine.
    let rc = unsafe { next(h.m_engine.get(), pevent, pcpuid, pflags) };
    if rc == SCAP_SUCCESS {
        h.m_evtcnt.set(h.m_evtcnt.get() + 1);
        // SAFETY: the output is there, and the engine has written to it.
        h.m_dump_flags.set(unsafe { *pflags });
    }
    rc
}

/// How many events `scap_next` has brought.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_num(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { capture(handle) }.map_or(0, |h| h.m_evtcnt.get())
}

/// The `scap_dump_flags` of the last event; 0 for a live one.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_dump_flags(handle: *mut scap_t) -> u32 {
    // SAFETY: as the caller promises.
    unsafe { capture(handle) }.map_or(0, |h| h.m_dump_flags.get())
}

/// After `SCAP_UNEXPECTED_BLOCK`: reads what the new section of a file says of the system, and goes on with its events.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_restart_capture(handle: *mut scap_t) -> u32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE as u32 };
    match h.savefile().and_then(|s| s.restart_capture) {
        // SAFETY: the function belongs to the engine of the handle.
        Some(restart) => (unsafe { restart(handle) }) as u32,
        None => h.fail(SCAP_FAILURE, "capture restart supported only in capture mode") as u32,
    }
}

/// How far a capture file is read, in bytes as they lie on the disk; -1 if the capture is no file.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_readfile_offset(handle: *mut scap_t) -> i64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return -1 };
    match h.savefile().and_then(|s| s.get_readfile_offset) {
        // SAFETY: function and object belong to the same engine.
        Some(offset) => unsafe { offset(h.m_engine.get()) },
        None => {
            h.fail(SCAP_FAILURE, "scap_get_readfile_offset only works on captures");
            -1
        }
    }
}

/// Where the next read of a capture file begins, in uncompressed bytes; 0 if the capture is no file.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_ftell(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.savefile().and_then(|s| s.ftell_capture).map_or(0, |tell| unsafe { tell(h.m_engine.get()) })
}

/// Goes to an offset that `scap_ftell` gave.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_fseek(handle: *mut scap_t, off: u64) {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return };
    if let Some(seek) = h.savefile().and_then(|s| s.fseek_capture) {
        // SAFETY: function and object belong to the same engine.
        unsafe { seek(h.m_engine.get(), off) }
    }
}

/// No engine hands out its rings: answers `SCAP_NOT_SUPPORTED`.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_readbuf(handle: *mut scap_t, _cpuid: u32, _buf: *mut *mut c_char, _len: *mut u32) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { capture(handle) }.map_or(SCAP_NOT_SUPPORTED, |h| h.not_supported("reading a ring"))
}
