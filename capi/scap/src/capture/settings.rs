//! Starting and stopping a capture, and changing what it captures.

use crate::capture::handle::capture;
use crate::types::engine::scap_t;
use crate::types::enums::{scap_ppm_sc_mask_op, scap_setting};
use crate::types::ppm::{PPM_SC_MAX, ppm_sc_code};
use crate::types::scap_const::*;
use crate::types::scap_log::with_libbpf;
use std::ffi::c_ulong;

/// Lets events through.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_start_capture(handle: *mut scap_t) -> i32 {
    // SAFETY: as the caller promises.
    let h = unsafe { capture(handle) };
    h.map_or(SCAP_FAILURE, |h| with_libbpf(h.m_log_fn.get(), || h.call("starting a capture", |v| v.start_capture)))
}

/// Holds events back, until `scap_start_capture`.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_stop_capture(handle: *mut scap_t) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { capture(handle) }.map_or(SCAP_SUCCESS, |h| h.call("stopping a capture", |v| v.stop_capture))
}

/// Captures every event again, after `scap_start_dropping_mode`.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_stop_dropping_mode(handle: *mut scap_t) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the dropping mode", scap_setting::SCAP_SAMPLING_RATIO, 1, 0)
}

/// Captures what changes the state, and of the rest one event in `sampling_ratio` (a power of 2, 128 at most).
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_start_dropping_mode(handle: *mut scap_t, sampling_ratio: u32) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if !sampling_ratio.is_power_of_two() || sampling_ratio > 128 {
        return h.fail(
            SCAP_FAILURE,
            format!("invalid sampling ratio size {sampling_ratio}: a power of 2 up to 128 is needed"),
        );
    }
    h.configure("the dropping mode", scap_setting::SCAP_SAMPLING_RATIO, sampling_ratio.into(), 1)
}

/// Lets the length of captured data follow the protocol.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_enable_dynamic_snaplen(handle: *mut scap_t) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the dynamic snaplen", scap_setting::SCAP_DYNAMIC_SNAPLEN, 1, 0)
}

/// Captures the same length of data of every protocol.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_disable_dynamic_snaplen(handle: *mut scap_t) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the dynamic snaplen", scap_setting::SCAP_DYNAMIC_SNAPLEN, 0, 0)
}

/// Sets how many bytes of data an event carries.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_snaplen(handle: *mut scap_t, snaplen: u32) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the snaplen", scap_setting::SCAP_SNAPLEN, snaplen.into(), 0)
}

/// Captures a system call or tracepoint, or no more.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_ppm_sc(handle: *mut scap_t, ppm_sc: ppm_sc_code, enabled: bool) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if ppm_sc as usize >= PPM_SC_MAX {
        return h.fail(SCAP_FAILURE, format!("scap_set_ppm_sc({ppm_sc}) wrong param"));
    }
    let op = match enabled {
        true => scap_ppm_sc_mask_op::SCAP_PPM_SC_MASK_SET,
        false => scap_ppm_sc_mask_op::SCAP_PPM_SC_MASK_UNSET,
    };
    h.configure("selecting system calls", scap_setting::SCAP_PPM_SC_MASK, op as c_ulong, ppm_sc.into())
}

/// Leaves out the exit of system calls that failed, or captures them again.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_dropfailed(handle: *mut scap_t, enabled: bool) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("dropping failed calls", scap_setting::SCAP_DROP_FAILED, enabled.into(), 0)
}

/// Captures the data of ports from `range_start` to `range_end` whole.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_fullcapture_port_range(handle: *mut scap_t, range_start: u16, range_end: u16) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    let setting = scap_setting::SCAP_FULLCAPTURE_PORT_RANGE;
    h.configure("full capture of ports", setting, range_start.into(), range_end.into())
}

/// Says which port statsd has.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_statsd_port(handle: *mut scap_t, port: u16) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the statsd port", scap_setting::SCAP_STATSD_PORT, port.into(), 0)
}
