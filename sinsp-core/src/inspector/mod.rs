//! The inspector: an engine, the state that its events build up, and the current event.

mod hooks;
mod injected;
mod open;
mod purge;
mod run;
mod statistics;
mod step;

pub use hooks::Hooks;
pub use injected::{Injector, NO_TIME};
pub use open::is_initial_state;
pub use purge::PurgeOptions;
pub use run::{Outcome, Step, Wants};
pub use statistics::Statistics;

use crate::Result;
use crate::context::{EventContext, Notes, View};
use crate::logger::Messages;
use crate::parsers::{Current, Data};
pub use crate::parsers::{Data as NoticeData, Notice};
use crate::state::{Fd, State, Thread, ThreadId};
use driver::{EventInfo, Sc};
use purge::PurgeClock;
use run::Run;
pub use scap_sys::engine::bpf::BpfOptions;
use scap_sys::engine::{Engine, Status};
pub use scap_sys::engine::{Setting, Stats};
pub use scap_sys::linux::ScanOptions;
use scap_sys::{Event, EventBuf, Meta};

/// What a call of [`Inspector::next`] brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Next {
    /// An event, which [`Inspector::current`] shows.
    Event,
    /// An event that the filter, the inspector or the engine keeps back. [`Inspector::current`] still shows it, unless it was
    /// the engine.
    Filtered,
    /// Nothing within the engine's time-out; try again.
    #[default]
    Timeout,
    /// The input is at its end.
    Eof,
}

/// Decides whether an event reaches the user: `true` lets it through. An error ends [`Inspector::next`], and keeps the event back.
pub type EventFilter = Box<dyn FnMut(&EventContext<'_>) -> Result<bool>>;

/// Where the events come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// From nowhere: nothing is open.
    Closed,
    /// From the running system.
    Live,
    /// From a capture.
    Capture,
    /// Only the state of the running system is read; there are no events.
    NoDriver,
    /// From a test, which also says what is known of the system.
    Test,
}

/// Reads events, keeps the state, and offers every event with what is known around it.
pub struct Inspector {
    engine: Option<Box<dyn Engine>>,
    mode: Mode,
    /// Whether the engine calls functions of the program.
    calls_out: bool,
    state: State,
    current: Current,
    info: Option<&'static EventInfo>,
    /// What the current event has beside its bytes, while there is an `info`.
    meta: Meta,
    num: u64,
    /// What the engine answered already and is still to be dealt with.
    pending: Option<scap_sys::Result<Status>>,
    /// The current event, if it came from outside the engine.
    injected: Option<EventBuf>,
    injector: Injector,
    statistics: Statistics,
    run: Run,
    filter: Option<EventFilter>,
    purge: PurgeOptions,
    purge_clock: PurgeClock,
    self_pid: i64,
    scan: ScanOptions,
    /// How live engines capture, from the first one that is opened.
    settings: Vec<Setting>,
    /// Whether events of the inspector's own process come through.
    debug: bool,
    track_connections: bool,
    view: View,
}

impl Default for Inspector {
    fn default() -> Self {
        Inspector::new()
    }
}

impl Inspector {
    /// An inspector with nothing open.
    pub fn new() -> Inspector {
        let state = State::default();
        Inspector {
            statistics: Statistics::new(&state),
            engine: None,
            mode: Mode::Closed,
            calls_out: false,
            state,
            current: Current::default(),
            info: None,
            meta: Meta::default(),
            num: 0,
            pending: None,
            injected: None,
            injector: Injector::default(),
            run: Run::default(),
            filter: None,
            purge: PurgeOptions::default(),
            purge_clock: PurgeClock::default(),
            self_pid: 0,
            scan: ScanOptions::default(),
            settings: Vec::new(),
            debug: false,
            track_connections: false,
            view: View::default(),
        }
    }

    /// How and where the running system is scanned; takes effect at the next open.
    pub fn set_scan_options(&mut self, options: ScanOptions) {
        self.scan = options;
    }

    /// How and where the running system is scanned.
    pub fn scan_options(&self) -> &ScanOptions {
        &self.scan
    }

    /// How the table of threads is kept clean.
    pub fn set_purge_options(&mut self, options: PurgeOptions) {
        self.purge = options;
    }

    /// Whether the users and groups of the machine are taken note of; takes effect at the next open.
    pub fn set_import_users(&mut self, enabled: bool) {
        self.state.touch();
        self.scan.without_users = !enabled;
        self.state.users.set_import(enabled);
    }

    /// Whether events of the inspector's own process come through.
    pub fn set_debug(&mut self, debug: bool) {
        self.debug = debug;
    }

    /// Whether failed and pending connections are told apart from established ones.
    pub fn set_connection_tracking(&mut self, enabled: bool) {
        self.track_connections = enabled;
    }

    /// The open engine, to ask it what only it knows.
    pub fn engine(&mut self) -> Option<&mut (dyn Engine + 'static)> {
        self.engine.as_deref_mut()
    }

    /// How the consumer wants to see events; what holds for the capture is the inspector's to set.
    pub fn view_mut(&mut self) -> &mut View {
        // Texts of the current event that were made for the old view are out of date.
        self.state.touch();
        &mut self.view
    }

    /// Where the events come from.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The event that the last [`Next::Event`] or [`Next::Filtered`] announced.
    #[inline(always)]
    pub fn current(&self) -> Option<EventContext<'_>> {
        let info = self.info?;
        Some(context(
            Event::again(step::bytes_of(&self.engine, &self.injected)?, self.meta),
            info,
            self.num,
            &self.state,
            &self.current,
            &self.view,
        ))
    }

    /// The bytes of a notice about the current event.
    pub fn notice_data(&self, data: Data) -> &[u8] {
        match data {
            Data::Param(i) => {
                let event = step::event_of(&self.engine, &self.injected);
                event.and_then(|event| event.param(i.into())).unwrap_or_default()
            }
            Data::Kept => &self.current.notices.kept,
        }
    }

    /// The path of a [`Notice::FileOpen`] about the current event.
    pub fn notice_path(&self) -> &[u8] {
        self.notice_data(Data::Kept)
    }

    /// The way into this inspector for events from outside, for any thread.
    pub fn injector(&self) -> Injector {
        self.injector.clone()
    }

    /// Looks for threads that are gone and removes them, if it is time; answers whether it was. No observer is told.
    pub fn remove_gone_threads(&mut self) -> bool {
        let due = self.purge_clock.is_due(self.state.now, self.purge.interval);
        if due {
            self.state.purge(self.purge.timeout);
        }
        due
    }

    /// Sets when it was last looked for threads that are gone.
    pub fn set_last_purge(&mut self, ts: u64) {
        self.purge_clock.set_last(ts);
    }

    /// The thread that exited with the current event, and leaves the table when the next one comes.
    pub fn exiting_thread(&self) -> Option<i64> {
        self.current.exited
    }

    /// The time of the last event: nanoseconds since the epoch; 0 before it.
    pub fn last_event_ts(&self) -> u64 {
        self.state.now
    }

    /// Sets the time of the last event; what happens until the next one happens then.
    pub fn set_last_event_ts(&mut self, ts: u64) {
        self.state.now = ts;
    }

    /// How the table of threads is kept clean.
    pub fn purge_options(&self) -> PurgeOptions {
        self.purge
    }

    /// An event that is not the current one, with what is given and known around it: `thread` made it, by default the one of its tid, and
    /// it is about `fd`.
    ///
    /// `None` if this version does not know its type.
    pub fn context_of<'a>(
        &'a self,
        event: Event<'a>,
        num: u64,
        thread: Option<&'a Thread>,
        fd: Option<&'a Fd>,
        notes: &'a Notes,
    ) -> Option<EventContext<'a>> {
        let thread = thread.or_else(|| self.state.threads.get(event.tid()));
        Some(EventContext {
            event,
            info: event.info()?,
            num,
            state: &self.state,
            thread,
            fd,
            fd_at: None,
            notes,
            view: &self.view,
        })
    }

    /// Keeps back the events that `filter` says no to; `None` lets all through.
    pub fn set_filter(&mut self, filter: Option<EventFilter>) {
        self.filter = filter;
    }

    /// The counters of the engine, and of what was suppressed.
    pub fn stats(&self) -> Result<Stats> {
        self.statistics.capture()
    }

    /// The counters, for any thread while this one goes on.
    pub fn statistics(&self) -> Statistics {
        self.statistics.clone()
    }

    /// Lets the events of one system call through, or not.
    pub fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        Ok(self.engine_mut()?.set_interesting(sc, interesting)?)
    }

    /// How many events were numbered since the inspector was opened.
    pub fn event_count(&self) -> u64 {
        self.num
    }

    /// The time of the first event that came from the system; 0 before it.
    pub fn first_event_ts(&self) -> u64 {
        self.view.first_ts
    }

    /// The inspector's own process as the host counts; 0 where it is not known.
    pub fn self_pid(&self) -> i64 {
        self.self_pid
    }

    /// Everything that is known of the system.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything that is known of the system, to change it.
    pub fn state_mut(&mut self) -> &mut State {
        self.state.touch();
        &mut self.state
    }

    /// Whether there are messages to be delivered.
    #[inline]
    pub fn has_messages(&self) -> bool {
        !self.state.messages.is_empty()
    }

    /// The messages that came up since this was asked for last; [`Inspector::next_with`] delivers them itself.
    pub fn take_messages(&mut self) -> Messages {
        std::mem::take(&mut self.state.messages)
    }

    /// The handle of the thread that made the current event.
    pub fn current_thread(&self) -> Option<ThreadId> {
        self.current.thread
    }
}

#[inline(always)]
fn context<'a>(
    event: Event<'a>,
    info: &'static EventInfo,
    num: u64,
    state: &'a State,
    current: &'a Current,
    view: &'a View,
) -> EventContext<'a> {
    // Events that the parsers ask of no thread can be of one that is known.
    let thread = match current.thread.and_then(|id| state.threads.by_id(id)) {
        None => state.threads.get(event.tid()),
        found => found,
    };
    let fd = current.fd.and_then(|(owner, fd)| state.threads.by_id(owner)?.own_fds.get(fd));
    let fd_at = current.fd.filter(|_| fd.is_some());
    EventContext { event, info, num, state, thread, fd, fd_at, notes: &current.notes, view }
}

#[cfg(test)]
mod tests;
