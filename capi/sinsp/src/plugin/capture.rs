//! What plugins do at the start and the end of a capture: they start and stop sending async events, and listen.

use crate::ffi::Failure;
use crate::inspector::handle::sinsp_inspector;
use driver::EventType;
use parking_lot::Mutex;
use plugin::description::{Description, is_for_source};
use plugin::listen::Turn;
use plugin::loader::{CAP_ASYNC, CAP_CAPTURE_LISTENING};
use plugin::types::Taker;
use plugin::version::Version;
use sinsp_core::inspector::{Mode, NO_TIME};
use sinsp_core::logger::{Severity, logger};
use sinsp_core::{Event, EventBuf};
use std::sync::Arc;

/// Where the number of the plugin stands in an async event: after the header and three lengths.
const PLUGIN_ID_AT: usize = sinsp_core::HEADER_LEN + 3 * 4;
/// The most bytes that the events of one `dump_state` have together.
const MAX_DUMP: usize = 256 << 20;

impl sinsp_inspector {
    /// Notes the plugin that makes the events of the next capture.
    pub(super) fn note_source(&self, id: u32) {
        self.listeners.source.set(id);
    }

    /// Has the plugins take part in the capture that was opened. If one fails, the capture is closed.
    pub(crate) fn capture_opened(&self) -> Result<(), Failure> {
        let done = self.publish().and_then(|()| self.start_plugins());
        if done.is_err() {
            self.capture_ends();
            self.core_mut()?.close();
            self.about.clear();
        }
        done
    }

    fn start_plugins(&self) -> Result<(), Failure> {
        self.tables.find_containers(self)?;
        let plugins = self.plugins.borrow().all().to_vec();
        if let Some([major, minor, patch]) = self.core()?.schema_version() {
            let present = Version { major, minor, patch };
            for plugin in plugins.iter().filter(|p| p.is_initialised()) {
                self.tables.during_call(self, || plugin.check_schema_version(present))?;
            }
        }
        // The events of a capture file contain the async ones.
        let replay = self.core()?.mode() == Mode::Capture;
        for plugin in plugins.iter().filter(|p| !replay && p.description.can(CAP_ASYNC)) {
            let take = self.taker_for(&plugin.description);
            self.listeners.senders.borrow_mut().push(plugin.clone());
            self.tables.during_call(self, || plugin.send_async_events(Some(take)))?;
        }
        for plugin in plugins.iter().filter(|p| p.description.can(CAP_CAPTURE_LISTENING)) {
            self.tables.during_call(self, || plugin.listen(Turn::Opened))??;
            self.listeners.listeners.borrow_mut().push(plugin.clone());
        }
        Ok(())
    }

    /// Ends what the plugins do in the capture that is open. What goes wrong is logged: the capture ends all the same.
    pub(crate) fn capture_ends(&self) {
        let failed = |done: Result<(), String>| {
            if let Err(why) = done {
                logger().log(why.as_bytes(), Severity::ERROR);
            }
        };
        // Skips a plugin whose state ended during the capture: its present state, if any, was not told of the capture.
        for plugin in self.listeners.senders.take().iter().filter(|p| p.sends_async_events()) {
            failed(self.tables.during_call(self, || plugin.send_async_events(None)));
        }
        for plugin in self.listeners.listeners.take().iter().filter(|p| p.listens()) {
            failed(self.tables.during_call(self, || plugin.listen(Turn::Closes)).and_then(|done| done));
        }
        if self.core().is_ok_and(|core| core.mode() != Mode::Closed) {
            self.end_routines();
        }
        self.listeners.source.set(0);
    }

    /// Ends the routines of the plugins and those of the program in the inspector's pool.
    fn end_routines(&self) {
        let plugins = self.plugins.borrow().all().to_vec();
        plugins.iter().for_each(|plugin| plugin.end_routines());
        let pool = self.pool.borrow().clone();
        if let Some(pool) = pool {
            pool.purge();
        }
    }

    /// What takes the async events of a plugin: each gets the number of the open source, and is put between the others by its time.
    fn taker_for(&self, description: &Description) -> Taker {
        let injector = self.injector.clone();
        let id = self.listeners.source.get();
        let source = self.plugins.borrow().source_name(id).unwrap_or_default().to_owned();
        let compatible = is_for_source(&description.async_sources, &source);
        let (name, events) = (description.name.clone(), description.async_events.clone());
        Arc::new(move |bytes: &[u8]| {
            let event = check_async_event(bytes, &name, &events)?;
            if !compatible {
                return Err(format!(
                    "async events of plugin '{name}' are not compatible with open event source '{source}'"
                ));
            }
            if id != 0 && event.tid() != -1 {
                return Err(format!(
                    "async events of plugin '{name}' can have no thread associated with open event source '{source}'"
                ));
            }
            let mut own = event.bytes().to_vec();
            own[PLUGIN_ID_AT..PLUGIN_ID_AT + 4].copy_from_slice(&id.to_ne_bytes());
            let event = EventBuf::new(&own).map_err(|e| e.to_string())?;
            injector.push(event).map_err(|e| format!("async event of plugin '{name}': {e}"))
        })
    }

    /// The events that rebuild the state of the plugins when a capture that starts now is read.
    pub(crate) fn state_of_plugins(&self) -> Result<Vec<EventBuf>, Failure> {
        let plugins = self.plugins.borrow().all().to_vec();
        let now = self.core()?.present();
        let mut dumped = Vec::new();
        for plugin in plugins.iter().filter(|p| p.is_initialised() && p.description.can(CAP_ASYNC)) {
            let events = Arc::new(Mutex::new((0, Vec::new())));
            let (name, names) = (plugin.description.name.clone(), plugin.description.async_events.clone());
            let kept = events.clone();
            let take: Taker = Arc::new(move |bytes: &[u8]| {
                let event = check_async_event(bytes, &name, &names)?;
                let mut kept = kept.lock();
                kept.0 += event.bytes().len();
                if kept.0 > MAX_DUMP {
                    return Err(format!("the state of plugin {name} has more than {MAX_DUMP} bytes"));
                }
                let mut own = EventBuf::new(event.bytes()).map_err(|e| e.to_string())?;
                if event.ts() == NO_TIME {
                    own.set_ts(now);
                }
                kept.1.push(own);
                Ok(())
            });
            self.tables.during_call(self, || plugin.dump_state(take))?;
            dumped.append(&mut events.lock().1);
        }
        Ok(dumped)
    }
}

/// Checks an async event of a plugin that declared these names.
pub(super) fn check_async_event<'a>(bytes: &'a [u8], plugin: &str, names: &[String]) -> Result<Event<'a>, String> {
    let malformed = |why: &dyn std::fmt::Display| format!("malformed async event produced by plugin: {plugin}: {why}");
    let event = Event::new(bytes, 0, 0).map_err(|e| malformed(&e))?;
    if event.end_of_params() != bytes.len() {
        return Err(malformed(&format!(
            "it has {} bytes, but its parameters end at {}",
            bytes.len(),
            event.end_of_params()
        )));
    }
    if event.ty() != EventType::ASYNCEVENT_E || event.param(2).is_none() || event.param(3).is_some() {
        return Err(malformed(&"it is no async event with three parameters"));
    }
    if event.param(0).is_none_or(|id| id.len() != 4) {
        return Err(malformed(&"the number of its plugin does not have four bytes"));
    }
    let name = event.param(1).unwrap_or_default();
    let name = name.split(|b| *b == 0).next().unwrap_or_default();
    match names.iter().any(|known| known.as_bytes() == name) {
        true => Ok(event),
        false => {
            Err(format!("incompatible async event '{}' produced by plugin: {plugin}", String::from_utf8_lossy(name)))
        }
    }
}
