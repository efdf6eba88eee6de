//! The short way of an event that is about no thread and no fd, from an engine that has it at hand: the events of a plugin, of which there may be
//! millions in a second. It changes nothing of the state but the time, so none of the steps in `step.rs` has anything to do for it.

use super::run::At;
use super::{Inspector, Mode};
use crate::EventContext;
use driver::{EVENTS, EventInfo, EventType};
use scap_sys::engine::Status;
use scap_sys::{Event, Meta};

static PLUGIN_EVENT: &EventInfo = &EVENTS[EventType::PLUGINEVENT_E.0 as usize];

impl Inspector {
    /// Goes to the next event, and returns it, if the engine has it at hand and it is one of a plugin that no step stops at. Called in the place of
    /// the first [`Inspector::step`], which does the same for any event; `None` if that has to be called.
    #[inline(always)]
    pub fn next_apart(&mut self) -> Option<EventContext<'_>> {
        let first = !self.run.rests;
        if !self.calls_out || !self.takes_short_way() || (first && !self.is_at_rest()) {
            return None;
        }
        let bytes = self.engine.as_deref_mut()?.next_at_hand()?;
        let event = Event::with_meta(bytes, Meta::of(PLUGIN_EVENT));
        let ts = event.ts();
        let purges = || self.purge.enabled && self.purge_clock.comes_due(ts, self.purge.interval);
        if event.ty() != EventType::PLUGINEVENT_E || (self.mode == Mode::Live && purges()) {
            // For the steps.
            self.pending = Some(Ok(Status::Event));
            self.run.rests = false;
            return None;
        }
        if first {
            (self.info, self.meta) = (Some(PLUGIN_EVENT), event.meta());
            (self.run.own, self.run.keep_back) = (false, false);
            self.current.begin_apart();
            self.run.rests = true;
        }
        self.place = bytes.as_ptr().addr();
        self.state.now = ts;
        if self.view.first_ts == 0 {
            self.view.first_ts = ts;
        }
        self.num += 1;
        Some(EventContext {
            event,
            info: PLUGIN_EVENT,
            num: self.num,
            state: &self.state,
            thread: self.state.threads.get(event.tid()),
            fd: None,
            fd_at: None,
            notes: &self.current.notes,
            view: &self.view,
        })
    }

    /// Whether no step is wanted for an event of a plugin, no event from outside waits, and nothing is suppressed: what may change between two events.
    #[inline(always)]
    fn takes_short_way(&self) -> bool {
        let wants = self.run.wants;
        let stops = wants.observer | wants.filter | wants.processor;
        !stops
            && (!wants.parser || !self.parsed.contains(EventType::PLUGINEVENT_E.0))
            && self.injector.is_empty()
            && !self.state.suppressed.is_active()
    }

    /// Whether no step has anything left to do from the last event.
    #[cold]
    fn is_at_rest(&self) -> bool {
        self.run.at == At::Idle
            && self.run.initial.is_none()
            && self.pending.is_none()
            && self.injected.is_none()
            && self.current.is_at_rest()
    }
}
