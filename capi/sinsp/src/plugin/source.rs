//! A plugin as the source of an inspector's events.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use crate::plugin::init::{during_call, inspector_of};
use crate::plugin::{c_text, on_plugin, sinsp_plugin_ref};
use driver::EventType;
use plugin::api::ss_plugin_event_input;
use plugin::instance::Plugin;
use plugin::loader::CAP_SOURCING;
use scap::engine::plugin_events::Source;
use sinsp_core::EventContext;
use sinsp_core::context::EventMaker;
use sinsp_core::engine::{self, Engine, Stats, Status};
use sinsp_core::inspector::SourcePlatform;
use std::ffi::{CStr, c_void};
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::Arc;

/// What is known of the running system while a plugin makes the events.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_source_platform {
    /// Nothing.
    SINSP_SOURCE_GENERIC = 0,
    /// The machine.
    SINSP_SOURCE_HOSTINFO = 1,
    /// The machine, its users, threads and files.
    SINSP_SOURCE_FULL = 2,
}

/// A plugin's open source as an engine. It is called while nothing of the inspector is borrowed, so the plugin may use tables.
struct PluginEngine {
    // Dropped first: closes the source.
    source: Source,
    plugin: Arc<Plugin>,
}

impl PluginEngine {
    fn open(plugin: Arc<Plugin>, params: &CStr) -> Result<PluginEngine, Failure> {
        if plugin.is_open() {
            return Err(Failure::illegal(format!("plugin {} is open as a source already", plugin.description.name)));
        }
        // SAFETY: the record and its functions stay as long as the plugin, which is dropped after the source, and whose state does not end while
        // the source is open.
        let source = unsafe { Source::open(plugin.scap_source()?, params.as_ptr())? };
        plugin.set_open(true);
        Ok(PluginEngine { source, plugin })
    }
}

impl Drop for PluginEngine {
    fn drop(&mut self) {
        self.plugin.set_open(false);
    }
}

impl Engine for PluginEngine {
    fn name(&self) -> &'static str {
        self.source.name()
    }

    fn next(&mut self) -> engine::Result<Status> {
        self.source.next()
    }

    #[inline]
    fn next_at_hand(&mut self) -> Option<&[u8]> {
        self.source.next_at_hand()
    }

    fn bytes(&self) -> &[u8] {
        self.source.bytes()
    }

    fn calls_out(&self) -> bool {
        true
    }

    fn stats(&mut self) -> engine::Result<Stats> {
        self.source.stats()
    }
}

fn open(inspector: &sinsp_inspector, name: &str, params: &[u8], platform: u32) -> Result<(), Failure> {
    use sinsp_source_platform::*;
    let platform = match platform {
        p if p == SINSP_SOURCE_GENERIC as u32 => SourcePlatform::Generic,
        p if p == SINSP_SOURCE_HOSTINFO as u32 => SourcePlatform::Machine,
        p if p == SINSP_SOURCE_FULL as u32 => SourcePlatform::Full,
        p => return Err(Failure::illegal(format!("there is no platform {p} of a plugin's events"))),
    };
    let params = c_text(params, "parameters of the plugin")?;
    let plugin = {
        let plugins = inspector.plugins.borrow();
        let found = plugins.all().iter().find(|p| p.description.name == name).cloned();
        found.ok_or_else(|| Failure::new(sinsp_status::SINSP_NOT_FOUND, format!("plugin {name} does not exist")))?
    };
    if !plugin.description.can(CAP_SOURCING) {
        let message = format!("plugin {name} has not event sourcing capabilities and cannot be used as input");
        return Err(Failure::new(sinsp_status::SINSP_NOT_SUPPORTED, message));
    }
    let id = plugin.description.id;
    let _call = inspector.begin(Call::Open)?;
    let engine = inspector.tables.during_call(inspector, || PluginEngine::open(plugin, &params))?;
    inspector.core_mut()?.open_source(Box::new(engine), platform)?;
    if platform != SourcePlatform::Full {
        inspector.note_source(id);
    }
    inspector.opened()
}

/// Opens the plugin with this name, which has to be registered and initialised, as the source of events. The plugin gets `params`; `platform`
/// (`sinsp_source_platform`) says what is read of the running system.
///
/// # Safety
/// `inspector` must be null or live, `name` and `params` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_plugin(
    inspector: *mut sinsp_inspector,
    name: sinsp_str,
    params: sinsp_str,
    platform: u32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, and the texts are readable.
        let (inspector, name, params) = unsafe { (borrow(inspector, "inspector")?, name.bytes(), params.bytes()) };
        open(inspector, &String::from_utf8_lossy(name), params, platform)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The plugin for libscap's engine `source_plugin`: a `scap_source_plugin` that stays as long as the plugin. Null with an error if it is not
/// initialised, or no source of events. While a capture has it open, the plugin's state must not end.
///
/// # Safety
/// `plugin` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_scap_source(
    plugin: *const sinsp_plugin_ref,
    error: *mut *mut sinsp_error,
) -> *mut c_void {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    let body = move || Ok(unsafe { borrow(plugin, "plugin")? }.core.scap_source()?.as_ptr().cast());
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| null_mut(), body) }
}

/// How far the open source of a plugin has read, in hundredths of a percent (0 to 10000), and the plugin's text of it in `*text`, valid until the
/// next text on this operating-system thread. 0 and an empty text if it is not open or does not say.
///
/// # Safety
/// `plugin` must be null or live, `text` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_progress(plugin: *const sinsp_plugin_ref, text: *mut sinsp_str) -> u32 {
    // SAFETY: by `# Safety`, both are null or good.
    let (plugin, text) = unsafe { (plugin.as_ref(), text.as_mut()) };
    let found = crate::ffi::guard_plain(None, || {
        let plugin = plugin?.core.clone();
        during_call(&plugin, || plugin.progress()).ok()?
    });
    let (hundredths, said) = found.unwrap_or_default();
    if let Some(text) = text {
        *text = crate::ffi::build_text(|out| out.extend_from_slice(&said));
    }
    hundredths
}

/// Writes an event of the plugin as a text to `*text`, valid until the next text on this operating-system thread; one that the library makes of the
/// event's data if the plugin has none. An error for an event of another plugin, or if the plugin is not initialised.
///
/// # Safety
/// `plugin` must be null or live; `event` null or readable with what it points to; `text` null or writable; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_event_to_string(
    plugin: *const sinsp_plugin_ref,
    event: *const sinsp_event,
    text: *mut sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, all are null or good.
        let (plugin, event, text) = unsafe { (borrow(plugin, "plugin")?, borrow(event, "event")?, text.as_mut()) };
        let text = text.ok_or_else(|| Failure::illegal("null text"))?;
        let inspector = inspector_of(&plugin.core)?;
        let inspector = inspector.ok_or_else(|| Failure::illegal("the plugin has no inspector"))?;
        // SAFETY: by `# Safety`, the event is readable with what it points to.
        let said = unsafe { event.with(&*inspector.core()?, &inspector.stores, |e| event_text(&plugin.core, e)) }?;
        *text = crate::ffi::build_text(|out| out.extend_from_slice(&said));
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// How many bytes of an event's data are shown.
const SHOWN: usize = 50;

/// An event of a plugin as a text.
pub(crate) fn event_text(plugin: &Plugin, event: &EventContext<'_>) -> Result<Vec<u8>, Failure> {
    if event.event.ty() != EventType::PLUGINEVENT_E || event.source_id() != plugin.description.id {
        return Err(Failure::illegal("can't format unknown non-plugin event to string"));
    }
    let source = c_text(plugin.description.event_source.as_bytes(), "source of the plugin")?;
    let evt = event.event.bytes().as_ptr().cast();
    let input = ss_plugin_event_input { evt, evtnum: event.num, evtsrc: source.as_ptr() };
    let said = during_call(plugin, || plugin.event_to_string(&input))?;
    if !said.is_empty() {
        return Ok(said);
    }
    let data = event.event.param(1).unwrap_or_default();
    let shown = &data[..data.len().min(SHOWN)];
    let printable = shown.iter().take_while(|b| matches!(b, b' '..=b'~')).count();
    Ok(match printable == shown.len() {
        true => {
            let more = if data.len() > SHOWN { "..." } else { "" };
            format!("datalen={} data={}{more}", data.len(), String::from_utf8_lossy(shown)).into_bytes()
        }
        false => format!("datalen={} data=<binary>", data.len()).into_bytes(),
    })
}

/// A plugin for the fields of its events.
struct Maker(Arc<Plugin>);

impl EventMaker for Maker {
    fn name(&self) -> &str {
        &self.0.description.name
    }

    fn source(&self) -> &str {
        &self.0.description.event_source
    }

    fn describe(&self, event: &EventContext<'_>, out: &mut Vec<u8>) -> bool {
        let text = event_text(&self.0, event);
        text.map(|text| out.extend_from_slice(&text)).is_ok()
    }
}

/// Makes the plugin known to the fields of events, if it is a source.
pub(super) fn add_maker(inspector: &sinsp_inspector, plugin: &Arc<Plugin>) -> Result<(), Failure> {
    let id = plugin.description.id;
    if id != 0 {
        inspector.core_mut()?.view_mut().makers.add(id, Rc::new(Maker(plugin.clone())));
    }
    Ok(())
}

/// Something that a plugin can be opened with. The texts are borrowed for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_open_param {
    /// The parameters.
    pub value: sinsp_str,
    /// What they are.
    pub description: sinsp_str,
    /// What separates several values.
    pub separator: sinsp_str,
}

/// A function that gets one thing after the other that a plugin can be opened with.
pub type sinsp_open_param_visitor = Option<unsafe extern "C" fn(context: *mut c_void, param: *const sinsp_open_param)>;

/// Calls `visit` with each thing that the plugin can be opened with. An error if it is not initialised, fails, or lists them wrongly.
///
/// # Safety
/// `plugin` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_each_open_param(
    plugin: *const sinsp_plugin_ref,
    visit: sinsp_open_param_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        for param in during_call(plugin, || plugin.list_open_params())? {
            let param = sinsp_open_param {
                value: sinsp_str::of(&param.value),
                description: sinsp_str::of(&param.description),
                separator: sinsp_str::of(&param.separator),
            };
            // SAFETY: by `# Safety`, `visit` may be called with `context`; the texts are valid for the call.
            unsafe { visit(context, &param) };
        }
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}
