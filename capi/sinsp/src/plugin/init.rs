//! The initialisation of a plugin, and the end of its state.

use crate::ffi::{Failure, sinsp_status};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use plugin::instance::Plugin;
use plugin::running;
use std::ffi::CStr;

/// The inspector that a plugin belongs to; `None` if it has none.
///
/// # Errors
/// It was freed.
pub(crate) fn inspector_of(plugin: &Plugin) -> Result<Option<&sinsp_inspector>, Failure> {
    if plugin.is_over() {
        return Err(format!("plugin {}: its inspector is gone", plugin.description.name).into());
    }
    // SAFETY: an inspector sets the context of its plugins to null before it is freed, so one that is not null is live.
    Ok(unsafe { plugin.context().cast::<sinsp_inspector>().as_ref() })
}

/// Calls a function of a plugin, in which it cannot end, nor its inspector close. The entries of tables that it takes and does not give back end with
/// the call.
pub(crate) fn during_call<R>(plugin: &Plugin, function: impl FnOnce() -> R) -> R {
    match inspector_of(plugin) {
        Ok(Some(inspector)) => inspector.tables.during_call(inspector, function),
        // Without an inspector there are no tables; a plugin whose inspector is gone is not initialised, and says so.
        Ok(None) | Err(_) => running::within(plugin.call_context(), function),
    }
}

/// Initialises a plugin: once. If it has no inspector, it has no tables.
///
/// # Errors
/// The plugin refuses (`SINSP_NOT_SUPPORTED`), or fails; the tables that it added until then are removed. Also if it is called in a callback of the inspector, or while another
/// thread uses that.
pub(super) fn init(plugin: &Plugin, config: &CStr) -> Result<(), Failure> {
    let done = match inspector_of(plugin)? {
        None => during_call(plugin, || plugin.init(config))?,
        Some(inspector) => {
            let _call = inspector.begin(Call::Set)?;
            let done = inspector.tables.during_call(inspector, || plugin.init(config));
            inspector.find_wants();
            inspector.find_parsed()?;
            done?
        }
    };
    done.map_err(|why| Failure::new(sinsp_status::SINSP_NOT_SUPPORTED, why))
}

/// Ends the state of a plugin, and removes its tables.
///
/// # Errors
/// Its source of events is open. Also if it is called in a callback of the inspector, or while another thread uses that.
pub(super) fn destroy(plugin: &Plugin) -> Result<(), Failure> {
    let Some(inspector) = inspector_of(plugin)? else {
        if running::runs(plugin.call_context()) {
            return Err(format!("plugin {}: destroy: one of its functions runs", plugin.description.name).into());
        }
        return Ok(during_call(plugin, || plugin.destroy())?);
    };
    let _call = inspector.begin(Call::Set)?;
    let done = inspector.tables.during_call(inspector, || plugin.destroy());
    inspector.find_wants();
    inspector.find_parsed()?;
    Ok(done?)
}
