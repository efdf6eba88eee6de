//! The engine whose events a plugin makes.

use crate::types::plugin_info::scap_source_plugin;
use std::ffi::c_char;

/// What the engine is opened with.
#[repr(C)]
pub struct scap_source_plugin_engine_params {
    /// The plugin; it lives as long as the capture.
    pub input_plugin: *mut scap_source_plugin,
    /// What its source is opened with.
    pub input_plugin_params: *mut c_char,
}
