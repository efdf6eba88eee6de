//! How an engine is handed to its own functions.

use std::ffi::c_void;

/// An engine's own object, which nobody else looks into.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_engine_handle {
    /// What `alloc_handle` of the engine gave.
    pub m_handle: *mut c_void,
}
