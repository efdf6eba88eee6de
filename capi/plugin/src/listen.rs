//! Async events and capture listening: the calls of a plugin at the start and the end of a capture, and what its threads call meanwhile.

use crate::api::{
    AsyncHandler, Routine, plugin_api, rc, ss_plugin_capture_listen_input, ss_plugin_event, ss_plugin_routine_vtable,
};
use crate::instance::Plugin;
use crate::loader::CAP_ASYNC;
use crate::owners::{self, Owner};
use crate::revocable::Revocable;
use crate::routines::Function;
use crate::types::Taker;
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;

/// The most bytes of an async event: a capture file has no longer ones.
const MAX_EVENT: u32 = 64 << 20;
/// `PLUGIN_MAX_ERRLEN`.
const MAX_ERROR: usize = 1024;
const HEADER: usize = size_of::<ss_plugin_event>();

static ROUTINES: ss_plugin_routine_vtable =
    ss_plugin_routine_vtable { subscribe: Some(subscribe), unsubscribe: Some(unsubscribe) };

/// The functions `capture_open` and `capture_close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A capture was opened.
    Opened,
    /// It closes.
    Closes,
}

impl Plugin {
    /// Has the plugin send async events to `take`, from any thread, until this is called with `None`, which returns once no other thread uses `take`.
    ///
    /// # Errors
    /// It is not initialised, has no async events, sends them already, or refuses. If it refuses to stop, its events are refused from now on all the same.
    pub fn send_async_events(&self, take: Option<Taker>) -> Result<(), String> {
        let (state, name) = (self.state()?, &self.description.name);
        let set = self.handle.api.set_async_event_handler.filter(|_| self.description.can(CAP_ASYNC));
        let set = set.ok_or_else(|| format!("plugin {name} has no async events"))?;
        let starts = take.is_some();
        // Threads that the plugin starts now find it.
        if take.is_some_and(|take| !self.shared.taker.set(take)) {
            return Err(format!("plugin {name}: must reset the async event handler before setting a new one"));
        }
        let handler: AsyncHandler = if starts { Some(handle_event) } else { None };
        // SAFETY: the API declares it so.
        let code = unsafe { set(state, self.owner(), handler) };
        if code == rc::SUCCESS && starts {
            return Ok(());
        }
        // An event that a closing capture still takes must not reach the next one.
        self.shared.taker.revoke();
        match code {
            rc::SUCCESS => Ok(()),
            _ => {
                let what = if starts { "set" } else { "reset" };
                Err(format!("can't {what} async event handler for plugin '{name}' : {}", self.why()))
            }
        }
    }

    /// Whether it has async events.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn has_async_events(&self) -> Result<bool, String> {
        self.state()?;
        Ok(self.handle.api.set_async_event_handler.is_some() && self.description.can(CAP_ASYNC))
    }

    /// Whether it sends async events now.
    pub fn sends_async_events(&self) -> bool {
        self.shared.taker.is_set()
    }

    /// Has the plugin hand over the events that rebuild its state. `Ok(false)`: it has no such function.
    ///
    /// # Errors
    /// It is not initialised, or fails.
    pub fn dump_state(&self, take: Taker) -> Result<bool, String> {
        let (state, name) = (self.state()?, &self.description.name);
        if !self.description.can(CAP_ASYNC) {
            return Err(format!("plugin {name} without async events cap used as dumper"));
        }
        let Some(dump) = self.handle.api.dump_state else { return Ok(false) };
        if !self.shared.dump_taker.set(take) {
            return Err(format!("plugin {name}: dump_state was called by what takes the events of another dump_state"));
        }
        // SAFETY: the API declares it so.
        let code = unsafe { dump(state, self.owner(), Some(dump_event)) };
        self.shared.dump_taker.revoke();
        match code {
            rc::SUCCESS => Ok(true),
            _ => Err(format!("dump error for plugin '{name}' : {}", self.why())),
        }
    }

    /// Calls `capture_open` or `capture_close`; the inner result says whether the plugin did it, and why not.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn listen(&self, turn: Turn) -> Result<Result<(), String>, String> {
        let state = self.state()?;
        let (function, name) = match turn {
            Turn::Opened => (self.handle.api.capture_open, "capture_open"),
            Turn::Closes => (self.handle.api.capture_close, "capture_close"),
        };
        let plugin = &self.description.name;
        let Some(function) = function else { return Ok(Err(format!("plugin {plugin} has no function {name}"))) };
        let input = ss_plugin_capture_listen_input {
            owner: self.owner(),
            routine: &ROUTINES,
            table_reader_ext: self.host.reader,
            table_writer_ext: self.host.writer,
            get_owner_last_error: self.host_error_fn(),
        };
        // SAFETY: the API declares it so; everything is good for the call.
        let code = unsafe { function(state, &input) };
        self.listens.set(turn == Turn::Opened && code == rc::SUCCESS);
        Ok(match code {
            rc::SUCCESS => Ok(()),
            _ => Err(format!("{name} error for plugin '{plugin}' : {}", self.why())),
        })
    }

    /// Has the pool call a routine of the plugin until it returns 0; returns its id, which is not 0, or `None` if the plugin is not initialised or
    /// there is no thread for it.
    ///
    /// # Safety
    /// Any thread may call the function with the plugin's state and `argument` until the routine or that state ends.
    pub unsafe fn start_routine(&self, function: Function, argument: *mut c_void) -> Option<usize> {
        // SAFETY: this `# Safety`: the plugin's state ends after its routines.
        unsafe { self.shared.routines.start(function, argument) }
    }

    /// Ends a routine of the plugin: it is not called any more, but a call in progress goes on. Whether there was one.
    pub fn end_routine(&self, id: usize) -> bool {
        self.shared.routines.stop(id)
    }

    /// Ends all routines of the plugin.
    pub fn end_routines(&self) {
        self.shared.routines.end_all();
    }

    /// Whether it was told of the capture that is open, and its state has not ended since.
    pub fn listens(&self) -> bool {
        self.listens.get()
    }

    /// Whether it has all of these functions.
    pub fn has(&self, which: impl FnOnce(&plugin_api) -> bool) -> bool {
        which(&self.handle.api)
    }
}

/// Hands an event of a plugin to the taker that `of` finds; writes the error to `err`. Any thread may call it, with any owner pointer.
///
/// # Safety
/// `event` must be null or an event with all that its header counts, `err` null or a buffer of `PLUGIN_MAX_ERRLEN` bytes.
unsafe fn take(
    owner: *mut c_void,
    event: *const ss_plugin_event,
    err: *mut c_char,
    of: impl FnOnce(&Owner) -> &Revocable<Taker>,
) -> i32 {
    let body = || -> Result<(), String> {
        let plugin =
            owners::find(owner).ok_or("async event sent with the owner of no plugin, or of one that was freed")?;
        let name = &plugin.name;
        let taken = of(&plugin).with(|taker| {
            if event.is_null() {
                return Err(format!("null async event produced by plugin: {name}"));
            }
            // SAFETY: by `# Safety`, the header is readable, at any address.
            let len = unsafe { event.read_unaligned() }.len;
            if (len as usize) < HEADER || len > MAX_EVENT {
                return Err(format!("malformed async event produced by plugin: {name}: its length is {len}"));
            }
            // SAFETY: by `# Safety`, as many bytes are readable.
            taker(unsafe { std::slice::from_raw_parts(event.cast::<u8>(), len as usize) })
        });
        taken.unwrap_or_else(|| Err(format!("async event sent with NULL handler: {name}")))
    };
    match capi_common::guard(|why| Err(why.to_owned()), body) {
        Ok(()) => rc::SUCCESS,
        Err(why) => {
            if !err.is_null() {
                let text: Vec<u8> = why.bytes().filter(|b| *b != 0).take(MAX_ERROR - 1).chain([0]).collect();
                // SAFETY: by `# Safety`, the buffer has room for PLUGIN_MAX_ERRLEN bytes.
                unsafe { err.copy_from_nonoverlapping(text.as_ptr().cast(), text.len()) };
            }
            rc::FAILURE
        }
    }
}

unsafe extern "C" fn handle_event(owner: *mut c_void, event: *const ss_plugin_event, err: *mut c_char) -> i32 {
    // SAFETY: the plugin API has the plugin pass an event, and null or such a buffer.
    unsafe { take(owner, event, err, |plugin| &plugin.taker) }
}

unsafe extern "C" fn dump_event(owner: *mut c_void, event: *const ss_plugin_event, err: *mut c_char) -> i32 {
    // SAFETY: the plugin API has the plugin pass an event, and null or such a buffer.
    unsafe { take(owner, event, err, |plugin| &plugin.dump_taker) }
}

unsafe extern "C" fn subscribe(owner: *mut c_void, function: Routine, state: *mut c_void) -> *mut c_void {
    let body = || {
        let (plugin, function) = (owners::find(owner)?, function?);
        // SAFETY: the plugin API lets any thread call a routine until it is unsubscribed or the plugin's state ends.
        unsafe { plugin.routines.start(function, state) }
    };
    capi_common::guard(|_| None, body).map_or(null_mut(), std::ptr::without_provenance_mut)
}

unsafe extern "C" fn unsubscribe(owner: *mut c_void, routine: *mut c_void) -> i32 {
    let body = || owners::find(owner).is_some_and(|plugin| plugin.routines.stop(routine.addr()));
    if capi_common::guard(|_| false, body) { rc::SUCCESS } else { rc::FAILURE }
}
