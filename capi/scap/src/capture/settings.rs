//! Starting and stopping a capture, and changing what it captures.

use crate::capture::handle::capture;
use crate::engine::modern_bpf;
use crate::types::engine::scap_t;
use crate::types::enums::{scap_ppm_sc_mask_op, scap_setting};
use crate::types::ppm::{PPM_SC_MAX, ppm_sc_code};
use crate::types::scap_const::*;
use crate::types::scap_log::with_libbpf;
use std::ffi::c_ulong;

/// Starts capturing events.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_start_capture(handle: *mut scap_t) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let h = unsafe { capture(handle) };
    h.map_or(SCAP_FAILURE, |h| with_libbpf(h.m_log_fn.get(), || h.call("starting a capture", |v| v.start_capture)))
}

/// Stops capturing events, until `scap_start_capture`.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_stop_capture(handle: *mut scap_t) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { capture(handle) }.map_or(SCAP_SUCCESS, |h| h.call("stopping a capture", |v| v.stop_capture))
}

/// Ends the dropping mode: every event is captured again.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_stop_dropping_mode(handle: *mut scap_t) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the dropping mode", scap_setting::SCAP_SAMPLING_RATIO, 1, 0)
}

/// Starts the dropping mode: system calls marked `UF_NEVER_DROP` are always captured, `UF_ALWAYS_DROP` never, all others in the
/// first 1/`sampling_ratio` of every second. The ratio is a power of 2, at most 128.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_start_dropping_mode(handle: *mut scap_t, sampling_ratio: u32) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if !sampling_ratio.is_power_of_two() || sampling_ratio > 128 {
        return h.fail(
            SCAP_FAILURE,
            format!("invalid sampling ratio size {sampling_ratio}: a power of 2 up to 128 is needed"),
        );
    }
    h.configure("the dropping mode", scap_setting::SCAP_SAMPLING_RATIO, sampling_ratio.into(), 1)
}

/// Turns the dynamic snaplen on: the snaplen depends on the port and the first bytes of the data.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_enable_dynamic_snaplen(handle: *mut scap_t) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the dynamic snaplen", scap_setting::SCAP_DYNAMIC_SNAPLEN, 1, 0)
}

/// Turns the dynamic snaplen off: all data has the snaplen of `scap_set_snaplen`.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_disable_dynamic_snaplen(handle: *mut scap_t) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the dynamic snaplen", scap_setting::SCAP_DYNAMIC_SNAPLEN, 0, 0)
}

/// Sets the snaplen, the number of bytes of data that an event carries at most: up to 65535.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_snaplen(handle: *mut scap_t, snaplen: u32) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the snaplen", scap_setting::SCAP_SNAPLEN, snaplen.into(), 0)
}

/// Adds a system call or tracepoint to the captured ones, or removes it.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_ppm_sc(handle: *mut scap_t, ppm_sc: ppm_sc_code, enabled: bool) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
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

/// Drops the exit events of failed system calls, or captures them again.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_dropfailed(handle: *mut scap_t, enabled: bool) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("dropping failed calls", scap_setting::SCAP_DROP_FAILED, enabled.into(), 0)
}

/// Gives the data of ports from `range_start` to `range_end` a snaplen of at least 16000 bytes, with dynamic snaplen only; a
/// `range_end` of 0 ends that.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_fullcapture_port_range(handle: *mut scap_t, range_start: u16, range_end: u16) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    let setting = scap_setting::SCAP_FULLCAPTURE_PORT_RANGE;
    h.configure("full capture of ports", setting, range_start.into(), range_end.into())
}

/// Sets the port of statsd: data to or from this port of a peer has a snaplen of at least 2000 bytes, with dynamic snaplen only. 0 ends that.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_set_statsd_port(handle: *mut scap_t, port: u16) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    h.configure("the statsd port", scap_setting::SCAP_STATSD_PORT, port.into(), 0)
}

/// Gives a CPU a ring buffer of `bytes` bytes, a power of two and a multiple of the page size, at most 1 GiB, during a capture of the engine modern_bpf.
/// Nothing changes where it has one of that size or more. The events in the rings keep their order and are not lost, the last event stays valid, and
/// after an error the CPU has the ring that it had. To be called by the thread that calls `scap_next`: the rings are not read in the time that it takes,
/// tens of milliseconds, and 200 for 128 MiB, which the kernel clears.
/// `scap_get_stats_v2` has the drops of each CPU. Not in the reference.
///
/// # Safety
/// `handle` is null or a valid capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_grow_buffer(handle: *mut scap_t, cpu: u32, bytes: u64) -> i32 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    match h.vtable() {
        // SAFETY: the object came from this vtable, which is that of the engine.
        Some(v) if modern_bpf::is(v) => unsafe { modern_bpf::grow_buffer(h.m_engine.get(), cpu, bytes) },
        _ => h.not_supported("a larger buffer for one CPU"),
    }
}
