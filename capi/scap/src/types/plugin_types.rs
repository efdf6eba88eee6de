//! The plugin API's types that this library deals with. `plugin/plugin_types.h` declares them to C.

use crate::types::ppm::ppm_evt_hdr;
use std::ffi::c_void;

/// A plugin's state.
pub type ss_plugin_t = c_void;
/// An open source of a plugin.
pub type ss_instance_t = c_void;
/// What a plugin's function answers. Any number can come from C.
pub type ss_plugin_rc = i32;
/// An event.
pub type ss_plugin_event = ppm_evt_hdr;

/// It worked.
pub const SS_PLUGIN_SUCCESS: ss_plugin_rc = 0;
/// Nothing now, maybe later.
pub const SS_PLUGIN_TIMEOUT: ss_plugin_rc = -1;
/// Nothing any more.
pub const SS_PLUGIN_EOF: ss_plugin_rc = 2;
/// The plugin cannot do it.
pub const SS_PLUGIN_NOT_SUPPORTED: ss_plugin_rc = 3;
