//! What a capture is opened with.

use crate::types::ppm::PPM_SC_MAX;
use crate::types::scap_log::falcosecurity_log_fn;
use std::ffi::c_void;

/// Which system calls and tracepoints are captured, by their code.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct interesting_ppm_sc_set {
    /// Whether each of them is.
    pub ppm_sc: [bool; PPM_SC_MAX],
}

/// What a capture is opened with.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_open_args {
    /// Whether the users and groups of the machine are read.
    pub import_users: bool,
    /// What is captured.
    pub ppm_sc_of_interest: interesting_ppm_sc_set,
    /// Where log messages go; may be null.
    pub log_fn: falcosecurity_log_fn,
    /// After how many milliseconds the scan of /proc ends with what it has; 0 for never.
    pub proc_scan_timeout_ms: u64,
    /// Every how many milliseconds the scan of /proc logs how far it is; 0 for never.
    pub proc_scan_log_interval_ms: u64,
    /// The parameters of the engine: a `scap_ENGINE_engine_params`.
    pub engine_params: *mut c_void,
}
