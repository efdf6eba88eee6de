//! Opening and closing an inspector, and reading the initial state.

use super::injected::now;
use super::purge::PurgeClock;
use super::{BpfOptions, Inspector, KmodOptions, Mode, ScanOptions, Setting, SourcePlatform};
use crate::logger::{Severity, logger};
use crate::name_service::NameService;
use crate::parsers::Current;
use crate::state::{ThreadSource, UserLookup};
use crate::{Error, Result};
use driver::EventType;
use scap_sys::engine::bpf::{self, BpfEngine, Level};
use scap_sys::engine::kmod::KmodEngine;
use scap_sys::engine::nodriver::NoDriver;
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::linux::{Scanner, machine_info};
use scap_sys::{EventBuf, GroupInfo, MachineInfo, SystemSink, UserInfo};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

impl Inspector {
    /// Opens a capture file.
    pub fn open_savefile(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.open_capture(|sink| SavefileEngine::open(path, sink))
    }

    /// The first part of opening a capture file; see [`Inspector::begin_capture`].
    pub fn begin_savefile(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.begin_capture(|sink| SavefileEngine::open(path, sink))
    }

    /// The same for an open file, which is read from its current offset.
    pub fn begin_savefile_fd(&mut self, fd: OwnedFd) -> Result<()> {
        self.begin_capture(|sink| SavefileEngine::from_fd(fd, 0, sink))
    }

    /// Opens a capture engine. `open` creates it and passes the initial state to the sink.
    pub fn open_capture<E: Engine + 'static>(
        &mut self,
        open: impl FnOnce(&mut dyn SystemSink) -> scap_sys::Result<E>,
    ) -> Result<()> {
        self.begin_capture(open)?;
        self.next().map(drop)
    }

    /// The first part of [`Inspector::open_capture`]: it does not read the events that are part of the initial state. The
    /// caller then calls [`Inspector::step`] until [`Next::Timeout`](super::Next::Timeout).
    pub fn begin_capture<E: Engine + 'static>(
        &mut self,
        open: impl FnOnce(&mut dyn SystemSink) -> scap_sys::Result<E>,
    ) -> Result<()> {
        self.reset();
        self.state.begin_scan();
        let engine = open(&mut self.state);
        self.state.end_scan();
        self.engine = Some(Box::new(engine?));
        self.opened(Mode::Capture);
        self.run.expect_initial(None);
        Ok(())
    }

    /// Opens a live engine, after a scan of the system's threads and fds.
    pub fn open_live(&mut self, engine: Box<dyn Engine>) -> Result<()> {
        self.reset();
        self.scan_system()?;
        self.engine = Some(engine);
        self.opened(Mode::Live);
        self.state.orient_sockets();
        self.apply_selection();
        Ok(())
    }

    /// Captures the running system by the modern BPF probe, with the settings of [`Inspector::set`]. No event comes before
    /// [`Inspector::start`]. What was open is closed first.
    pub fn open_modern_bpf(&mut self, options: &BpfOptions) -> Result<()> {
        self.close();
        self.logging_libbpf(|inspector| inspector.open_driver(BpfEngine::open(options)?))
    }

    /// Captures the running system by the kernel module, with the settings of [`Inspector::set`]. No event comes before
    /// [`Inspector::start`]. What was open is closed first.
    pub fn open_kmod(&mut self, options: &KmodOptions) -> Result<()> {
        self.close();
        self.open_driver(KmodEngine::open(options, &self.names)?)
    }

    /// Captures by a driver, with the settings of [`Inspector::set`].
    fn open_driver(&mut self, mut engine: impl Engine + 'static) -> Result<()> {
        for setting in &self.settings {
            engine.set(*setting)?;
        }
        self.open_live(Box::new(engine))?;
        self.unstarted = true;
        Ok(())
    }

    /// Runs `body`, and logs libbpf's messages of this time.
    pub fn logging_libbpf<T>(&mut self, body: impl FnOnce(&mut Inspector) -> T) -> T {
        let levels =
            [(Level::Debug, Severity::DEBUG), (Level::Info, Severity::INFO), (Level::Warning, Severity::WARNING)];
        let wanted = levels.iter().find(|(_, severity)| logger().has_reader(*severity));
        let Some((least, _)) = wanted else { return body(self) };
        let (result, messages) = bpf::logged(*least, || body(self));
        for message in messages {
            let severity = levels.iter().find(|(level, _)| *level == message.level).map_or(Severity::DEBUG, |l| l.1);
            self.state.messages.add(severity, format_args!("{}", message.text));
        }
        result
    }

    /// Sets how the live engine that is open captures, and those that are opened later. An engine that does not support the setting
    /// returns an error, and nothing is kept.
    pub fn set(&mut self, setting: Setting) -> Result<()> {
        if let Some(engine) = self.engine() {
            engine.set(setting)?;
        }
        self.settings.retain(|known| std::mem::discriminant(known) != std::mem::discriminant(&setting));
        self.settings.push(setting);
        Ok(())
    }

    /// Opens any engine: with a scan of the system if it is live, else with an empty state.
    pub fn open_engine(&mut self, engine: Box<dyn Engine>) -> Result<()> {
        if engine.is_live() {
            return self.open_live(engine);
        }
        self.reset();
        self.engine = Some(engine);
        self.opened(Mode::Capture);
        self.run.expect_initial(None);
        self.next().map(drop)
    }

    /// Scans the running system, without events.
    pub fn open_nodriver(&mut self) -> Result<()> {
        self.reset();
        self.scan_system()?;
        self.engine = Some(Box::new(NoDriver::new()?));
        self.opened(Mode::NoDriver);
        self.state.orient_sockets();
        Ok(())
    }

    /// Opens an engine of made-up events, in a system that `describe` reports to the sink.
    pub fn open_test(
        &mut self,
        engine: Box<dyn Engine>,
        describe: impl FnOnce(&mut dyn SystemSink) -> scap_sys::Result<()>,
    ) -> Result<()> {
        self.reset();
        self.state.begin_scan();
        let described = describe(&mut self.state);
        self.state.end_scan();
        described?;
        self.engine = Some(engine);
        self.opened(Mode::Test);
        self.state.orient_sockets();
        Ok(())
    }

    /// Opens an engine of a plugin's events, with this much of the running system.
    pub fn open_source(&mut self, engine: Box<dyn Engine>, platform: SourcePlatform) -> Result<()> {
        self.reset();
        match platform {
            SourcePlatform::Generic => self.state.machine = MachineInfo::default(),
            SourcePlatform::Machine => self.state.machine = machine_info(&self.scan)?,
            SourcePlatform::Full => return self.open_live(engine),
        }
        self.engine = Some(engine);
        self.opened(Mode::Plugin);
        Ok(())
    }

    /// Ends the capture of an engine that calls the program, and hands the engine over. Its caller drops it while nothing of the inspector is
    /// borrowed, as the program is called then too. Other captures stay open.
    pub fn take_calling_engine(&mut self) -> Option<Box<dyn Engine>> {
        let engine = self.engine.take_if(|engine| engine.calls_out())?;
        self.close();
        Some(engine)
    }

    fn opened(&mut self, mode: Mode) {
        self.mode = mode;
        self.calls_out = self.engine.as_ref().is_some_and(|engine| engine.calls_out());
        self.view.replay = mode == Mode::Capture;
        self.injector.set_open(true);
        self.statistics.open(self.engine.as_ref().and_then(|engine| engine.stats_reader()));
        if let Some(engine) = &self.engine {
            let (engine, threads) = (engine.name(), self.state.threads.len());
            self.state.messages.add(Severity::INFO, format_args!("opened {engine}, {threads} threads are known"));
        }
    }

    fn reset(&mut self) {
        self.close();
        self.state.users.clear();
        self.state.users.set_lookup(None);
        self.state.users.set_service(None);
        self.state.now = 0;
        self.num = 0;
        self.view.first_ts = 0;
        self.purge_clock = PurgeClock::default();
    }

    fn scan_system(&mut self) -> Result<()> {
        let mut scanner = Scanner::new(&self.scan)?;
        self.self_pid = match scanner.own_pid() {
            // In another pid namespace than that of the /proc mount, the program is not found there.
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
        // The name service is that of this machine, not of one below another root.
        let service = NameService::default();
        self.state.users.set_service(self.scan.host_root.as_os_str().is_empty().then(|| service.clone()));
        self.state.see_users();
        service.wait(PATIENCE);
        self.state.users.take_answers();
        Ok(())
    }

    /// Fetches the next event if it is part of the initial state, and returns `true`. Otherwise keeps it for later and
    /// orients the sockets.
    pub(super) fn next_initial(&mut self) -> bool {
        if let Some(engine) = &mut self.engine {
            let answer = engine.next();
            if matches!(answer, Ok(Status::Event)) && is_initial_state(engine.event().ty()) {
                return true;
            }
            // An error is kept as well, and returned after the initial state.
            self.pending = Some(answer).filter(|answer| !matches!(answer, Ok(Status::Timeout)));
        }
        self.state.orient_sockets();
        false
    }

    /// Starts a new capture within the same input, with a state of its own.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.state.clear();
        self.current = Current::default();
        self.state.begin_scan();
        let restarted = match &mut self.engine {
            Some(engine) => engine.restart(&mut self.state),
            None => Ok(()),
        };
        self.state.end_scan();
        restarted?;
        self.run.expect_initial(Some(self.num));
        Ok(())
    }

    /// The time of the last event, in nanoseconds since the Unix epoch; before the first, the present time.
    pub fn present(&self) -> u64 {
        Some(self.state.now).filter(|ts| *ts != 0).unwrap_or_else(now)
    }

    /// Events that report all users and groups, for the start of a new capture file. Their time is that of the last event; before the first
    /// event, the present time.
    pub fn account_events(&self) -> Vec<EventBuf> {
        let ts = self.present();
        let mut events = Vec::new();
        self.state.users.announce_all(&mut |bytes| {
            events.extend(EventBuf::new(&bytes).map(|mut event| {
                event.set_ts(ts);
                event
            }));
        });
        events
    }

    /// Enables event capture.
    pub fn start(&mut self) -> Result<()> {
        self.unstarted = false;
        self.logging_libbpf(|inspector| Ok(inspector.engine_mut()?.start()?))
    }

    /// Disables event capture.
    pub fn stop(&mut self) -> Result<()> {
        Ok(self.engine_mut()?.stop()?)
    }

    /// Closes the engine and removes all threads.
    pub fn close(&mut self) {
        self.injector.set_open(false);
        self.statistics.close();
        self.engine = None;
        self.forget_applied_selection();
        self.unstarted = false;
        self.mode = Mode::Closed;
        self.pending = None;
        self.injected = None;
        self.info = None;
        self.current = Current::default();
        self.run.reset();
        self.state.clear();
        self.state.set_source(None);
    }

    pub(super) fn engine_mut(&mut self) -> Result<&mut dyn Engine> {
        match &mut self.engine {
            Some(engine) => Ok(&mut **engine),
            None if self.mode != Mode::Closed => {
                Err(Error::Invalid("the engine of the inspector is delivering an event".into()))
            }
            None => Err(Error::Invalid("the inspector is not open for events".into())),
        }
    }
}

/// How long an open waits for the name service to name the users of the running processes.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether an event at the start of a capture is part of the initial state.
pub fn is_initial_state(ty: EventType) -> bool {
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

/// Reads the host's passwd and group files for each unknown id.
struct HostUsers(ScanOptions);

impl UserLookup for HostUsers {
    fn user(&mut self, uid: u32) -> Option<UserInfo> {
        scap_sys::linux::users(&self.0).ok()?.users.into_iter().find(|u| u.uid == uid)
    }

    fn group(&mut self, gid: u32) -> Option<GroupInfo> {
        scap_sys::linux::users(&self.0).ok()?.groups.into_iter().find(|g| g.gid == gid)
    }

    fn of_process(&mut self, pid: i64) -> scap_sys::UserList {
        scap_sys::linux::users_of_process(&self.0, pid).ok().flatten().unwrap_or_default()
    }
}

impl ThreadSource for Scanner {
    fn scan_thread(&mut self, tid: i64, sink: &mut dyn SystemSink) -> bool {
        self.thread(tid, true, sink).is_ok()
    }

    fn scan_fd(&mut self, pid: i64, fd: i64, sink: &mut dyn SystemSink) {
        // The fd may have been closed in the meantime.
        let _ = self.fd(pid, fd, sink);
    }

    fn device_of_mount(&mut self, pid: i64, mount_id: u32) -> u32 {
        Scanner::device_of_mount(self, pid, mount_id)
    }

    fn environment(&mut self, pid: i64) -> Option<Vec<u8>> {
        Scanner::environment(self, pid)
    }

    fn is_alive(&mut self, pid: i64, tid: i64, comm: Option<&[u8]>) -> bool {
        Scanner::is_alive(self, pid, tid, comm)
    }
}
