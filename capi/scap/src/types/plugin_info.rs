//! What a plugin offers as a source of events.

use crate::types::plugin_types::{ss_instance_t, ss_plugin_event, ss_plugin_rc, ss_plugin_t};
use std::ffi::c_char;

/// What a plugin offers as a source of events.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_source_plugin {
    /// The plugin's id. Its events carry no other; a plugin whose id is 0 may make events of any type.
    pub id: u32,
    /// Its name.
    pub name: *const c_char,
    /// What its functions are given.
    pub state: *mut ss_plugin_t,
    /// The open source, which the engine sets; null while it is closed.
    pub handle: *mut ss_instance_t,
    /// Opens a source; `params` says which, in the plugin's own terms, and may be null.
    pub open: Option<
        unsafe extern "C" fn(s: *mut ss_plugin_t, params: *const c_char, rc: *mut ss_plugin_rc) -> *mut ss_instance_t,
    >,
    /// Closes it.
    pub close: Option<unsafe extern "C" fn(s: *mut ss_plugin_t, h: *mut ss_instance_t)>,
    /// Hands over the next events, `*nevts` of them, which belong to the plugin and live until the next call.
    pub next_batch: Option<
        unsafe extern "C" fn(
            s: *mut ss_plugin_t,
            h: *mut ss_instance_t,
            nevts: *mut u32,
            evts: *mut *mut *mut ss_plugin_event,
        ) -> ss_plugin_rc,
    >,
    /// The text of the last error.
    pub get_last_error: Option<unsafe extern "C" fn(s: *mut ss_plugin_t) -> *const c_char>,
}
