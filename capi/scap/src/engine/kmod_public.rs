//! The engine of the kernel module.

use crate::platform::scap_linux_platform::scap_linux_vtable;
use std::ffi::c_ulong;

/// What it is opened with.
#[repr(C)]
pub struct scap_kmod_engine_params {
    /// The size of each CPU's ring, in bytes.
    pub buffer_bytes_dim: c_ulong,
}

/// What it can tell of threads and files that exist already: nothing that /proc does not.
#[unsafe(no_mangle)]
pub static scap_kmod_linux_vtable: scap_linux_vtable = scap_linux_vtable::NONE;
