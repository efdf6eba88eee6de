//! The arguments for opening a capture.

use crate::types::ppm::PPM_SC_MAX;
use crate::types::scap_log::falcosecurity_log_fn;
use std::ffi::c_void;

/// The system calls and tracepoints that are captured, by `ppm_sc` code.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct interesting_ppm_sc_set {
    /// True for each code that is captured.
    pub ppm_sc: [bool; PPM_SC_MAX],
}

/// The arguments for opening a capture.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_open_args {
    /// Whether the users and groups of the machine are read.
    pub import_users: bool,
    /// The system calls and tracepoints that are captured.
    pub ppm_sc_of_interest: interesting_ppm_sc_set,
    /// Takes log messages; may be null.
    pub log_fn: falcosecurity_log_fn,
    /// After this many milliseconds the scan of /proc stops and keeps what it has; 0 for no limit.
    pub proc_scan_timeout_ms: u64,
    /// The scan of /proc logs its progress at this interval in milliseconds; 0 for never.
    pub proc_scan_log_interval_ms: u64,
    /// The parameters of the engine: a `scap_ENGINE_engine_params`.
    pub engine_params: *mut c_void,
}
