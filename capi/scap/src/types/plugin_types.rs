//! The types of the plugin API that this library uses. C gets them from `plugin/plugin_types.h`.

use crate::types::ppm::ppm_evt_hdr;
use std::ffi::c_void;

/// A plugin's state.
pub type ss_plugin_t = c_void;
/// An open source of a plugin.
pub type ss_instance_t = c_void;
/// The return code of a plugin's function. C may pass any number.
pub type ss_plugin_rc = i32;
/// An event.
pub type ss_plugin_event = ppm_evt_hdr;

/// Success.
pub const SS_PLUGIN_SUCCESS: ss_plugin_rc = 0;
/// It failed; the plugin's last error has the cause.
pub const SS_PLUGIN_FAILURE: ss_plugin_rc = 1;
/// No event now; try again later.
pub const SS_PLUGIN_TIMEOUT: ss_plugin_rc = -1;
/// No more events.
pub const SS_PLUGIN_EOF: ss_plugin_rc = 2;
/// The plugin does not support it.
pub const SS_PLUGIN_NOT_SUPPORTED: ss_plugin_rc = 3;
