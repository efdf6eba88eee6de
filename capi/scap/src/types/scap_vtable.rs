//! What an engine has to offer. A program may bring an engine of its own.

use crate::types::engine_handle::scap_engine_handle;
use crate::types::ints::scap_setting;
use crate::types::metrics_v2::metrics_v2;
use crate::types::ppm::ppm_evt_hdr;
use crate::types::scap::scap_stats;
use crate::types::scap_int::scap;
use crate::types::scap_open::scap_open_args;
use std::ffi::{c_char, c_long, c_ulong, c_void};

/// A capture in progress.
pub type scap_t = scap;

/// An event, as it stands on the wire.
pub type scap_evt = ppm_evt_hdr;

/// What only engines that read files have to offer.
#[repr(C)]
pub struct scap_savefile_vtable {
    /// Where the next read begins, in uncompressed bytes.
    pub ftell_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// Goes to an offset that `ftell_capture` gave.
    pub fseek_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle, off: u64)>,
    /// Reads what stands before the events of a new section.
    pub restart_capture: Option<unsafe extern "C" fn(handle: *mut scap) -> i32>,
    /// How far the file is read, in bytes as they lie on the disk.
    pub get_readfile_offset: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i64>,
}

/// `get_flags`: the kernel counts the run times of BPF programs.
pub const ENGINE_FLAG_BPF_STATS_ENABLED: u32 = 1 << 0;

/// An engine. Functions answer `SCAP_SUCCESS` or another `SCAP_*` code; every one may be null.
#[repr(C)]
pub struct scap_vtable {
    /// Its name.
    pub name: *const c_char,
    /// What only engines that read files have; null for others.
    pub savefile_ops: *const scap_savefile_vtable,
    /// Makes the engine's object, or answers null. `lasterr_ptr` (`SCAP_LASTERR_SIZE` bytes) takes error texts for as long as the
    /// object lives.
    pub alloc_handle: Option<unsafe extern "C" fn(main_handle: *mut scap_t, lasterr_ptr: *mut c_char) -> *mut c_void>,
    /// Opens the source.
    pub init: Option<unsafe extern "C" fn(main_handle: *mut scap_t, open_args: *mut scap_open_args) -> i32>,
    /// `ENGINE_FLAG_*` bits.
    pub get_flags: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// Ends the engine's object.
    pub free_handle: Option<unsafe extern "C" fn(engine: scap_engine_handle)>,
    /// Closes the source.
    pub close: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i32>,
    /// Goes to the next event. The event belongs to the engine and lives until the next call.
    pub next: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            pevent: *mut *mut scap_evt,
            pdevid: *mut u16,
            pflags: *mut u32,
        ) -> i32,
    >,
    /// Lets events through.
    pub start_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i32>,
    /// Holds events back.
    pub stop_capture: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> i32>,
    /// Changes a `scap_setting`.
    pub configure: Option<
        unsafe extern "C" fn(engine: scap_engine_handle, setting: scap_setting, arg1: c_ulong, arg2: c_ulong) -> i32,
    >,
    /// The counters so far.
    pub get_stats: Option<unsafe extern "C" fn(engine: scap_engine_handle, stats: *mut scap_stats) -> i32>,
    /// The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which belongs to the engine and lives until the
    /// next call.
    pub get_stats_v2: Option<
        unsafe extern "C" fn(
            engine: scap_engine_handle,
            flags: u32,
            nstats: *mut u32,
            rc: *mut i32,
        ) -> *const metrics_v2,
    >,
    /// How many events each CPU made: `ret` has room for as many numbers as there are possible CPUs.
    pub get_n_tracepoint_hit: Option<unsafe extern "C" fn(engine: scap_engine_handle, ret: *mut c_long) -> i32>,
    /// How many devices, or rings, events come from.
    pub get_n_devs: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u32>,
    /// The most bytes that ever waited in a ring.
    pub get_max_buf_used: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// The version of the driver's interface (`PPM_API_VERSION`).
    pub get_api_version: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
    /// The version of the driver's event table (`PPM_API_VERSION`).
    pub get_schema_version: Option<unsafe extern "C" fn(engine: scap_engine_handle) -> u64>,
}

// SAFETY: a vtable is never written, and its pointers are to statics.
unsafe impl Sync for scap_vtable {}
// SAFETY: as above.
unsafe impl Sync for scap_savefile_vtable {}
