//! Reading the events of a capture.

use crate::capture::handle::capture;
use crate::types::engine::{scap_evt, scap_t};
use crate::types::scap_const::*;
use std::ffi::c_char;

/// Reads the next event.
///
/// `SCAP_SUCCESS`: `*pevent` is the event, which belongs to the capture and is valid until the next call; `*pcpuid` is the device
/// that it came from, `*pflags` its `scap_dump_flags`. `SCAP_TIMEOUT`, `SCAP_FILTERED_EVENT`: no event now, try again. `SCAP_EOF`:
/// the end of the input. `SCAP_UNEXPECTED_BLOCK`: a new section starts; call `scap_restart_capture`. Anything else is an error: see
/// `scap_getlasterr`.
///
/// # Safety
/// `handle` is null or a valid capture; the other pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_next(
    handle: *mut scap_t,
    pevent: *mut *mut scap_evt,
    pcpuid: *mut u16,
    pflags: *mut u32,
) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if pevent.is_null() || pcpuid.is_null() || pflags.is_null() {
        return h.fail(SCAP_FAILURE, "scap_next: null output");
    }
    let Some(next) = h.vtable().and_then(|v| v.next) else { return h.not_supported("reading events") };
    // SAFETY: the object came from this vtable; the outputs are not null, so they are valid (# Safety).
    let rc = unsafe { next(h.m_engine.get(), pevent, pcpuid, pflags) };
    if rc == SCAP_SUCCESS {
        h.m_evtcnt.set(h.m_evtcnt.get() + 1);
        // SAFETY: not null, so it is valid (# Safety), and the engine has set it.
        h.m_dump_flags.set(unsafe { *pflags });
    }
    rc
}

/// Returns how many events `scap_next` has returned.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_num(handle: *mut scap_t) -> u64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { capture(handle) }.map_or(0, |h| h.m_evtcnt.get())
}

/// Returns the `scap_dump_flags` of the last event; 0 for a live one.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_dump_flags(handle: *mut scap_t) -> u32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { capture(handle) }.map_or(0, |h| h.m_dump_flags.get())
}

/// Continues after `SCAP_UNEXPECTED_BLOCK`: reads the blocks before the events of the file's new section. Returns a `SCAP_*` code.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_restart_capture(handle: *mut scap_t) -> u32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE as u32 };
    match h.savefile().and_then(|s| s.restart_capture) {
        // SAFETY: the function belongs to the engine of this valid capture.
        Some(restart) => (unsafe { restart(handle) }) as u32,
        None => h.fail(SCAP_FAILURE, "capture restart supported only in capture mode") as u32,
    }
}

/// Returns how much of a capture file was read, in bytes as stored on disk; -1 if the capture is not a file.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_readfile_offset(handle: *mut scap_t) -> i64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return -1 };
    match h.savefile().and_then(|s| s.get_readfile_offset) {
        // SAFETY: the object came from this vtable.
        Some(offset) => unsafe { offset(h.m_engine.get()) },
        None => {
            h.fail(SCAP_FAILURE, "scap_get_readfile_offset only works on captures");
            -1
        }
    }
}

/// Returns where the next read of a capture file begins, in uncompressed bytes; 0 if the capture is not a file.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_ftell(handle: *mut scap_t) -> u64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: the object came from this vtable.
    h.savefile().and_then(|s| s.ftell_capture).map_or(0, |tell| unsafe { tell(h.m_engine.get()) })
}

/// Goes to an offset that `scap_ftell` returned; does nothing if the capture is not a file.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_fseek(handle: *mut scap_t, off: u64) {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return };
    if let Some(seek) = h.savefile().and_then(|s| s.fseek_capture) {
        // SAFETY: the object came from this vtable.
        unsafe { seek(h.m_engine.get(), off) }
    }
}

/// Returns `SCAP_NOT_SUPPORTED`: no engine gives access to its rings.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_readbuf(handle: *mut scap_t, _cpuid: u32, _buf: *mut *mut c_char, _len: *mut u32) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { capture(handle) }.map_or(SCAP_NOT_SUPPORTED, |h| h.not_supported("reading a ring"))
}
