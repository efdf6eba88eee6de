//! The way of an event through the inspector as a machine: it goes on until a function of the program has to be called, says which,
//! and goes on from there when asked again. While the program's function runs, nothing of the inspector is borrowed.
//!
//! The order is one that programs depend on:
//!
//! 1. the event is fetched, and merged with those from outside by time;
//! 2. threads that exited with the last event leave the table, those that are gone too if it is time, and files that were closed
//!    ([`Notice::EraseFd`] for the files of a process that goes, while they can be looked at);
//! 3. the event's thread and file are found ([`Notice::Error`] if the call failed);
//! 4. the filter, for events that do not change the state;
//! 5. the event is parsed. The notices of this are told right after it, not in the middle (but for a file whose number dup2 takes,
//!    which is told of before): an observer sees the state after the event, with the closed file still in it;
//! 6. the program's parsers, also for events that are kept back; then the notices that were to wait for them;
//! 7. the filter, for events that change the state;
//! 8. the program's processor;
//! 9. times are noted, and what was kept for the event is freed.

use super::injected::now;
use super::{Inspector, Mode, Next};
use crate::parsers::{Notice, Parser, entry};
use crate::state::State;
use crate::{Error, Result};
use driver::{EventFlags, EventType};
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::{Event, EventBuf};

/// The flag of an event in a capture file that only builds up state (`SCAP_DF_STATE_ONLY`).
const STATE_ONLY: u32 = 1;

/// What has to be done before the inspector can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The engine is to be asked for an event with [`Inspector::lend_engine`] and [`Inspector::return_engine`]: it calls functions of the
    /// program.
    Fetch,
    /// The observer is to be told.
    Observe(Notice),
    /// The filter is to be asked about the current event; [`Inspector::set_passes`] takes the answer.
    Filter,
    /// The program's parsers are to see the current event.
    Parse,
    /// The processor is to see the current event, or that there is none.
    Process(Outcome),
    /// Nothing: this is what the call of `next()` brought.
    Done(Next),
}

/// What a processor is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An event: the current one.
    Event,
    /// The engine or the inspector keeps an event back, which is not shown.
    Filtered,
    /// Nothing happened within the time-out.
    Timeout,
    /// The input is at its end.
    Eof,
}

/// Which steps are to be stopped at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wants {
    /// [`Step::Observe`].
    pub observer: bool,
    /// [`Step::Filter`].
    pub filter: bool,
    /// [`Step::Parse`].
    pub parser: bool,
    /// [`Step::Process`].
    pub processor: bool,
}

/// Where the machine is: what comes next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Idle,
    Fetch,
    Lent,
    Exit,
    Purge,
    Leaving,
    Closed,
    Reset,
    EarlyFilter,
    EarlyAnswer,
    Announce,
    Announced,
    Parse,
    Told,
    Parsers,
    Posted,
    LateFilter,
    LateAnswer,
    Process,
    Leave,
    Ended(Next),
}

/// What the machine remembers between two steps.
#[derive(Debug, Default)]
pub(super) struct Run {
    at: At,
    wants: Wants,
    /// The events are those at the start of a capture, after which the number of the last event is this, or goes on.
    initial: Option<Option<u64>>,
    /// How many of the notices were told.
    told: usize,
    /// Threads that are to leave the table, last first.
    leaving: Vec<i64>,
    /// Whether those that left were looked for.
    purging: bool,
    /// The event was made by the inspector's own process, and is not to be seen.
    own: bool,
    keep_back: bool,
    /// What the filter said.
    passes: bool,
}

impl Run {
    /// The next events are those at the start of a capture; `num` is the number of the last event after it.
    pub fn expect_initial(&mut self, num: Option<u64>) {
        self.initial = Some(num);
        self.at = At::Idle;
    }

    /// The next notice that was not told, or where to go on.
    #[inline]
    fn next_notice(&mut self, notices: &[Notice], then: At) -> Option<Step> {
        match notices.get(self.told) {
            Some(&notice) => {
                self.told += 1;
                Some(Step::Observe(notice))
            }
            None => {
                self.told = 0;
                self.at = then;
                None
            }
        }
    }
}

impl Inspector {
    /// Starts a call of `next()`, which stops at the steps that `wants` names. One that was not brought to its end is ended first.
    #[inline]
    pub fn begin(&mut self, wants: Wants) {
        if self.run.at != At::Idle {
            self.finish();
        }
        self.run.wants = wants;
    }

    /// Goes on to the next step. After an error the event is done with.
    #[inline]
    pub fn step(&mut self) -> Result<Step> {
        let step = self.advance();
        if step.is_err() {
            self.run.at = At::Idle;
        }
        step
    }

    /// Ends the event without any more steps: what is the inspector's own to do is done. For when the program's function fails.
    #[cold]
    pub fn finish(&mut self) {
        self.run.wants = Wants::default();
        self.current.notices.wanted = false;
        while self.run.at != At::Idle && !matches!(self.run.at, At::Fetch | At::Lent) {
            match self.step() {
                Ok(Step::Done(_)) | Err(_) => break,
                Ok(_) => {}
            }
        }
        self.run.at = At::Idle;
    }

    /// What the filter says of the current event at [`Step::Filter`].
    #[inline]
    pub fn set_passes(&mut self, passes: bool) {
        self.run.passes = passes;
    }

    /// Hands the engine out at [`Step::Fetch`].
    pub fn lend_engine(&mut self) -> Option<Box<dyn Engine>> {
        self.engine.take_if(|_| self.run.at == At::Lent)
    }

    /// Takes the engine back, with what it answered.
    pub fn return_engine(&mut self, engine: Box<dyn Engine>, answer: scap_sys::Result<Status>) {
        if self.run.at == At::Lent {
            self.engine = Some(engine);
            self.pending = Some(answer);
        }
    }

    fn advance(&mut self) -> Result<Step> {
        loop {
            let step = match self.run.at {
                At::Idle | At::Fetch | At::Lent => self.fetch()?,
                At::Exit | At::Purge | At::Leaving | At::Closed => self.clear_away(),
                At::Ended(next) => Some(self.done(next)),
                _ => self.handle()?,
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    fn done(&mut self, next: Next) -> Step {
        self.run.at = At::Idle;
        Step::Done(next)
    }

    /// Without an event: tells the processor, then the caller.
    fn end(&mut self, outcome: Outcome) -> Option<Step> {
        let next = match outcome {
            Outcome::Event => Next::Event,
            Outcome::Filtered => Next::Filtered,
            Outcome::Timeout => Next::Timeout,
            Outcome::Eof => Next::Eof,
        };
        self.run.at = At::Ended(next);
        self.run.wants.processor.then_some(Step::Process(outcome))
    }

    #[inline]
    fn fetch(&mut self) -> Result<Option<Step>> {
        if self.run.at == At::Idle {
            self.info = None;
            self.injected = None;
            self.run.at = At::Fetch;
        }
        if let Some(num) = self.run.initial {
            if self.next_initial() {
                return Ok(self.arrive());
            }
            self.run.initial = None;
            self.num = num.unwrap_or(self.num);
            return Ok(Some(self.done(Next::Timeout)));
        }
        let answer = match self.pending.take() {
            Some(answer) => answer,
            None => {
                let engine = self.engine_mut()?;
                if engine.calls_out() {
                    self.run.at = At::Lent;
                    return Ok(Some(Step::Fetch));
                }
                engine.next()
            }
        };
        let status = answer?;
        if !self.injector.is_empty() && self.merge(status) {
            return Ok(self.arrive());
        }
        match status {
            Status::Event => Ok(self.arrive()),
            Status::Filtered => Ok(self.end(Outcome::Filtered)),
            Status::Timeout => Ok(self.end(Outcome::Timeout)),
            Status::Eof => Ok(self.end(Outcome::Eof)),
            Status::Restart => {
                self.restart()?;
                Ok(None)
            }
        }
    }

    /// Whether an event from outside comes before what the engine brought, which then waits.
    #[cold]
    fn merge(&mut self, status: Status) -> bool {
        let last = if self.state.now == 0 { now() } else { self.state.now };
        let until = match (status, &self.engine) {
            (Status::Event, Some(engine)) => engine.event().ts(),
            (Status::Timeout, _) => last,
            _ => return false,
        };
        self.injected = self.injector.take(until, last);
        if self.injected.is_some() && status == Status::Event {
            self.pending = Some(Ok(status));
        }
        self.injected.is_some()
    }

    /// An event is there.
    #[inline]
    fn arrive(&mut self) -> Option<Step> {
        let Some(event) = event_of(&self.engine, &self.injected) else { return self.end(Outcome::Eof) };
        let Some(info) = event.info() else {
            // A newer version made it.
            return self.end(Outcome::Filtered);
        };
        if self.state.suppressed.keeps_back(event) {
            return self.end(Outcome::Filtered);
        }
        self.state.now = event.ts();
        if self.view.first_ts == 0 && !info.category.from_source(driver::Category::METAEVENT) {
            self.view.first_ts = event.ts();
        }
        let by_self = self.mode == Mode::Live && self.self_pid != 0 && event.tid() == self.self_pid;
        self.run.own = by_self && !self.debug && !is_internal(event.ty());
        self.run.keep_back = self.run.own;
        self.num += 1;
        self.info = Some(info);
        self.current.notices.begin(self.run.wants.observer);
        self.run.at = At::Exit;
        None
    }

    /// Lets go what the last event ended, and what is gone.
    #[inline]
    fn clear_away(&mut self) -> Option<Step> {
        loop {
            match self.run.at {
                At::Exit => {
                    self.run.at = At::Purge;
                    if let Some(tid) = self.current.exited.take_if(|_| self.purge.enabled) {
                        self.state.record_exit(tid);
                        self.run.leaving.push(tid);
                        self.run.at = At::Leaving;
                        self.tell_files_of_leaving();
                    }
                }
                At::Purge => {
                    self.run.at = At::Closed;
                    if self.mode == Mode::Live
                        && self.purge.enabled
                        && self.purge_clock.is_due(self.state.now, self.purge.interval)
                    {
                        self.run.leaving = self.state.gone(self.purge.timeout);
                        self.run.purging = true;
                        self.run.at = At::Leaving;
                        self.tell_files_of_leaving();
                    }
                }
                At::Leaving => {
                    if let Some(step) = self.run.next_notice(&self.current.notices.told, At::Leaving) {
                        return Some(step);
                    }
                    self.current.notices.told.clear();
                    if let Some(tid) = self.run.leaving.pop() {
                        self.state.remove_thread(tid);
                    }
                    if !self.run.leaving.is_empty() {
                        self.tell_files_of_leaving();
                    } else if std::mem::take(&mut self.run.purging) {
                        self.state.clean_families();
                        self.run.at = At::Closed;
                    } else {
                        self.run.at = At::Purge;
                    }
                }
                _ => {
                    if let Some((tid, fd)) = self.current.closed.take()
                        && let Some(id) = self.state.threads.id_of(tid)
                        && let Some(fds) = self.state.threads.fds_mut(id)
                    {
                        fds.remove(fd);
                    }
                    self.run.at = At::Reset;
                    return None;
                }
            }
        }
    }

    /// Notes the files of the process that ends with the thread that leaves next.
    fn tell_files_of_leaving(&mut self) {
        if let Some(&tid) = self.run.leaving.last().filter(|_| self.run.wants.observer) {
            tell_files(&self.state, tid, &mut self.current.notices.told);
        }
    }

    /// The event itself, from finding its thread to the end.
    #[inline]
    fn handle(&mut self) -> Result<Option<Step>> {
        let (Some(event), Some(info)) = (event_of(&self.engine, &self.injected), self.info) else {
            // A function of the program has closed the inspector.
            return Err(Error::Invalid("the inspector was closed while an event went through it".into()));
        };
        let run = &mut self.run;
        let mut parser = Parser::new(&mut self.state, &mut self.current, event, info);
        parser.track_connections = self.track_connections;
        parser.is_live = self.mode == Mode::Live;
        let modifies = info.flags.has(EventFlags::MODIFIES_STATE);
        loop {
            match run.at {
                At::Reset => {
                    parser.prepare();
                    run.at = At::EarlyFilter;
                    if run.wants.observer && parser.failed_on_file() {
                        return Ok(Some(Step::Observe(Notice::Error)));
                    }
                }
                At::EarlyFilter => {
                    run.at = At::Announce;
                    if run.wants.filter && !modifies && !run.own {
                        run.at = At::EarlyAnswer;
                        return Ok(Some(Step::Filter));
                    }
                }
                At::EarlyAnswer => {
                    if !run.passes {
                        run.keep_back = true;
                        parser.forget_last_event();
                    }
                    run.at = At::Announce;
                }
                At::Announce => {
                    run.at = At::Parse;
                    if run.wants.observer && !run.keep_back {
                        parser.announce();
                        run.at = At::Announced;
                    }
                }
                At::Announced => {
                    if let Some(step) = run.next_notice(&parser.current.notices.told, At::Parse) {
                        return Ok(Some(step));
                    }
                    parser.current.notices.told.clear();
                }
                At::Parse => {
                    if !run.keep_back {
                        parser.parse()?;
                    }
                    parser.finish();
                    run.at = if run.wants.observer { At::Told } else { At::Parsers };
                }
                At::Told => {
                    if let Some(step) = run.next_notice(&parser.current.notices.told, At::Parsers) {
                        return Ok(Some(step));
                    }
                }
                At::Parsers => {
                    run.at = if run.wants.observer { At::Posted } else { At::LateFilter };
                    if run.wants.parser {
                        return Ok(Some(Step::Parse));
                    }
                }
                At::Posted => {
                    if let Some(step) = run.next_notice(&parser.current.notices.posted, At::LateFilter) {
                        return Ok(Some(step));
                    }
                }
                At::LateFilter => {
                    run.at = At::Process;
                    if run.own || is_enter_for_the_parser(event.ty()) {
                        run.keep_back = true;
                    } else if run.wants.filter && modifies {
                        run.at = At::LateAnswer;
                        return Ok(Some(Step::Filter));
                    }
                }
                At::LateAnswer => {
                    run.keep_back = !run.passes;
                    run.at = At::Process;
                }
                At::Process => {
                    if self.mode == Mode::Capture && event.flags() & STATE_ONLY != 0 {
                        run.keep_back = true;
                    }
                    run.at = At::Leave;
                    if run.wants.processor && !run.keep_back {
                        return Ok(Some(Step::Process(Outcome::Event)));
                    }
                }
                _ => {
                    parser.leave();
                    run.at = At::Idle;
                    let next = if run.keep_back { Next::Filtered } else { Next::Event };
                    // Nobody waits for the events at the start.
                    return Ok(if run.initial.is_some() { None } else { Some(Step::Done(next)) });
                }
            }
        }
    }
}

/// The current event: one from outside, or the engine's.
#[inline]
pub(super) fn event_of<'a>(engine: &'a Option<Box<dyn Engine>>, injected: &'a Option<EventBuf>) -> Option<Event<'a>> {
    match injected {
        Some(injected) => Some(injected.event()),
        None => Some(engine.as_ref()?.event()),
    }
}

/// Notes the files that go if the thread `tid` is removed: those of its process, if no other thread of it lives.
fn tell_files(state: &State, tid: i64, notices: &mut Vec<Notice>) {
    let Some(t) = state.threads.get(tid).filter(|t| !t.is_invalid() && t.group.is_some()) else { return };
    if state.threads.thread_count(t) > u64::from(!t.is_dead()) {
        return;
    }
    let Some(main) = state.threads.main_thread(t) else { return };
    let tid = main.tid.get();
    notices.extend(main.own_fds.iter().map(|fd| Notice::EraseFd { tid, fd: fd.fd.get(), removes: false }));
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
