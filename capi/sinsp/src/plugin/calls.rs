//! The functions of a plugin that a program calls itself, in the place of its inspector or beside it.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, sinsp_error, sinsp_status, sinsp_str};
use crate::plugin::capture::check_async_event;
use crate::plugin::init::{self, during_call, inspector_of};
use crate::plugin::pool::{Context, sinsp_end};
use crate::plugin::{on_plugin, sinsp_plugin_ref};
use driver::EventType;
use plugin::api::{ss_plugin_event_input, ss_plugin_extract_field, ss_plugin_extract_value_offsets};
use plugin::instance::Plugin;
use plugin::listen::Turn;
use plugin::types::Taker;
use plugin::version::Version;
use sinsp_core::inspector::NO_TIME;
use sinsp_core::{Event, EventBuf};
use std::ffi::c_void;
use std::ptr::null;
use std::sync::Arc;

/// Takes an event of a plugin. Returns false if it does not, with the reason in `*why`, which has to stay until the next call on this thread.
pub type sinsp_event_taker =
    Option<unsafe extern "C" fn(context: *mut c_void, event: *const u8, len: usize, why: *mut sinsp_str) -> bool>;

/// A routine of a plugin, an `ss_plugin_routine_fn_t`: gets the plugin's state and an argument of its own; returns 0 to end.
pub type sinsp_plugin_routine = Option<unsafe extern "C" fn(plugin: *mut c_void, state: *mut c_void) -> u32>;

/// The plugin refused: a status that is no error of the call.
fn refused(why: String) -> Failure {
    Failure::new(sinsp_status::SINSP_NOT_SUPPORTED, why)
}

/// Calls `call` with an event as plugins get it, with the name of its source.
///
/// # Safety
/// `event` must point to bytes that are readable during the call.
unsafe fn with_input<R>(
    plugin: &Plugin,
    event: &sinsp_event,
    call: impl FnOnce(&ss_plugin_event_input) -> Result<R, String>,
) -> Result<R, Failure> {
    // SAFETY: this `# Safety` is that of `wire`.
    let bytes = unsafe { event.wire()? };
    let checked = Event::new(bytes, event.cpu, event.dump_flags)?;
    let source_id = match checked.ty() {
        EventType::PLUGINEVENT_E | EventType::ASYNCEVENT_E => {
            checked.param(0).and_then(|id| id.try_into().ok()).map_or(0, u32::from_ne_bytes)
        }
        _ => 0,
    };
    let evtsrc = match inspector_of(plugin)? {
        Some(inspector) => inspector.plugins.borrow().source_name_c(source_id),
        None if source_id == 0 => c"syscall".as_ptr(),
        None => null(),
    };
    let input = ss_plugin_event_input { evt: bytes.as_ptr().cast(), evtnum: event.num, evtsrc };
    Ok(during_call(plugin, || call(&input))?)
}

/// Ends the state of a plugin; it can be initialised anew. An error if a capture has its source open, or in a callback of its inspector.
///
/// # Safety
/// `plugin` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_destroy(
    plugin: *mut sinsp_plugin_ref,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` is that of `on_plugin`.
    unsafe { on_plugin(plugin, error, init::destroy) }
}

/// Has a plugin parse an event. `SINSP_NOT_SUPPORTED` if it fails, or does not parse; another error if it is not initialised.
///
/// # Safety
/// `plugin` must be null or live; `event` null or readable with its bytes; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_parse_event(
    plugin: *const sinsp_plugin_ref,
    event: *const sinsp_event,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        // SAFETY: by `# Safety`, `event` is null or readable with its bytes.
        let parsed = unsafe { with_input(plugin, borrow(event, "event")?, |input| plugin.parse(input))? };
        if parsed { Ok(()) } else { Err(refused(plugin.why())) }
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Has a plugin extract the values of fields: `fields` are `count` of `ss_plugin_extract_field`, whose values stay until the plugin is called the
/// next time. If `offsets`, an `ss_plugin_extract_value_offsets`, is not null, the plugin may write there where they stand in the event.
/// `SINSP_NOT_SUPPORTED` if it fails or has no fields; another error if it is not initialised.
///
/// # Safety
/// `plugin` must be null or live; `event` null or readable with its bytes; `fields` null or `count` readable and writable structs, `offsets` null
/// or writable; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_extract_fields(
    plugin: *const sinsp_plugin_ref,
    event: *const sinsp_event,
    fields: *mut c_void,
    count: u32,
    offsets: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        if fields.is_null() && count != 0 {
            return Err(Failure::illegal("null fields"));
        }
        let fields = match count {
            0 => &mut [],
            // SAFETY: not null, and by `# Safety` `count` structs.
            count => unsafe {
                std::slice::from_raw_parts_mut(fields.cast::<ss_plugin_extract_field>(), count as usize)
            },
        };
        // SAFETY: by `# Safety`, `offsets` is null or writable, `event` is null or readable with its bytes.
        let (event, offsets) =
            unsafe { (borrow(event, "event")?, offsets.cast::<ss_plugin_extract_value_offsets>().as_mut()) };
        // SAFETY: as above.
        let extracted = unsafe { with_input(plugin, event, |input| plugin.extract(input, fields, offsets))? };
        if extracted { Ok(()) } else { Err(refused(plugin.why())) }
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// What hands the checked events of a plugin to a program. Those without a time get the time `now`, if that is given.
///
/// # Safety
/// `take` must be callable with the context.
unsafe fn taker(
    plugin: &Plugin,
    take: unsafe extern "C" fn(*mut c_void, *const u8, usize, *mut sinsp_str) -> bool,
    context: Context,
    now: Option<u64>,
) -> Taker {
    let (name, names) = (plugin.description.name.clone(), plugin.description.async_events.clone());
    Arc::new(move |bytes: &[u8]| {
        let event = check_async_event(bytes, &name, &names)?;
        let mut timed = None;
        if let Some(now) = now.filter(|_| event.ts() == NO_TIME) {
            let mut own = EventBuf::new(event.bytes()).map_err(|e| e.to_string())?;
            own.set_ts(now);
            timed = Some(own);
        }
        let bytes = timed.as_ref().map_or(event.bytes(), |own| own.event().bytes());
        let mut why = sinsp_str::EMPTY;
        // SAFETY: by `# Safety`, `take` is callable with the context.
        if unsafe { take(context.pointer(), bytes.as_ptr(), bytes.len(), &mut why) } {
            return Ok(());
        }
        // SAFETY: the taker sets it to a text that stays until its next call.
        Err(String::from_utf8_lossy(unsafe { why.bytes() }).into_owned())
    })
}

/// Has a plugin send its async events to `take`, from any thread, until this is called with null. `end`, which may be null, ends the context after
/// the last use. `SINSP_NOT_SUPPORTED` if the plugin refuses; another error if it is not initialised, has no async events, or sends them already, as
/// it does to its inspector while a capture is open. On a failure `end` is called too.
///
/// # Safety
/// `plugin` must be null or live; any thread must be able to call `take` and `end` with `context`, without throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_set_async_handler(
    plugin: *mut sinsp_plugin_ref,
    take: sinsp_event_taker,
    end: sinsp_end,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let context = Context::new(context, end);
    let act = move |plugin: &Plugin| {
        // SAFETY: by `# Safety`, `take` is callable with the context.
        let take = take.map(|take| unsafe { taker(plugin, take, context, None) });
        if take.is_some() && plugin.sends_async_events() {
            let name = &plugin.description.name;
            return Err(Failure::illegal(format!(
                "plugin {name}: must reset the async event handler before setting a new one"
            )));
        }
        if !plugin.has_async_events()? {
            return Err(Failure::illegal(format!("plugin {} has no async events", plugin.description.name)));
        }
        during_call(plugin, || plugin.send_async_events(take)).map_err(refused)
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Has a plugin hand the async events that rebuild its state to `take`, before this returns; those without a time have that of the inspector's last
/// event. `SINSP_NOT_SUPPORTED` if it has no function for it;
/// another error if it is not initialised, has no async events, or fails.
///
/// # Safety
/// `plugin` must be null or live; any thread must be able to call `take` with `context`, without throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_dump_state(
    plugin: *mut sinsp_plugin_ref,
    take: sinsp_event_taker,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |plugin: &Plugin| {
        let take = take.ok_or_else(|| Failure::illegal("null callback"))?;
        let now = match inspector_of(plugin)? {
            Some(inspector) => Some(inspector.core()?.present()),
            None => None,
        };
        // SAFETY: by `# Safety`, `take` is callable with the context.
        let take = unsafe { taker(plugin, take, Context::new(context, None), now) };
        match during_call(plugin, || plugin.dump_state(take))? {
            true => Ok(()),
            false => Err(refused(format!("plugin {} has no function dump_state", plugin.description.name))),
        }
    };
    // SAFETY: this `# Safety` includes that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Calls a plugin's `capture_open` (`opened` true) or `capture_close` (`opened` false). `SINSP_NOT_SUPPORTED` if it has no such function, or fails;
/// another error if it is not initialised.
///
/// # Safety
/// `plugin` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_capture(
    plugin: *mut sinsp_plugin_ref,
    opened: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let turn = if opened { Turn::Opened } else { Turn::Closes };
    let act = |plugin: &Plugin| during_call(plugin, || plugin.listen(turn))?.map_err(refused);
    // SAFETY: this `# Safety` is that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Whether a plugin works with events of this version of the event table, if it uses events that no plugin makes; a plugin that does not say was
/// written for 3.0.0. `SINSP_NOT_SUPPORTED` with the reason if not.
///
/// # Safety
/// `plugin` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_check_schema_version(
    plugin: *const sinsp_plugin_ref,
    major: u32,
    minor: u32,
    patch: u32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let present = Version { major, minor, patch };
    let act = |plugin: &Plugin| during_call(plugin, || plugin.check_schema_version(present)).map_err(refused);
    // SAFETY: this `# Safety` is that of `on_plugin`.
    unsafe { on_plugin(plugin, error, act) }
}

/// Has the plugin's pool of threads call a routine of the plugin with the plugin's state and `state`, until it returns
/// 0 or is unsubscribed. Returns its id; 0 if the plugin is not initialised, or there is no thread for it.
///
/// # Safety
/// `plugin` must be null or live; any thread must be able to call `routine` so, without throwing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_subscribe_routine(
    plugin: *mut sinsp_plugin_ref,
    routine: sinsp_plugin_routine,
    state: *mut c_void,
) -> usize {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    let (Some(plugin), Some(routine)) = (unsafe { plugin.as_ref() }, routine) else { return 0 };
    // SAFETY: by `# Safety`, any thread may call the routine.
    crate::ffi::guard_plain(None, || unsafe { plugin.core.start_routine(routine, state) }).unwrap_or(0)
}

/// Ends a routine of the plugin: it is not called any more, but a call in progress goes on. Whether there was one.
///
/// # Safety
/// `plugin` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_unsubscribe_routine(plugin: *mut sinsp_plugin_ref, id: usize) -> bool {
    // SAFETY: by `# Safety`, `plugin` is null or live.
    crate::ffi::guard_plain(false, || unsafe { plugin.as_ref() }.is_some_and(|plugin| plugin.core.end_routine(id)))
}
