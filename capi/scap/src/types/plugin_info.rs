//! A plugin as a source of events.

use crate::types::plugin_types::{ss_instance_t, ss_plugin_event, ss_plugin_rc, ss_plugin_t};
use std::ffi::c_char;
use std::ptr::{null, null_mut};

/// A plugin as a source of events.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_source_plugin {
    /// The plugin's id, which all its events carry; a plugin with the id 0 may produce events of any type.
    pub id: u32,
    /// Its name.
    pub name: *const c_char,
    /// The first argument of its functions.
    pub state: *mut ss_plugin_t,
    /// The open source; set by the engine, null while it is closed.
    pub handle: *mut ss_instance_t,
    /// Opens a source. `params` selects it in the plugin's own format and may be null.
    pub open: Option<
        unsafe extern "C" fn(s: *mut ss_plugin_t, params: *const c_char, rc: *mut ss_plugin_rc) -> *mut ss_instance_t,
    >,
    /// Closes a source.
    pub close: Option<unsafe extern "C" fn(s: *mut ss_plugin_t, h: *mut ss_instance_t)>,
    /// Returns `*nevts` events, valid until the next call. The engine sets their tid, and the time and id that the plugin left
    /// open.
    pub next_batch: Option<
        unsafe extern "C" fn(
            s: *mut ss_plugin_t,
            h: *mut ss_instance_t,
            nevts: *mut u32,
            evts: *mut *mut *mut ss_plugin_event,
        ) -> ss_plugin_rc,
    >,
    /// Returns the text of the last error, or null.
    pub get_last_error: Option<unsafe extern "C" fn(s: *mut ss_plugin_t) -> *const c_char>,
}

impl scap_source_plugin {
    /// No plugin.
    pub const fn none() -> scap_source_plugin {
        scap_source_plugin {
            id: 0,
            name: null(),
            state: null_mut(),
            handle: null_mut(),
            open: None,
            close: None,
            next_batch: None,
            get_last_error: None,
        }
    }
}
