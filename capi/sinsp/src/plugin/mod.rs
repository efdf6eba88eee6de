//! Plugins of an inspector: loaded, initialised, described, and their fields in filters and formats.

pub mod calls;
pub(crate) mod capture;
pub(crate) mod fields;
mod host;
mod init;
pub(crate) mod listeners;
mod parse;
pub mod pool;
pub mod register;
pub mod source;

use crate::ffi::{Failure, borrow, guard, guard_plain, guard_status, release, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use fields::PluginFields;
use plugin::description::Field;
use plugin::instance::Plugin;
use std::ffi::{CString, c_void};
use std::sync::Arc;

/// A reference to a plugin of an inspector. Owned; any thread may end it with `sinsp_plugin_free`. The plugin's own state ends with the
/// inspector; the functions that need it fail from then on.
pub struct sinsp_plugin_ref {
    pub(crate) core: Arc<Plugin>,
}

/// The description of a plugin. The texts are valid as long as the plugin.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_plugin_info {
    /// The size of this struct, in bytes; set by the caller.
    pub size: usize,
    /// Its name.
    pub name: sinsp_str,
    /// Its description.
    pub description: sinsp_str,
    /// Its authors.
    pub contact: sinsp_str,
    /// The name of its source of events; empty if its events are of the source `syscall`, or it makes none.
    pub event_source: sinsp_str,
    /// Its registered number; 0 without an event source.
    pub id: u32,
    /// What it can do: bits `CAP_*` of `plugin/plugin_loader.h`.
    pub capabilities: u32,
    /// Its own version: major, minor, patch.
    pub version: [u32; 3],
    /// The version of the plugin API that it requires.
    pub required_api_version: [u32; 3],
    /// How many fields it has.
    pub field_count: usize,
}

/// A field of a plugin. The texts are valid as long as the plugin.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_plugin_field {
    /// The size of this struct, in bytes; set by the caller.
    pub size: usize,
    /// Its name.
    pub name: sinsp_str,
    /// A short name for people; may be empty.
    pub display: sinsp_str,
    /// Its description.
    pub description: sinsp_str,
    /// The type of its values: `PT_*`.
    pub kind: u32,
    /// Whether it has a list of values.
    pub list: bool,
    /// Whether it must have an argument.
    pub argument_required: bool,
    /// Whether its argument may be a number.
    pub argument_index: bool,
    /// Whether its argument may be a text.
    pub argument_key: bool,
    /// Whether it belongs into a program's default output.
    pub add_output: bool,
    /// Whether it is kept out of lists of fields.
    pub hidden: bool,
    /// Whether it is a summary of the event.
    pub info: bool,
    /// Whether it names an end of a conversation.
    pub conversation: bool,
}

/// Which names `sinsp_plugin_each_name` lists.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_plugin_names {
    /// The sources of the events that have its fields; none for every source.
    SINSP_PLUGIN_EXTRACT_SOURCES = 0,
    /// The sources of the events that it parses; none for every source.
    SINSP_PLUGIN_PARSE_SOURCES = 1,
    /// The sources that its async events are for; none for every source.
    SINSP_PLUGIN_ASYNC_SOURCES = 2,
    /// The names of its async events.
    SINSP_PLUGIN_ASYNC_EVENTS = 3,
}

/// Called with a name, which is borrowed for the call.
pub type sinsp_name_visitor = Option<unsafe extern "C" fn(context: *mut c_void, name: sinsp_str)>;

/// Called with an `ss_plugin_metric`, which is borrowed for the call.
pub type sinsp_plugin_metric_visitor = Option<unsafe extern "C" fn(context: *mut c_void, metric: *const c_void)>;

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::new(sinsp_status::SINSP_FAILURE, message)
    }
}

/// Another reference to a plugin; null for null.
///
/// # Safety
/// `plugin` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_retain(plugin: *const sinsp_plugin_ref) -> *mut sinsp_plugin_ref {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    let Some(plugin) = (unsafe { plugin.as_ref() }) else { return std::ptr::null_mut() };
    guard_plain(std::ptr::null_mut(), || Box::into_raw(Box::new(sinsp_plugin_ref { core: plugin.core.clone() })))
}

/// Ends a reference to a plugin; null is ignored.
///
/// # Safety
/// `plugin` must be null or a reference that was not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_free(plugin: *mut sinsp_plugin_ref) {
    // SAFETY: by `# Safety`, `plugin` is null or owned, and this call is the one that frees it.
    unsafe { release(plugin) }
}

/// The plugins of an inspector, in the order in which they were added: the one with this number, from 0, as a reference of its own, or null
/// if there are not so many.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_plugin(
    inspector: *const sinsp_inspector,
    number: usize,
) -> *mut sinsp_plugin_ref {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return std::ptr::null_mut() };
    guard_plain(std::ptr::null_mut(), || {
        let plugins = inspector.plugins.borrow();
        let found = plugins.all().get(number);
        found.map_or(std::ptr::null_mut(), |p| Box::into_raw(Box::new(sinsp_plugin_ref { core: p.clone() })))
    })
}

/// Calls `visit` with the name of each event source of an inspector: first `syscall`, then those of its plugins.
///
/// # Safety
/// `inspector` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_each_event_source(
    inspector: *const sinsp_inspector,
    visit: sinsp_name_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        let sources: Vec<String> = inspector.plugins.borrow().sources().into_iter().map(str::to_owned).collect();
        for source in sources {
            // SAFETY: by `# Safety`, `visit` is callable with `context`; the name is valid during the call.
            unsafe { visit(context, sinsp_str::of(source.as_bytes())) };
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// # Safety
/// `plugin` must be null or live, `error` null or writable.
pub(crate) unsafe fn on_plugin(
    plugin: *const sinsp_plugin_ref,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&Plugin) -> Result<(), Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `plugin` is null or live. A reference of its own keeps the plugin during the call.
        let plugin = unsafe { borrow(plugin, "plugin")? }.core.clone();
        act(&plugin)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Initialises a plugin with its configuration. `SINSP_NOT_SUPPORTED` if the plugin refuses, or was initialised before; another error if its schema
/// does not allow the configuration, it returns types of events that there are not, or in a callback of its inspector.
///
/// # Safety
/// `plugin` must be null or live, `config` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_init(
    plugin: *mut sinsp_plugin_ref,
    config: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `on_plugin`; `config` is readable.
    unsafe { on_plugin(plugin, error, |plugin| init::init(plugin, &c_text(config.bytes(), "configuration")?)) }
}

/// Sets a new configuration of an initialised plugin. `SINSP_NOT_SUPPORTED` if the plugin has no function for it, or refuses this one.
///
/// # Safety
/// `plugin` must be null or live, `config` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_set_config(
    plugin: *mut sinsp_plugin_ref,
    config: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        // SAFETY: by `# Safety`, `config` is readable.
        let config = c_text(unsafe { config.bytes() }, "configuration")?;
        init::during_call(plugin, || plugin.set_config(&config))?
            .map_err(|why| Failure::new(sinsp_status::SINSP_NOT_SUPPORTED, why))
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

pub(crate) fn c_text(text: &[u8], what: &str) -> Result<CString, Failure> {
    CString::new(text).map_err(|_| Failure::illegal(format!("the {what} has a NUL in it")))
}

/// Describes a plugin in `*info`, of which the first `info->size` bytes are written.
///
/// # Safety
/// `plugin` must be null or live, `info` null or writable as far as its size says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_describe(
    plugin: *const sinsp_plugin_ref,
    info: *mut sinsp_plugin_info,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        let d = &plugin.description;
        let text = |text: &str| sinsp_str::of(text.as_bytes());
        let numbers = |v: plugin::version::Version| [v.major, v.minor, v.patch];
        let found = sinsp_plugin_info {
            size: size_of::<sinsp_plugin_info>(),
            name: text(&d.name),
            description: sinsp_str::of(&d.description),
            contact: sinsp_str::of(&d.contact),
            event_source: text(&d.event_source),
            id: d.id,
            capabilities: d.capabilities,
            version: numbers(d.version),
            required_api_version: numbers(d.required_api),
            field_count: d.fields.len(),
        };
        // SAFETY: this `# Safety` includes that of `write_sized`.
        unsafe { write_sized(info, found) }
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Describes the field of a plugin with this number, from 0, in `*field`, of which the first `field->size` bytes are written.
///
/// # Safety
/// `plugin` must be null or live, `field` null or writable as far as its size says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_describe_field(
    plugin: *const sinsp_plugin_ref,
    number: usize,
    field: *mut sinsp_plugin_field,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        let found: Option<&Field> = plugin.description.fields.get(number);
        let f =
            found.ok_or_else(|| Failure::new(sinsp_status::SINSP_NOT_FOUND, format!("there is no field {number}")))?;
        let text = |text: &str| sinsp_str::of(text.as_bytes());
        let found = sinsp_plugin_field {
            size: size_of::<sinsp_plugin_field>(),
            name: text(&f.name),
            display: text(&f.display),
            description: text(&f.description),
            kind: fields::param_type(f.ty) as u32,
            list: f.list,
            argument_required: f.argument.required,
            argument_index: f.argument.index,
            argument_key: f.argument.key,
            add_output: f.add_output,
            hidden: f.hidden,
            info: f.info,
            conversation: f.conversation,
        };
        // SAFETY: this `# Safety` includes that of `write_sized`.
        unsafe { write_sized(field, found) }
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Finds the field of a plugin whose name is at the beginning of `text`. Returns how many bytes it takes with its argument in brackets, and its
/// number in `*number`; 0 if there is none; -1 with an error if it takes no such argument, or needs one.
///
/// # Safety
/// `plugin` must be null or live, `text` readable, `number` null or writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_find_field(
    plugin: *const sinsp_plugin_ref,
    text: sinsp_str,
    number: *mut usize,
    error: *mut *mut sinsp_error,
) -> i64 {
    let body = move || {
        // SAFETY: by `# Safety`, `plugin` is null or live, `text` is readable, `number` is null or writable.
        let (plugin, text, number) = unsafe { (borrow(plugin, "plugin")?, text.bytes(), number.as_mut()) };
        // No field has a name that is not UTF-8.
        let text = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(e) => std::str::from_utf8(&text[..e.valid_up_to()]).unwrap_or_default(),
        };
        let found = PluginFields(plugin.core.clone()).prefix(text)?;
        if let (Some((found, _)), Some(number)) = (found, number) {
            *number = found;
        }
        Ok(found.map_or(0, |(_, len)| len as i64))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Writes a struct, but no more bytes than the caller's first member says.
///
/// # Safety
/// `to` must be null or writable for as many bytes as its first member, a `usize`, says; `T` must be `repr(C)` and begin with it.
unsafe fn write_sized<T>(to: *mut T, from: T) -> Result<(), Failure> {
    if to.is_null() {
        return Err(Failure::illegal("null struct"));
    }
    // SAFETY: not null, and by `# Safety` it begins with a `usize`.
    let room = unsafe { to.cast::<usize>().read_unaligned() };
    let first = size_of::<usize>();
    if room < first {
        return Err(Failure::illegal("a struct that does not say its size"));
    }
    let len = room.min(size_of::<T>()) - first;
    // SAFETY: by `# Safety`, `to` is writable for `room` bytes; the first member stays as it is.
    unsafe { to.cast::<u8>().add(first).copy_from_nonoverlapping((&raw const from).cast::<u8>().add(first), len) };
    Ok(())
}

/// Calls `visit` with each name of a list of the plugin.
///
/// # Safety
/// `plugin` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_each_name(
    plugin: *const sinsp_plugin_ref,
    which: u32,
    visit: sinsp_name_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    use sinsp_plugin_names::*;
    let act = |plugin: &Plugin| {
        let d = &plugin.description;
        let lists = [
            (SINSP_PLUGIN_EXTRACT_SOURCES, &d.extract_sources),
            (SINSP_PLUGIN_PARSE_SOURCES, &d.parse_sources),
            (SINSP_PLUGIN_ASYNC_SOURCES, &d.async_sources),
            (SINSP_PLUGIN_ASYNC_EVENTS, &d.async_events),
        ];
        let list = lists.iter().find(|(known, _)| *known as u32 == which);
        let (_, list) = list.ok_or_else(|| Failure::illegal(format!("there is no list {which} of names")))?;
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        for name in list.iter() {
            // SAFETY: by `# Safety`, `visit` is callable with `context`; the name is valid during the call.
            unsafe { visit(context, sinsp_str::of(name.as_bytes())) };
        }
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Whether the plugin is initialised and extracts fields (`parse` false) or parses (`parse` true) events of the type `code` (`PPME_*`).
///
/// # Safety
/// `plugin` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_has_event_type(plugin: *const sinsp_plugin_ref, parse: bool, code: u16) -> bool {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    let Some(plugin) = (unsafe { plugin.as_ref() }) else { return false };
    guard_plain(false, || if parse { plugin.core.parse_types() } else { plugin.core.extract_types() }.contains(code))
}

/// Whether the plugin is initialised, and its inspector still there.
///
/// # Safety
/// `plugin` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_is_initialised(plugin: *const sinsp_plugin_ref) -> bool {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    unsafe { plugin.as_ref() }.is_some_and(|plugin| plugin.core.is_initialised())
}

/// The schema of the configuration, valid until the next call; its kind (`ss_plugin_schema_type`) goes to `kind`.
///
/// # Safety
/// `plugin` must be null or live, `kind` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_init_schema(plugin: *const sinsp_plugin_ref, kind: *mut u32) -> sinsp_str {
    // SAFETY: by `# Safety`, `plugin` is null or live, `kind` is null or writable.
    let (Some(plugin), kind) = (unsafe { (plugin.as_ref(), kind.as_mut()) }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || {
        let (found, schema) = plugin.core.init_schema();
        if let Some(kind) = kind {
            *kind = found;
        }
        sinsp_str::of(schema)
    })
}

/// The text of the plugin's last failure, empty if it has none; valid until the next text on this operating-system thread.
///
/// # Safety
/// `plugin` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_last_error(plugin: *const sinsp_plugin_ref) -> sinsp_str {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    let Some(plugin) = (unsafe { plugin.as_ref() }) else { return sinsp_str::EMPTY };
    crate::ffi::build_text(|out| out.extend_from_slice(&plugin.core.last_error()))
}

/// Calls `visit` with each metric of an initialised plugin.
///
/// # Safety
/// `plugin` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_each_metric(
    plugin: *const sinsp_plugin_ref,
    visit: sinsp_plugin_metric_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        for metric in init::during_call(plugin, || plugin.metrics())? {
            // SAFETY: by `# Safety`, `visit` is callable with `context`; the metric is valid during the call.
            unsafe { visit(context, (&raw const metric).cast()) }
        }
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}
