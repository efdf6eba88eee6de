//! The cgroups of a thread.

use crate::scap_limits::SCAP_MAX_CGROUPS_SIZE;
use std::ffi::{c_char, c_int};

/// Strings of the form `controller=path` one after the other, each ended by a NUL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_cgroup_set {
    /// How many bytes of `path` are in use.
    pub len: c_int,
    /// The strings.
    pub path: [c_char; SCAP_MAX_CGROUPS_SIZE],
}
