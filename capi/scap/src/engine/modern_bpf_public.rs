//! The engine that captures the running kernel with BPF.

use crate::engine::modern_bpf;
use crate::platform::scap_linux_platform::scap_linux_vtable;
use std::ffi::c_ulong;

/// How many CPUs share a ring when nobody asks for another number.
pub const DEFAULT_CPU_FOR_EACH_BUFFER: u32 = 1;

/// What a live capture is opened with.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct scap_modern_bpf_engine_params {
    /// How many CPUs share a ring; 0 for one ring for all.
    pub cpus_for_each_buffer: u16,
    /// Whether there are rings for online CPUs alone.
    pub allocate_online_only: bool,
    /// The size of each ring, in bytes: a power of 2 and a multiple of the page size.
    pub buffer_bytes_dim: c_ulong,
    /// Whether the threads and fds that exist already are read from /proc even where the kernel has iterators for them.
    pub disable_iterators: bool,
}

/// What an open engine can tell of threads and files that exist already. A Linux platform that is handed the engine asks it without
/// being given these functions.
#[unsafe(no_mangle)]
pub static scap_modern_bpf_linux_vtable: scap_linux_vtable = modern_bpf::LINUX_VTABLE;
