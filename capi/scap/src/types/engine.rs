//! An engine's vtable and object, and the capture that uses them. A program may supply its own engine.
//!
//! While a function runs on a capture, the engine writes to the same struct, for example an error text. So all members are cells, and no
//! `&mut scap` is ever made.

use crate::types::ints::scap_setting;
use crate::types::metrics_v2::metrics_v2;
use crate::types::ppm::ppm_evt_hdr;
use crate::types::scap::scap_stats;
use crate::types::scap_const::SCAP_LASTERR_SIZE;
use crate::types::scap_log::falcosecurity_log_fn;
use crate::types::scap_open::scap_open_args;
use std::cell::Cell;
use std::ffi::{c_char, c_long, c_ulong, c_void};

/// An engine's object, which only the engine reads.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_engine_handle {
    /// What the engine's `alloc_handle` returned.
    pub m_handle: *mut c_void,
}

/// An open capture. A program's own engine may read the members; all others use the functions of `scap.h`.
#[repr(C)]
pub struct scap {
    /// The engine's functions; null before `scap_init`.
    pub m_vtable: Cell<*const scap_vtable>,
    /// The engine's object.
    pub m_engine: Cell<scap_engine_handle>,
    /// The text of the last error.
    pub m_lasterr: Cell<[c_char; SCAP_LASTERR_SIZE]>,
    /// How many events `scap_next` has returned.
    pub m_evtcnt: Cell<u64>,
    /// Takes log messages; may be null.
    pub m_log_fn: Cell<falcosecurity_log_fn>,
    /// The `scap_dump_flags` of the last event.
    pub m_dump_flags: Cell<u32>,
}

/// An open capture.
pub type scap_t = scap;

/// An event: the header, then the lengths and the values of its parameters.
pub type scap_evt = ppm_evt_hdr;

/// Functions of engines that read files.
#[repr(C)]
pub struct scap_savefile_vtable {
    /// Returns where the next read begins, in uncompressed bytes.
    pub ftell_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// Goes to an offset that `ftell_capture` returned.
    pub fseek_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle, off: u64)>,
    /// Reads the blocks before the events of a new section.
    pub restart_capture: Option<unsafe extern "C" fn(handle: *mut scap) -> i32>,
    /// Returns how much of the file was read, in bytes as stored on disk.
    pub get_readfile_offset: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i64>,
}

/// A bit of `get_flags`: the kernel measures the run time of BPF programs.
pub const ENGINE_FLAG_BPF_STATS_ENABLED: u32 = 1 << 0;

/// An engine. Its functions return `SCAP_SUCCESS` or another `SCAP_*` code; any of them may be null.
#[repr(C)]
pub struct scap_vtable {
    /// Its name.
    pub name: *const c_char,
    /// Functions of engines that read files; null for others.
    pub savefile_ops: *const scap_savefile_vtable,
    /// Allocates the engine's object; null on an error. `lasterr_ptr` (`SCAP_LASTERR_SIZE` bytes) is the buffer for error texts and
    /// stays valid until `free_handle`.
    pub alloc_handle: Option<unsafe extern "C" fn(main_handle: *mut scap_t, lasterr_ptr: *mut c_char) -> *mut c_void>,
    /// Opens the source.
    pub init: Option<unsafe extern "C" fn(main_handle: *mut scap_t, open_args: *mut scap_open_args) -> i32>,
    /// Returns `ENGINE_FLAG_*` bits.
    pub get_flags: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// Frees the engine's object.
    pub free_handle: Option<unsafe extern "C" fn(engine: scap_engine_handle)>,
    /// Closes the source.
    pub close: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i32>,
    /// Goes to the next event, which belongs to the engine and is valid until the next call.
    pub next: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            pevent: *mut *mut scap_evt,
            pdevid: *mut u16,
            pflags: *mut u32,
        ) -> i32,
    >,
    /// Starts capturing events.
    pub start_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i32>,
    /// Stops capturing events, until `start_capture`.
    pub stop_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i32>,
    /// Changes a `scap_setting`.
    pub configure: Option<
        unsafe extern "C" fn(engine: scap_engine_handle, setting: scap_setting, arg1: c_ulong, arg2: c_ulong) -> i32,
    >,
    /// Writes the counters so far to `*stats`.
    pub get_stats: Option<unsafe extern "C" fn(engine: scap_engine_handle, stats: *mut scap_stats) -> i32>,
    /// Returns an array of `*nstats` metrics of the `METRICS_V2_*` kinds in `flags`, which belongs to the engine and is valid until
    /// the next call.
    pub get_stats_v2: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            flags: u32,
            nstats: *mut u32,
            rc: *mut i32,
        ) -> *const metrics_v2,
    >,
    /// Writes how many events each CPU produced to `ret`, which has one entry for each possible CPU.
    pub get_n_tracepoint_hit: Option<unsafe extern "C" fn(engine: scap_engine_handle, ret: *mut c_long) -> i32>,
    /// Returns the number of devices (rings).
    pub get_n_devs: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u32>,
    /// Returns the largest number of bytes that waited in a ring.
    pub get_max_buf_used: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// Returns the version of the driver's API (`PPM_API_VERSION`).
    pub get_api_version: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// Returns the version of the driver's schema, its event table (`PPM_API_VERSION`).
    pub get_schema_version: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
}

// SAFETY: the vtables of this library are immutable statics, and their pointers lead to statics.
unsafe impl Sync for scap_vtable {}
// SAFETY: the same holds for its vtables.
unsafe impl Sync for scap_savefile_vtable {}
