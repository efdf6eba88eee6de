//! The engine that reads the events of a plugin, behind its C vtable.

use super::metrics::counter;
use super::plugin_events::Source;
use super::{NO_FILE, Opener};
use crate::types::engine::scap_vtable;
use crate::types::metrics_v2::metrics_v2;
use crate::types::plugin_info::scap_source_plugin;
use crate::types::scap_open::scap_open_args;
use scap_sys::{Error, Result};
use std::ffi::{CStr, c_char};
use std::ptr::NonNull;

/// The parameters of the engine.
#[repr(C)]
pub struct scap_source_plugin_engine_params {
    /// The plugin; it outlives the capture.
    pub input_plugin: *mut scap_source_plugin,
    /// The parameters that the plugin opens its source with; may be null.
    pub input_plugin_params: *mut c_char,
}

pub(crate) struct SourcePlugin;

pub(crate) const VTABLE: scap_vtable = super::vtable::<SourcePlugin>(NO_FILE);

#[cfg(test)]
mod tests;

impl Opener for SourcePlugin {
    type Engine = Source;
    const NAME: &'static CStr = c"source_plugin";

    unsafe fn open(args: &scap_open_args) -> Result<Source> {
        // SAFETY: null or the parameters of this engine (# Safety of `Opener::open`).
        let params = unsafe { args.engine_params.cast::<scap_source_plugin_engine_params>().as_ref() };
        let Some((params, plugin)) = params.and_then(|p| Some((p, NonNull::new(p.input_plugin)?))) else {
            return Err(Error::Invalid("opening a plugin's events: no plugin given".into()));
        };
        // SAFETY: a plugin that is not null outlives the capture (`scap_source_plugin_engine_params`).
        unsafe { Source::open(plugin, params.input_plugin_params) }
    }

    fn metrics(source: &mut Source, _flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        // Its `flags` are 0, so that it is returned for every choice of kinds.
        metrics.push(metrics_v2 { flags: 0, ..counter("n_evts", source.count()) });
        Ok(())
    }
}
