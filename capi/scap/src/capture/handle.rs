//! Captures: opening an engine, reading its events, changing what it captures.
//!
//! These functions only pass on what an engine's vtable offers; the vtable may be a program's own.

use crate::capture::scap_api_version::check_api_compatibility;
use crate::types::engine_handle::scap_engine_handle;
use crate::types::metrics_v2::{METRICS_V2_KERNEL_COUNTERS, METRICS_V2_KERNEL_COUNTERS_PER_CPU, metrics_v2};
use crate::types::ppm::{PPM_SC_MAX, ppm_sc_code};
use crate::types::scap::scap_stats;
use crate::types::scap_const::*;
use crate::types::scap_int::scap;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_settings::{scap_ppm_sc_mask_op, scap_setting};
use crate::types::scap_vtable::{scap_evt, scap_savefile_vtable, scap_t, scap_vtable};
use capi_common::{bytes, copy_error, free, guard, text, write_error};
use std::cell::Cell;
use std::ffi::{CString, c_char, c_long, c_ulong};
use std::fmt::Display;
use std::os::unix::ffi::OsStringExt;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

impl scap {
    /// Keeps an error's text, and answers its code.
    #[cold]
    #[inline(never)]
    fn fail(&self, code: i32, text: impl Display) -> i32 {
        let mut lasterr = [0; SCAP_LASTERR_SIZE];
        copy_error(&mut lasterr, text);
        self.m_lasterr.set(lasterr);
        code
    }

    /// The engine's functions, if there is an engine.
    fn vtable(&self) -> Option<&'static scap_vtable> {
        // SAFETY: `scap_init` is given a vtable that lives as long as its captures.
        unsafe { self.m_vtable.get().as_ref() }
    }

    fn name(&self) -> String {
        // SAFETY: the name of a vtable is null or a string that lives as long as the vtable.
        let name = self.vtable().and_then(|v| unsafe { bytes(v.name) });
        String::from_utf8_lossy(name.unwrap_or(b"without a name")).into_owned()
    }

    #[cold]
    fn not_supported(&self, what: &str) -> i32 {
        let text = match self.vtable() {
            Some(_) => format!("{what} is not supported by the engine {}", self.name()),
            None => format!("{what}: the capture is not open"),
        };
        self.fail(SCAP_NOT_SUPPORTED, text)
    }

    /// Calls one of the engine's functions that needs nothing but the engine.
    fn call(
        &self,
        what: &str,
        function: impl Fn(&scap_vtable) -> Option<unsafe extern "C" fn(scap_engine_handle) -> i32>,
    ) -> i32 {
        match self.vtable().and_then(function) {
            // SAFETY: the function and the object belong to the same engine.
            Some(f) => unsafe { f(self.m_engine.get()) },
            None => self.not_supported(what),
        }
    }

    fn configure(&self, what: &str, setting: scap_setting, arg1: c_ulong, arg2: c_ulong) -> i32 {
        match self.vtable().and_then(|v| v.configure) {
            // SAFETY: the function and the object belong to the same engine.
            Some(f) => unsafe { f(self.m_engine.get(), setting as u32, arg1, arg2) },
            None => self.not_supported(what),
        }
    }

    fn savefile(&self) -> Option<&'static scap_savefile_vtable> {
        // SAFETY: null or as long-lived as the vtable.
        self.vtable().and_then(|v| unsafe { v.savefile_ops.as_ref() })
    }
}

/// The capture behind a pointer from C.
///
/// # Safety
/// `handle` is null or came from `scap_alloc` or `scap_open`, and no other thread of the program uses it during the call.
unsafe fn capture<'a>(handle: *mut scap_t) -> Option<&'a scap> {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }
}

/// Makes a capture that is not open yet. Owned by the caller, who ends it with `scap_close`, or with `scap_deinit` and
/// `scap_free`.
#[unsafe(no_mangle)]
pub extern "C" fn scap_alloc() -> *mut scap_t {
    Box::into_raw(Box::new(scap {
        m_vtable: Cell::new(null()),
        m_engine: Cell::new(scap_engine_handle { m_handle: null_mut() }),
        m_lasterr: Cell::new([0; SCAP_LASTERR_SIZE]),
        m_evtcnt: Cell::new(0),
        m_log_fn: Cell::new(None),
        m_dump_flags: Cell::new(0),
    }))
}

/// Opens an engine in a capture made by `scap_alloc`. After a failure `scap_getlasterr` tells the cause, and the only thing
/// left to do with the capture is to end it.
///
/// # Safety
/// The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_init(handle: *mut scap_t, oargs: *mut scap_open_args, vtable: *const scap_vtable) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    // SAFETY: as above.
    let Some(args) = (unsafe { oargs.as_ref() }) else { return h.fail(SCAP_FAILURE, "scap_init: null open arguments") };
    if vtable.is_null() {
        return h.fail(SCAP_FAILURE, "scap_init: null engine");
    }
    if !h.m_vtable.get().is_null() {
        return h.fail(SCAP_FAILURE, "scap_init: the capture is open already");
    }
    h.m_vtable.set(vtable);
    h.m_log_fn.set(args.log_fn);
    // SAFETY: as above.
    let (Some(alloc), init) = (unsafe { ((*vtable).alloc_handle, (*vtable).init) }) else {
        h.m_vtable.set(null());
        return h.fail(SCAP_FAILURE, "scap_init: the engine cannot make a handle");
    };
    let error = h.m_lasterr.as_ptr().cast::<c_char>();
    // SAFETY: as above.
    let object = unsafe { alloc(handle, error) };
    h.m_engine.set(scap_engine_handle { m_handle: object });
    if object.is_null() {
        h.m_vtable.set(null());
        return h.fail(SCAP_FAILURE, "scap_init: the engine could not make a handle");
    }
    // SAFETY: as above.
    match init.map_or(SCAP_SUCCESS, |init| unsafe { init(handle, oargs) }) {
        // SAFETY: the engine is open now.
        SCAP_SUCCESS => unsafe { check_api_compatibility(vtable, h.m_engine.get(), error) },
        failure => failure,
    }
}

/// Makes a capture and opens an engine in it. Owned by the caller, who ends it with `scap_close`.
///
/// After a failure the answer is null, `*rc` has the code, and `error` (`SCAP_LASTERR_SIZE` bytes) the text; both may be null.
///
/// # Safety
/// The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_open(
    oargs: *mut scap_open_args,
    vtable: *const scap_vtable,
    error: *mut c_char,
    rc: *mut i32,
) -> *mut scap_t {
    let handle = scap_alloc();
    // SAFETY: as the caller promises, and the handle is ours until it is answered.
    unsafe {
        let code = scap_init(handle, oargs, vtable);
        if !rc.is_null() {
            *rc = code;
        }
        if code == SCAP_SUCCESS {
            return handle;
        }
        write_error(error, String::from_utf8_lossy(text(&(*handle).m_lasterr.get())));
        scap_close(handle);
    }
    null_mut()
}

/// Closes the engine of a capture. Not from within a callback of that capture, whose work goes on afterwards.
///
/// # Safety
/// `handle` is null or a capture on which no other function is running.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_deinit(handle: *mut scap_t) {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return };
    if let Some(vtable) = h.vtable() {
        // SAFETY: functions and object belong to the same engine, and the object is not used after it is freed.
        unsafe {
            if let Some(stop) = vtable.stop_capture {
                stop(h.m_engine.get());
            }
            if let Some(close) = vtable.close {
                close(h.m_engine.get());
            }
            if let Some(free) = vtable.free_handle {
                free(h.m_engine.get());
            }
        }
    }
    h.m_vtable.set(null());
    h.m_engine.set(scap_engine_handle { m_handle: null_mut() });
}

/// Frees a capture after `scap_deinit`.
///
/// # Safety
/// `handle` is null or a capture, which is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_free(handle: *mut scap_t) {
    // SAFETY: it came from scap_alloc.
    unsafe { free(handle) }
}

/// Closes the engine of a capture and frees the capture. Not from within a callback of that capture, whose work goes on afterwards.
///
/// # Safety
/// `handle` is null or a capture on which no other function is running, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_close(handle: *mut scap_t) {
    // SAFETY: as the caller promises.
    unsafe {
        scap_deinit(handle);
        scap_free(handle);
    }
}

/// The text of the last error of a capture; lives as long as the capture.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_getlasterr(handle: *mut scap_t) -> *const c_char {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return c"null scap handle".as_ptr() };
    let text = h.m_lasterr.as_ptr().cast::<c_char>();
    // An engine of the program's may have filled all of it.
    // SAFETY: the text is a cell's, and so long.
    unsafe { text.add(SCAP_LASTERR_SIZE - 1).write(0) };
    text
}

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

/// Lets events through.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_start_capture(handle: *mut scap_t) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { capture(handle) }.map_or(SCAP_FAILURE, |h| h.call("starting a capture", |v| v.start_capture))
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

/// The counters of a capture so far.
///
/// # Safety
/// `handle` is null or a capture; `stats` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_stats(handle: *mut scap_t, stats: *mut scap_stats) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if stats.is_null() {
        return h.fail(SCAP_FAILURE, "scap_get_stats: null output");
    }
    // SAFETY: as above.
    unsafe { *stats = scap_stats::default() };
    match h.vtable().and_then(|v| v.get_stats) {
        // SAFETY: as above.
        Some(get) => unsafe { get(h.m_engine.get(), stats) },
        None => h.not_supported("counting events"),
    }
}

/// The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which belongs to the capture and lives until the
/// next call. `*rc` is the code.
///
/// # Safety
/// `handle` is null or a capture; `nstats` and `rc` are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_stats_v2(
    handle: *mut scap_t,
    flags: u32,
    nstats: *mut u32,
    rc: *mut i32,
) -> *const metrics_v2 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe {
        if !nstats.is_null() {
            *nstats = 0;
        }
        if !rc.is_null() {
            *rc = SCAP_FAILURE;
        }
        capture(handle)
    }) else {
        return null();
    };
    if nstats.is_null() || rc.is_null() {
        h.fail(SCAP_FAILURE, "scap_get_stats_v2: null output");
        return null();
    }
    let per_cpu = flags & METRICS_V2_KERNEL_COUNTERS_PER_CPU != 0;
    let flags = flags | if per_cpu { METRICS_V2_KERNEL_COUNTERS } else { 0 };
    match h.vtable().and_then(|v| v.get_stats_v2) {
        // SAFETY: as above.
        Some(get) => unsafe { get(h.m_engine.get(), flags, nstats, rc) },
        None => {
            // SAFETY: as above.
            unsafe { *rc = h.not_supported("measuring a capture") };
            null()
        }
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

/// How many events each CPU made: `ret` has room for as many numbers as there are possible CPUs, online or not.
///
/// # Safety
/// `handle` is null or a capture; `ret` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_n_tracepoint_hit(handle: *mut scap_t, ret: *mut c_long) -> i32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return SCAP_FAILURE };
    if ret.is_null() {
        return h.fail(SCAP_FAILURE, "scap_get_n_tracepoint_hit: null output");
    }
    match h.vtable().and_then(|v| v.get_n_tracepoint_hit) {
        // SAFETY: as above.
        Some(get) => unsafe { get(h.m_engine.get(), ret) },
        None => h.not_supported("counting tracepoint hits"),
    }
}

/// The `ENGINE_FLAG_*` bits of a capture.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_engine_flags(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_flags).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// How many devices, or rings, events come from.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_ndevs(handle: *mut scap_t) -> u32 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 1 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_n_devs).map_or(1, |get| unsafe { get(h.m_engine.get()) })
}

/// The most bytes that ever waited in a ring.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_max_buf_used(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_max_buf_used).map_or(0, |get| unsafe { get(h.m_engine.get()) })
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

/// Whether the capture's engine has this name.
///
/// # Safety
/// `handle` is null or a capture; `engine_name` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_check_current_engine(handle: *mut scap_t, engine_name: *const c_char) -> bool {
    // SAFETY: as the caller promises, and vtables are valid.
    unsafe {
        let current = capture(handle).and_then(|h| h.vtable()).and_then(|v| bytes(v.name));
        bytes(engine_name).is_some_and(|name| Some(name) == current)
    }
}

/// The version of the driver's interface; 0 where there is no driver.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_driver_api_version(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_api_version).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// The version of the driver's event table; 0 where there is no driver.
///
/// # Safety
/// `handle` is null or a capture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_driver_schema_version(handle: *mut scap_t) -> u64 {
    // SAFETY: as the caller promises.
    let Some(h) = (unsafe { capture(handle) }) else { return 0 };
    // SAFETY: function and object belong to the same engine.
    h.vtable().and_then(|v| v.get_schema_version).map_or(0, |get| unsafe { get(h.m_engine.get()) })
}

/// Where the host's root directory is mounted (the variable `HOST_ROOT`); empty where the program runs on the host itself. Read
/// once.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_host_root() -> *const c_char {
    static ROOT: OnceLock<CString> = OnceLock::new();
    let read = || CString::new(std::env::var_os("HOST_ROOT").unwrap_or_default().into_vec()).unwrap_or_default();
    guard(|_| c"".as_ptr(), || ROOT.get_or_init(read).as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::nodriver;
    use crate::types::scap_open::interesting_ppm_sc_set;

    fn args() -> scap_open_args {
        scap_open_args {
            import_users: false,
            ppm_sc_of_interest: interesting_ppm_sc_set { ppm_sc: [false; PPM_SC_MAX] },
            log_fn: None,
            proc_scan_timeout_ms: 0,
            proc_scan_log_interval_ms: 0,
            engine_params: null_mut(),
        }
    }

    /// An engine of a program's, which fills the whole buffer.
    unsafe extern "C" fn shout(main: *mut scap_t, _: *mut scap_open_args) -> i32 {
        // SAFETY: the capture that is opened.
        unsafe { (*main).m_lasterr.set([b'A' as c_char; SCAP_LASTERR_SIZE]) };
        SCAP_FAILURE
    }

    #[test]
    fn a_text_that_an_engine_did_not_end() {
        let shouting = scap_vtable { init: Some(shout), ..nodriver::VTABLE };
        let (mut error, mut rc) = ([1; SCAP_LASTERR_SIZE], 0);
        // SAFETY: all of it is valid.
        unsafe {
            assert!(scap_open(&mut args(), &shouting, error.as_mut_ptr(), &mut rc).is_null());
            assert_eq!(
                (rc, text(&error).len(), error[SCAP_LASTERR_SIZE - 1]),
                (SCAP_FAILURE, SCAP_LASTERR_SIZE - 1, 0)
            );
            let capture = scap_alloc();
            assert_eq!(scap_init(capture, &mut args(), &shouting), SCAP_FAILURE);
            assert_eq!(bytes(scap_getlasterr(capture)).map(<[u8]>::len), Some(SCAP_LASTERR_SIZE - 1));
            scap_close(capture);
        }
    }

    #[test]
    fn what_is_not_open_or_has_no_output_says_so() {
        // SAFETY: all of it is valid, or null.
        unsafe {
            let capture = scap_alloc();
            let why = || String::from_utf8_lossy(bytes(scap_getlasterr(capture)).unwrap_or_default()).into_owned();
            assert_eq!(scap_start_capture(capture), SCAP_NOT_SUPPORTED);
            assert!(why().contains("not open"));
            assert_eq!(scap_init(capture, &mut args(), &nodriver::VTABLE), SCAP_SUCCESS);
            let mut rc = SCAP_SUCCESS;
            assert!(scap_get_stats_v2(capture, 0, null_mut(), &mut rc).is_null());
            assert_eq!((rc, &*why()), (SCAP_FAILURE, "scap_get_stats_v2: null output"));
            let configure = nodriver::VTABLE.configure.expect("every engine of ours has it");
            let mask = scap_setting::SCAP_PPM_SC_MASK as u32;
            assert_eq!(configure((*capture).m_engine.get(), mask, 7, 1), SCAP_FAILURE);
            assert!(why().contains("no operation 7"));
            scap_deinit(capture);
            // After the end of the engine the capture is as new.
            assert_eq!(scap_start_capture(capture), SCAP_NOT_SUPPORTED);
            assert_eq!(scap_init(capture, &mut args(), &nodriver::VTABLE), SCAP_SUCCESS);
            scap_close(capture);
        }
    }
}
