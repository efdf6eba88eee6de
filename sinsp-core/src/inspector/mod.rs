//! The inspector: an engine, the state that its events build up, and the current event.

use crate::context::{EventContext, Notes, View};
use crate::parsers::{Current, Parser, entry};
use crate::state::{Fd, State, Thread, ThreadId, ThreadSource, UserLookup};
use crate::{Error, Result};
use driver::{EventFlags, EventInfo, EventType, Sc};
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::nodriver::NoDriver;
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{CurrentEvent, Engine, Stats, Status};
use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{Event, GroupInfo, SystemSink, UserInfo};
use std::path::Path;

/// The flag of an event in a capture file that only builds up state (`SCAP_DF_STATE_ONLY`).
const STATE_ONLY: u32 = 1;

/// What a call of [`Inspector::next`] brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// An event, which [`Inspector::current`] shows.
    Event,
    /// An event that the filter, the inspector or the engine keeps back. [`Inspector::current`] still shows it, unless it was
    /// the engine.
    Filtered,
    /// Nothing within the engine's time-out; try again.
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
}

/// How the table of threads is kept clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeOptions {
    /// Whether threads leave the table when they exit or go quiet.
    pub enabled: bool,
    /// How often a live inspector looks for threads that are gone, in nanoseconds.
    pub interval: u64,
    /// For how long a thread must have been quiet to be looked at, in nanoseconds.
    pub timeout: u64,
}

impl Default for PurgeOptions {
    /// Enabled, every 20 minutes, after half an hour.
    fn default() -> Self {
        PurgeOptions { enabled: true, interval: 1_200_000_000_000, timeout: 1_800_000_000_000 }
    }
}

/// When the table of threads was last looked through.
#[derive(Debug, Default)]
struct PurgeClock {
    last: u64,
}

impl PurgeClock {
    fn is_due(&mut self, now: u64, options: &PurgeOptions) -> bool {
        if self.last == 0 {
            // The first time comes after half a minute.
            self.last = now.saturating_sub(options.interval.saturating_sub(30_000_000_000));
        }
        let due = options.enabled && now > self.last.saturating_add(options.interval);
        if due {
            self.last = now;
        }
        due
    }
}

/// Reads events, keeps the state, and offers every event with what is known around it.
pub struct Inspector {
    engine: Option<Box<dyn Engine>>,
    mode: Mode,
    state: State,
    current: Current,
    info: Option<&'static EventInfo>,
    num: u64,
    /// What the engine answered when the capture was opened and is still to be dealt with.
    pending: Option<scap_sys::Result<Status>>,
    filter: Option<EventFilter>,
    purge: PurgeOptions,
    purge_clock: PurgeClock,
    self_pid: i64,
    scan: ScanOptions,
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
        Inspector {
            engine: None,
            mode: Mode::Closed,
            state: State::default(),
            current: Current::default(),
            info: None,
            num: 0,
            pending: None,
            filter: None,
            purge: PurgeOptions::default(),
            purge_clock: PurgeClock::default(),
            self_pid: 0,
            scan: ScanOptions::default(),
            debug: false,
            track_connections: false,
            view: View::default(),
        }
    }

    /// How and where the running system is scanned; takes effect at the next open.
    pub fn set_scan_options(&mut self, options: ScanOptions) {
        self.scan = options;
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

    /// Opens a capture file.
    pub fn open_savefile(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.open_capture(|sink| SavefileEngine::open(path, sink))
    }

    /// Opens a capture in any other way: `open` is given the sink that it tells of what stands before the first event.
    pub fn open_capture<E: Engine + 'static>(
        &mut self,
        open: impl FnOnce(&mut dyn SystemSink) -> scap_sys::Result<E>,
    ) -> Result<()> {
        self.reset();
        self.state.begin_scan();
        let engine = open(&mut self.state);
        self.state.end_scan();
        self.engine = Some(Box::new(engine?));
        self.mode = Mode::Capture;
        self.finish_open()
    }

    /// Opens an engine of events of the running system, whose threads and files are read first.
    pub fn open_live(&mut self, engine: Box<dyn Engine>) -> Result<()> {
        self.reset();
        self.scan_system()?;
        self.engine = Some(engine);
        self.mode = Mode::Live;
        self.finish_open()
    }

    /// Captures the running system by the modern BPF probe. No event comes before [`Inspector::start`]. Threads and files are asked
    /// of BPF iterators where the kernel has them.
    pub fn open_modern_bpf(&mut self, options: &BpfOptions) -> Result<()> {
        self.scan.iterators = true;
        self.open_live(Box::new(BpfEngine::open(options)?))
    }

    /// Opens an engine of whatever kind: live if it says so, else without any knowledge of what existed before.
    pub fn open_engine(&mut self, engine: Box<dyn Engine>) -> Result<()> {
        if engine.is_live() {
            return self.open_live(engine);
        }
        self.reset();
        self.engine = Some(engine);
        self.mode = Mode::Capture;
        self.finish_open()
    }

    /// Reads the state of the running system, without events.
    pub fn open_nodriver(&mut self) -> Result<()> {
        self.reset();
        self.scan_system()?;
        self.engine = Some(Box::new(NoDriver::new()));
        self.mode = Mode::NoDriver;
        self.finish_open()
    }

    fn reset(&mut self) {
        self.engine = None;
        self.mode = Mode::Closed;
        self.state.clear();
        self.state.users.clear();
        self.state.users.set_lookup(None);
        self.state.set_source(None);
        self.num = 0;
        self.view.first_ts = 0;
        self.purge_clock = PurgeClock::default();
        self.pending = None;
        self.info = None;
        self.current = Current::default();
    }

    fn scan_system(&mut self) -> Result<()> {
        let mut scanner = Scanner::new(&self.scan)?;
        self.self_pid = match scanner.own_pid() {
            // In a pid namespace of its own the program is not in the host's /proc.
            Err(scap_sys::Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => 0,
            pid => pid?,
        };
        self.state.threads.set_self_pid(self.self_pid);
        self.state.begin_scan();
        let scanned = scanner.scan(&mut self.state);
        self.state.end_scan();
        scanned?;
        self.state.set_source(Some(Box::new(scanner)));
        self.state.users.set_lookup(Some(Box::new(HostUsers(self.scan.clone()))));
        Ok(())
    }

    /// Reads the events that still belong to the state at the start, then makes sense of the sockets.
    fn finish_open(&mut self) -> Result<()> {
        self.view.replay = self.mode == Mode::Capture;
        if self.mode == Mode::Capture {
            self.consume_state_events()?;
        }
        self.state.orient_sockets();
        Ok(())
    }

    fn consume_state_events(&mut self) -> Result<()> {
        loop {
            let Some(engine) = &mut self.engine else { return Ok(()) };
            let answer = engine.next();
            if matches!(answer, Ok(Status::Timeout)) {
                return Ok(());
            }
            // An error, too, waits for its turn: what was read before it is there.
            let more = matches!(answer, Ok(Status::Event)) && is_initial_state(engine.event().ty());
            self.pending = Some(answer);
            if !more {
                return Ok(());
            }
            self.next()?;
        }
    }

    /// Lets events through.
    pub fn start(&mut self) -> Result<()> {
        Ok(self.engine_mut()?.start()?)
    }

    /// Holds events back.
    pub fn stop(&mut self) -> Result<()> {
        Ok(self.engine_mut()?.stop()?)
    }

    /// Closes what is open; the state stays readable.
    pub fn close(&mut self) {
        self.engine = None;
        self.mode = Mode::Closed;
        self.pending = None;
        self.info = None;
        self.current = Current::default();
        self.state.set_source(None);
    }

    fn engine_mut(&mut self) -> Result<&mut dyn Engine> {
        match &mut self.engine {
            Some(engine) => Ok(&mut **engine),
            None => Err(Error::Invalid("the inspector is not open for events".into())),
        }
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

    /// Goes to the next event and lets the parsers see it.
    #[allow(clippy::should_implement_trait)] // An iterator could not lend what it yields, nor say why it has nothing.
    pub fn next(&mut self) -> Result<Next> {
        self.info = None;
        let answer = match self.pending.take() {
            Some(answer) => answer,
            None => self.engine_mut()?.next(),
        };
        match answer? {
            Status::Event => {}
            Status::Filtered => return Ok(Next::Filtered),
            Status::Timeout => return Ok(Next::Timeout),
            Status::Eof => return Ok(Next::Eof),
            Status::Restart => {
                self.restart()?;
                return Ok(Next::Timeout);
            }
        }
        let Some(engine) = &self.engine else { return Ok(Next::Eof) };
        let event = engine.event();
        let Some(info) = event.info() else {
            // A newer version made it.
            return Ok(Next::Filtered);
        };
        if self.state.suppressed.keeps_back(event) {
            return Ok(Next::Filtered);
        }
        self.state.now = event.ts();
        self.current.end(&mut self.state, self.purge.enabled);
        if self.mode == Mode::Live && self.purge_clock.is_due(event.ts(), &self.purge) {
            self.state.purge(self.purge.timeout);
        }
        if self.view.first_ts == 0 && !info.category.from_source(driver::Category::METAEVENT) {
            self.view.first_ts = event.ts();
        }
        self.num += 1;
        self.info = Some(info);
        let mut parser = Parser::new(&mut self.state, &mut self.current, event, info);
        parser.track_connections = self.track_connections;
        parser.is_live = self.mode == Mode::Live;
        parser.prepare();

        // Events that change the state are filtered after the change.
        let modifies = info.flags.has(EventFlags::MODIFIES_STATE);
        let by_self = self.mode == Mode::Live && self.self_pid != 0 && event.tid() == self.self_pid;
        let own = by_self && !self.debug && !is_internal(event.ty());
        let mut keep_back = own;
        let mut failure = None;
        let mut keeps = |filter: &mut EventFilter, event: &EventContext<'_>| match filter(event) {
            Ok(passes) => !passes,
            Err(e) => {
                failure = Some(e);
                true
            }
        };
        if !keep_back
            && !modifies
            && let Some(filter) = &mut self.filter
            && keeps(filter, &context(event, info, self.num, parser.state, parser.current, &self.view))
        {
            keep_back = true;
            parser.forget_last_event();
        }
        if !keep_back {
            parser.parse()?;
        }
        parser.finish();
        if own || is_enter_for_the_parser(event.ty()) {
            keep_back = true;
        } else if modifies && let Some(filter) = &mut self.filter {
            keep_back = keeps(filter, &context(event, info, self.num, parser.state, parser.current, &self.view));
        }
        if self.mode == Mode::Capture && event.flags() & STATE_ONLY != 0 {
            keep_back = true;
        }
        parser.leave();
        if let Some(failure) = failure {
            return Err(failure);
        }
        Ok(if keep_back { Next::Filtered } else { Next::Event })
    }

    /// A new capture starts within the input: what was known no longer holds.
    fn restart(&mut self) -> Result<()> {
        let num = self.num;
        self.state.clear();
        self.current = Current::default();
        self.state.begin_scan();
        let restarted = match &mut self.engine {
            Some(engine) => engine.restart(&mut self.state),
            None => Ok(()),
        };
        self.state.end_scan();
        restarted?;
        self.finish_open()?;
        self.num = num;
        Ok(())
    }

    /// The event that the last [`Next::Event`] or [`Next::Filtered`] announced.
    #[inline]
    pub fn current(&self) -> Option<EventContext<'_>> {
        let info = self.info?;
        Some(context(self.engine.as_ref()?.event(), info, self.num, &self.state, &self.current, &self.view))
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
        Some(EventContext { event, info: event.info()?, num, state: &self.state, thread, fd, notes, view: &self.view })
    }

    /// Keeps back the events that `filter` says no to; `None` lets all through.
    pub fn set_filter(&mut self, filter: Option<EventFilter>) {
        self.filter = filter;
    }

    /// The counters of the engine, and of what was suppressed.
    pub fn stats(&mut self) -> Result<Stats> {
        let mut stats = self.engine_mut()?.stats()?;
        stats.n_suppressed = self.state.suppressed.events();
        stats.n_tids_suppressed = self.state.suppressed.tids() as u64;
        Ok(stats)
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

    /// The handle of the thread that made the current event.
    pub fn current_thread(&self) -> Option<ThreadId> {
        self.current.thread
    }
}

#[inline]
fn context<'a>(
    event: Event<'a>,
    info: &'static EventInfo,
    num: u64,
    state: &'a State,
    current: &'a Current,
    view: &'a View,
) -> EventContext<'a> {
    // Events that the parsers ask of no thread can be of one that is known.
    let thread = current.thread.and_then(|id| state.threads.by_id(id)).or_else(|| state.threads.get(event.tid()));
    let fd = current.fd.and_then(|(owner, fd)| state.threads.by_id(owner)?.own_fds.get(fd));
    EventContext { event, info, num, state, thread, fd, notes: &current.notes, view }
}

/// Whether an event at the start of a capture still belongs to the description of the system.
fn is_initial_state(ty: EventType) -> bool {
    matches!(
        ty,
        EventType::CONTAINER_JSON_2_E
            | EventType::USER_ADDED_E
            | EventType::USER_DELETED_E
            | EventType::GROUP_ADDED_E
            | EventType::GROUP_DELETED_E
            | EventType::ASYNCEVENT_E
    )
}

/// Whether it is about the capture or the system as a whole, whoever happened to make it.
fn is_internal(ty: EventType) -> bool {
    matches!(
        ty,
        EventType::SCHEDSWITCH_6_E
            | EventType::DROP_E
            | EventType::DROP_X
            | EventType::SCAPEVENT_E
            | EventType::PROCINFO_E
            | EventType::CPU_HOTPLUG_E
    )
}

/// Whether it is an enter event that comes only for the sake of its exit event.
fn is_enter_for_the_parser(ty: EventType) -> bool {
    entry::KEPT.contains(&ty) || matches!(ty, EventType::SYSCALL_EXECVE_19_E | EventType::SYSCALL_EXECVEAT_E)
}

/// Reads the host's users again when a new one turns up.
struct HostUsers(ScanOptions);

impl UserLookup for HostUsers {
    fn user(&mut self, uid: u32) -> Option<UserInfo> {
        scap_sys::linux::users(&self.0).ok()?.users.into_iter().find(|u| u.uid == uid)
    }

    fn group(&mut self, gid: u32) -> Option<GroupInfo> {
        scap_sys::linux::users(&self.0).ok()?.groups.into_iter().find(|g| g.gid == gid)
    }
}

impl ThreadSource for Scanner {
    fn scan_thread(&mut self, tid: i64, sink: &mut dyn SystemSink) -> bool {
        self.thread(tid, true, sink).is_ok()
    }

    fn scan_fd(&mut self, pid: i64, fd: i64, sink: &mut dyn SystemSink) {
        // A file that is closed already is none to take note of.
        let _ = self.fd(pid, fd, sink);
    }

    fn device_of_mount(&mut self, pid: i64, mount_id: u32) -> u32 {
        Scanner::device_of_mount(self, pid, mount_id)
    }

    fn is_alive(&mut self, pid: i64, tid: i64, comm: &[u8]) -> bool {
        Scanner::is_alive(self, pid, tid, comm)
    }
}

#[cfg(test)]
mod tests;
