//! The initialisation of a plugin of an inspector, and its undoing if it fails.

use crate::ffi::Failure;
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use plugin::instance::Plugin;
use std::ffi::CStr;

/// Initialises a plugin: once. If its inspector is gone, it has no tables.
///
/// # Errors
/// The plugin fails; the tables that it added until then are removed. Also if it is called in a callback of the inspector, or while another
/// thread uses that.
pub(super) fn init(plugin: &Plugin, config: &CStr) -> Result<(), Failure> {
    // SAFETY: an inspector sets the context of its plugins to null before it is freed, so one that is not null is live.
    let Some(inspector) = (unsafe { plugin.context().cast::<sinsp_inspector>().as_ref() }) else {
        return Err(format!("plugin {}: its inspector is gone", plugin.description.name).into());
    };
    let _call = inspector.begin(Call::Set)?;
    let done = inspector.tables.during_call(inspector, || plugin.init(config));
    if done.is_err() && !plugin.is_initialised() {
        for table in plugin.take_tables() {
            inspector.tables.remove_foreign(inspector, table)?;
        }
    }
    inspector.find_wants();
    Ok(done?)
}
