//! The inspector: it reads events from an engine, maintains the state and offers the current event.

mod apart;
mod hooks;
mod injected;
mod open;
mod purge;
mod run;
mod selecting;
mod statistics;
mod step;

pub use hooks::Hooks;
pub use injected::{Injector, NO_TIME};
pub use open::is_initial_state;
pub use purge::PurgeOptions;
pub use run::{Outcome, Step, Wants};
pub use selecting::{Audience, Obstacle, SelectionReport};
pub use statistics::Statistics;

use crate::Result;
use crate::codes::CodeSet;
use crate::context::{EventContext, Moment, Notes, View};
use crate::logger::Messages;
use crate::parsers::{Current, Data};
pub use crate::parsers::{Data as NoticeData, Notice};
use crate::state::{Census, Fd, Services, State, Thread, ThreadId};
use driver::{EventFlags, EventInfo, Sc};
use purge::PurgeClock;
use run::Run;
pub use scap_sys::engine::bpf::BpfOptions;
pub use scap_sys::engine::kmod::KmodOptions;
use scap_sys::engine::{Engine, Status};
pub use scap_sys::engine::{Progress, Setting, Stats};
use scap_sys::linux::agent_info;
pub use scap_sys::linux::{Names, ScanOptions, possible_cpus};
use scap_sys::{AgentInfo, Event, EventBuf, Meta};
use selecting::Selecting;

/// The result of [`Inspector::next`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Next {
    /// An event; [`Inspector::current`] returns it.
    Event,
    /// An event that the engine, the inspector or the filter rejected. [`Inspector::current`] still returns it, unless the
    /// engine rejected it.
    Filtered,
    /// No event within the engine's timeout; try again.
    #[default]
    Timeout,
    /// The end of the input.
    Eof,
}

/// A filter: `true` accepts the event. An error rejects the event, and [`Inspector::next`] returns it.
pub type EventFilter = Box<dyn FnMut(&EventContext<'_>) -> Result<bool>>;

/// The source of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is open.
    Closed,
    /// The running system.
    Live,
    /// A capture, in most cases a file.
    Capture,
    /// The state of the running system, without events.
    NoDriver,
    /// A test, which also provides the state.
    Test,
    /// A plugin, without threads and fds of the running system.
    Plugin,
}

/// What is known of the running system while a plugin makes the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourcePlatform {
    /// Nothing.
    Generic,
    /// The machine.
    Machine,
    /// The machine, its users, threads and fds.
    Full,
}

/// Reads events, maintains the state, and offers each event with its context. Not `Sync`: one thread uses it at a time.
pub struct Inspector {
    engine: Option<Box<dyn Engine>>,
    mode: Mode,
    /// Whether the engine calls functions of the program, so that it is lent out while it fetches.
    calls_out: bool,
    state: State,
    current: Current,
    info: Option<&'static EventInfo>,
    /// The metadata of the current event; valid if `info` is `Some`.
    meta: Meta,
    /// The address of its bytes; 0 if there is no event.
    place: usize,
    num: u64,
    /// A result of the engine that is not handled yet.
    pending: Option<scap_sys::Result<Status>>,
    /// The current event, if it came from the queue of asynchronous events.
    injected: Option<EventBuf>,
    injector: Injector,
    statistics: Statistics,
    run: Run,
    filter: Option<EventFilter>,
    purge: PurgeOptions,
    purge_clock: PurgeClock,
    /// The types of events at which [`Step::Parse`] is wanted.
    parsed: CodeSet,
    self_pid: i64,
    scan: ScanOptions,
    names: Names,
    /// How live engines capture, from the first one that is opened.
    settings: Vec<Setting>,
    /// Whether a driver's capture was opened that was not started yet.
    unstarted: bool,
    /// Whether events of the inspector's own process are delivered.
    debug: bool,
    track_connections: bool,
    /// Whether events that the library makes for itself come through even if the filter or a capture keeps them back.
    internal_events: bool,
    /// Whether rejected events that change the state are written to captures.
    fat_captures: bool,
    view: View,
    selecting: Selecting,
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
            place: 0,
            num: 0,
            pending: None,
            injected: None,
            injector: Injector::default(),
            run: Run::default(),
            filter: None,
            purge: PurgeOptions::default(),
            purge_clock: PurgeClock::default(),
            parsed: CodeSet::ALL,
            self_pid: 0,
            scan: ScanOptions::default(),
            names: Names::default(),
            settings: Vec::new(),
            unstarted: false,
            debug: false,
            track_connections: false,
            internal_events: false,
            fat_captures: false,
            view: View::default(),
            selecting: Selecting::default(),
        }
    }

    /// Sets what the scan of the running system reads, and from where; used by the next open.
    pub fn set_scan_options(&mut self, options: ScanOptions) {
        self.scan = options;
    }

    /// What the scan of the running system reads, and from where.
    pub fn scan_options(&self) -> &ScanOptions {
        &self.scan
    }

    /// The program that captures: this process if it inspects this machine; `None` if it does not, or is not in /proc.
    ///
    /// # Errors
    /// /proc cannot be read.
    pub fn agent(&self) -> Result<Option<AgentInfo>> {
        let here = match self.mode {
            Mode::Live | Mode::NoDriver => true,
            Mode::Plugin => self.state.machine.num_cpus != u32::MAX,
            Mode::Closed | Mode::Capture | Mode::Test => false,
        };
        match here.then(|| agent_info(&self.scan)).transpose() {
            Err(scap_sys::Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            read => Ok(read?),
        }
    }

    /// Sets the names of the environment variables and of the device that the inspector uses, and reads the variables of the scan. Used by the
    /// next open.
    pub fn set_names(&mut self, names: Names) {
        self.scan.read_env(&names);
        self.names = names;
    }

    /// The names of the environment variables and of the device that the inspector uses.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Sets how threads are removed from the thread table.
    pub fn set_purge_options(&mut self, options: PurgeOptions) {
        self.purge = options;
    }

    /// Sets whether users and groups are stored; used by the next open.
    pub fn set_import_users(&mut self, enabled: bool) {
        self.state.touch();
        self.scan.without_users = !enabled;
        self.state.users.set_import(enabled);
    }

    /// Sets whether environments of more than 4096 bytes are read from the system, while a live engine is open; for scans, from the next
    /// open on.
    pub fn set_large_environments(&mut self, enabled: bool) {
        self.scan.large_environments = enabled;
        self.state.large_environments = enabled;
    }

    /// The environment of a process, texts that each end with a NUL, as the running system has it; `None` if it cannot be read or none is inspected.
    pub fn environment(&mut self, pid: i64) -> Option<Vec<u8>> {
        self.state.environment(pid)
    }

    /// Sets the types of the events at which [`Step::Parse`] is wanted ([`Wants::parser`]); all at first.
    pub fn set_parsed(&mut self, types: CodeSet) {
        self.parsed = types;
    }

    /// Sets whether events of the inspector's own process are delivered.
    pub fn set_debug(&mut self, debug: bool) {
        self.debug = debug;
    }

    /// Sets whether connections that failed or are pending are distinguished from established ones.
    pub fn set_connection_tracking(&mut self, enabled: bool) {
        self.track_connections = enabled;
        self.apply_selection();
    }

    /// Whether `next` also returns those events of [`driver::Category::INTERNAL`] that the filter excludes, or that a capture has for the state only.
    pub fn set_internal_events(&mut self, enabled: bool) {
        self.internal_events = enabled;
    }

    /// Sets whether ports are shown by their names on this machine, in names of sockets that are made from now on, and in texts of events.
    pub fn set_port_names(&mut self, enabled: bool) {
        self.state.touch();
        self.state.services = enabled.then(Services::load);
    }

    /// How far the open engine has read its input; `None` where that is no file.
    pub fn progress(&self) -> Option<Progress> {
        self.engine.as_deref()?.progress()
    }

    /// The open engine.
    pub fn engine(&mut self) -> Option<&mut (dyn Engine + 'static)> {
        self.engine.as_deref_mut()
    }

    /// The settings for showing events. `first_ts` and `replay` belong to the inspector.
    pub fn view_mut(&mut self) -> &mut View {
        // Invalidates texts of the current event that were made with the old settings.
        self.state.touch();
        &mut self.view
    }

    /// The version of the event table of the driver that makes the events: major, minor, patch. `None` where no driver does.
    pub fn schema_version(&self) -> Option<[u32; 3]> {
        self.engine.as_ref()?.schema_version()
    }

    /// The source of the events.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The event of the last [`Next::Event`] or [`Next::Filtered`].
    #[inline(always)]
    pub fn current(&self) -> Option<EventContext<'_>> {
        let info = self.info?;
        Some(context(
            Event::with_meta(step::bytes_of(&self.engine, &self.injected)?, self.meta),
            info,
            self.num,
            &self.state,
            &self.current,
            &self.view,
        ))
    }

    /// What results for the current event depend on, if that has the number `num` and its bytes are at the address `place`.
    #[inline]
    pub fn moment(&self, num: u64, place: usize) -> Option<Moment> {
        let info = self.info.filter(|_| num == self.num && place == self.place)?;
        Some(Moment::new(info, num, &self.current.notes, &self.state))
    }

    /// Whether the filter rejected the current event, or it only builds up the state.
    #[inline]
    pub fn is_rejected(&self) -> bool {
        self.run.keep_back
    }

    /// Sets whether a capture that is written also gets rejected events that change the state, marked as such.
    pub fn set_fat_captures(&mut self, enabled: bool) {
        self.fat_captures = enabled;
    }

    /// The flags (`SCAP_DF_*`) with which an event is written to a capture; `None` if it is not written, because it was rejected.
    pub fn dump_flags(&self, event: &EventContext<'_>, rejected: bool) -> Option<u32> {
        let large = if event.info.flags.has(EventFlags::LARGE_PAYLOAD) { step::LARGE } else { 0 };
        let state_only = match rejected {
            false => 0,
            true if self.fat_captures && event.info.flags.has(EventFlags::MODIFIES_STATE) => step::STATE_ONLY,
            true if event.info.category.0 & driver::Category::INTERNAL.0 != 0 => 0,
            true => return None,
        };
        Some(large | state_only)
    }

    /// The bytes that a notice about the current event refers to.
    pub fn notice_data(&self, data: Data) -> &[u8] {
        match data {
            Data::Param(i) => {
                let event = step::event_of(&self.engine, &self.injected);
                event.and_then(|event| event.param(i.into())).unwrap_or_default()
            }
            Data::Kept => &self.current.notices.kept,
        }
    }

    /// The path of a [`Notice::FileOpen`].
    pub fn notice_path(&self) -> &[u8] {
        self.notice_data(Data::Kept)
    }

    /// The entry to the queue of asynchronous events, for any thread.
    pub fn injector(&self) -> Injector {
        self.injector.clone()
    }

    /// Purges the thread table if the interval has passed; returns whether it has. No notices are made.
    pub fn remove_gone_threads(&mut self) -> bool {
        let due = self.purge_clock.is_due(self.state.now, self.purge.interval);
        if due {
            self.state.purge(self.purge.timeout, self.selecting.sign_of_end());
        }
        due
    }

    /// Counts the threads and fds.
    pub fn census(&self) -> Census {
        let census = self.state.census();
        self.statistics.publish(census);
        census
    }

    /// Sets the time of the last purge, in nanoseconds since the Unix epoch.
    pub fn set_last_purge(&mut self, ts: u64) {
        self.purge_clock.set_last(ts);
    }

    /// The tid that exits with the current event. The thread leaves the table when the next event comes.
    pub fn exiting_thread(&self) -> Option<i64> {
        self.current.exited
    }

    /// The time of the last event, in nanoseconds since the Unix epoch; 0 before the first.
    pub fn last_event_ts(&self) -> u64 {
        self.state.now
    }

    /// Sets the time of the last event, which is the present time for the state until the next event.
    pub fn set_last_event_ts(&mut self, ts: u64) {
        self.state.now = ts;
    }

    /// How threads are removed from the thread table.
    pub fn purge_options(&self) -> PurgeOptions {
        self.purge
    }

    /// The context of an event that is not the current one. `thread` is its thread, by default the one of its tid; `fd` is
    /// its fd.
    ///
    /// `None` if the event's type is unknown.
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

    /// Sets the filter; `None` accepts all events.
    pub fn set_filter(&mut self, filter: Option<EventFilter>) {
        self.filter = filter;
    }

    /// The counters of the engine and of suppression.
    pub fn stats(&self) -> Result<Stats> {
        self.statistics.capture()
    }

    /// The counters, to be read by any thread.
    pub fn statistics(&self) -> Statistics {
        self.statistics.clone()
    }

    /// Enables or disables the events of one system call.
    pub fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        Ok(self.engine_mut()?.set_interesting(sc, interesting)?)
    }

    /// Gives a CPU a larger ring buffer: see [`Engine::grow_buffer`].
    pub fn grow_buffer(&mut self, cpu: u32, bytes: usize) -> Result<()> {
        Ok(self.engine_mut()?.grow_buffer(cpu, bytes)?)
    }

    /// The number of the last event; the first has 1.
    pub fn event_count(&self) -> u64 {
        self.num
    }

    /// The time of the first event that is no meta event, in nanoseconds since the Unix epoch; 0 before it.
    pub fn first_event_ts(&self) -> u64 {
        self.view.first_ts
    }

    /// The pid of the inspector's process in the initial pid namespace; 0 if unknown.
    pub fn self_pid(&self) -> i64 {
        self.self_pid
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state, to change it. Every call changes its epoch.
    pub fn state_mut(&mut self) -> &mut State {
        self.state.touch();
        &mut self.state
    }

    /// Whether there are messages that are not logged yet.
    #[inline]
    pub fn has_messages(&self) -> bool {
        !self.state.messages.is_empty()
    }

    /// Takes the messages that are not logged yet. [`Inspector::next_with`] logs them itself.
    pub fn take_messages(&mut self) -> Messages {
        std::mem::take(&mut self.state.messages)
    }

    /// The handle of the thread of the current event.
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
    // The parsers do not look up the thread of every event type.
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
