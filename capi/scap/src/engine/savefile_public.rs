//! The engine that reads capture files.

use crate::platform::scap_platform::alloc;
use crate::platform::scap_procs::scap_proc_callbacks;
use crate::platform::state::{Source, scap_platform};
use std::ffi::{c_char, c_int};

/// What a capture file is opened with.
#[repr(C)]
pub struct scap_savefile_engine_params {
    /// If not 0, the file is read from this descriptor, which the engine then owns, and `fname` is not looked at.
    pub fd: c_int,
    /// The file's name.
    pub fname: *const c_char,
    /// Where the capture starts in the file, in uncompressed bytes.
    pub start_offset: u64,
    /// The size of the read buffer, in bytes; 0 for the usual one.
    pub fbuffer_size: u32,
    /// Who is told of the threads, fds, users and interfaces of the capture; may be null.
    pub platform: *mut scap_platform,
}

/// The system that a capture file describes: it is handed to the engine in `scap_savefile_engine_params`, and the callbacks are
/// called while the capture is opened.
#[unsafe(no_mangle)]
pub extern "C" fn scap_savefile_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Engine, proc_callbacks)
}
