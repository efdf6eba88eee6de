//! The processing of an event as a state machine. It returns when a function of the program has to be called, and continues
//! with the next call. During the program's function, nothing of the inspector is borrowed.
//!
//! Programs depend on this order:
//!
//! 1. The event is fetched, and merged with asynchronous events by time.
//! 2. The thread that exited with the last event is removed, and, if a purge is due, threads that are gone
//!    ([`Notice::EraseFd`] for each fd of a process, before it is removed). Then the fd that the last event closed is removed.
//! 3. The event's thread and fd are looked up ([`Notice::Error`] if the call failed).
//! 4. The filter, for events that do not change the state.
//! 5. The event is parsed. Its notices are delivered afterwards, so that an observer sees the new state, with a closed fd still in it.
//!    Only the notice that dup2 replaces an fd comes before.
//! 6. The program's parsers, also for rejected events; then the notices that have to wait for them.
//! 7. The filter, for events that change the state.
//! 8. The program's event processor.
//! 9. The thread's times are updated, and the data that was kept for the event is freed.

use super::injected::now;
use super::run::{At, Outcome, Step, Wants};
use super::{Inspector, Mode, Next};
use crate::Error;
use crate::logger::Severity;
use crate::parsers::{Notice, Parser, entry};
use driver::{EventFlags, EventType};
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::{Event, EventBuf};

/// The flag of an event in a capture file that only builds up state (`SCAP_DF_STATE_ONLY`).
pub(super) const STATE_ONLY: u32 = 1;
/// The flag of an event whose lengths of parameters have four bytes (`SCAP_DF_LARGE`).
pub(super) const LARGE: u32 = 4;

impl Inspector {
    /// Starts a call of `next()` that stops at the steps in `wants`. If the previous call is not finished, it is finished
    /// first.
    #[inline]
    pub fn begin(&mut self, wants: Wants) {
        if self.run.at != At::Idle {
            self.finish();
        }
        if self.statistics.wants_census() {
            self.census();
        }
        if self.state.users.has_answers() {
            self.state.touch();
            self.state.users.take_answers();
        }
        self.run.wants = wants;
    }

    /// Runs to the next step.
    pub fn step(&mut self) -> Step {
        self.run.rests = false;
        loop {
            if self.run.at <= At::Lent
                && let Some(step) = self.fetch()
            {
                return step;
            }
            if self.run.at == At::Ended {
                self.run.at = At::Idle;
                return Step::Done(self.run.ended);
            }
            let step = match self.run.at {
                // The same call with a constant, so that the compiler can omit the stops.
                At::Arrived if self.run.wants.is_nothing() => self.handle(At::Arrived, Wants::NOTHING),
                at if at >= At::Arrived => self.handle_wanted(),
                _ => None,
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// The notice to deliver at [`Step::Observe`].
    pub fn notice(&self) -> Option<Notice> {
        self.run.notice
    }

    /// The error of `next()`, after [`Step::Failed`].
    #[cold]
    pub fn take_failure(&mut self) -> Error {
        self.run.failure.take().unwrap_or_else(closed)
    }

    /// Finishes the event without stops; used when a function of the program failed.
    #[cold]
    pub fn finish(&mut self) {
        self.run.wants = Wants::default();
        self.run.shown = 0;
        self.current.notices.end();
        while self.run.at != At::Idle && !matches!(self.run.at, At::Fetch | At::Lent) {
            if matches!(self.step(), Step::Done(_) | Step::Failed) {
                break;
            }
        }
        self.run.at = At::Idle;
    }

    /// Sets the filter's result at [`Step::Filter`].
    #[inline]
    pub fn set_passes(&mut self, passes: bool) {
        self.run.passes = passes;
    }

    /// Hands out the engine at [`Step::Fetch`].
    pub fn lend_engine(&mut self) -> Option<Box<dyn Engine>> {
        self.engine.take_if(|_| self.run.at == At::Lent)
    }

    /// Takes the engine back, with the result of its `next()`.
    pub fn return_engine(&mut self, engine: Box<dyn Engine>, answer: scap_sys::Result<Status>) {
        if self.run.at == At::Lent {
            self.engine = Some(engine);
            self.pending = Some(answer);
        }
    }

    #[inline(always)]
    fn fetch(&mut self) -> Option<Step> {
        if self.run.at == At::Idle {
            self.info = None;
            self.injected = None;
            self.run.at = At::Fetch;
        }
        if self.run.initial.is_some() {
            return self.fetch_initial();
        }
        let undisturbed = !self.calls_out && self.pending.is_none() && self.injector.is_empty();
        if undisturbed && self.engine.as_mut().is_some_and(|engine| engine.next_ready()) {
            self.run.at = At::Arrived;
            return None;
        }
        self.fetch_next()
    }

    /// Takes the next event or what the engine has in its place.
    #[inline(never)]
    fn fetch_next(&mut self) -> Option<Step> {
        let answer = match self.pending.take() {
            Some(answer) => answer,
            None => {
                let calls_out = self.calls_out;
                let found = self.engine_mut().map(|engine| match calls_out {
                    true => engine.next_at_hand().map(|_| Ok(Status::Event)),
                    false => Some(engine.next()),
                });
                match found {
                    Ok(Some(answer)) => answer,
                    Ok(None) => {
                        self.run.at = At::Lent;
                        return Some(Step::Fetch);
                    }
                    Err(e) => return self.run.fail(e),
                }
            }
        };
        let status = match answer {
            Ok(status) => status,
            Err(e) => return self.run.fail(e.into()),
        };
        if (!self.injector.is_empty() && self.merge(status)) || status == Status::Event {
            // Either the engine's event or an asynchronous one.
            self.run.at = At::Arrived;
            return None;
        }
        self.no_event(status)
    }

    #[cold]
    fn fetch_initial(&mut self) -> Option<Step> {
        if self.next_initial() {
            self.run.at = At::Arrived;
            return None;
        }
        if let Some(Some(num)) = self.run.initial.take() {
            self.num = num;
        }
        self.run.at = At::Idle;
        Some(Step::Done(Next::Timeout))
    }

    #[cold]
    fn no_event(&mut self, status: Status) -> Option<Step> {
        if self.unstarted && status == Status::Timeout {
            self.unstarted = false;
            let message = format_args!("no events come from the capture: it was not started (start_capture)");
            self.state.messages.add(Severity::WARNING, message);
        }
        match status {
            Status::Event | Status::Filtered => self.run.end(Outcome::Filtered),
            Status::Timeout => self.run.end(Outcome::Timeout),
            Status::Eof => self.run.end(Outcome::Eof),
            Status::Restart => match self.restart() {
                Ok(()) => None,
                Err(e) => self.run.fail(e),
            },
        }
    }

    /// Whether an asynchronous event comes first. The engine's event then waits in `pending`.
    #[cold]
    fn merge(&mut self, status: Status) -> bool {
        // Before the first event, an event without a time has that of the engine's: times do not go back.
        let last = |first| if self.state.now == 0 { first } else { self.state.now };
        let (until, last) = match (status, &self.engine) {
            (Status::Event, Some(engine)) => (engine.event().ts(), last(engine.event().ts())),
            (Status::Timeout, _) => {
                let last = last(now());
                (last, last)
            }
            _ => return false,
        };
        self.injected = self.injector.take(until, last);
        if self.injected.is_some() && status == Status::Event {
            self.pending = Some(Ok(status));
        }
        self.injected.is_some()
    }

    #[inline(never)]
    fn handle_wanted(&mut self) -> Option<Step> {
        self.handle(self.run.at, self.run.wants)
    }

    /// Processes the event from position `at` to the next stop in `wants`.
    #[inline(always)]
    fn handle(&mut self, mut at: At, wants: Wants) -> Option<Step> {
        let run = &mut self.run;
        let Some(event) = event_of(&self.engine, &self.injected) else { return run.fail(closed()) };
        // Returns a step; the machine continues at `$at`.
        macro_rules! stop {
            ($at:expr, $step:expr) => {{
                run.at = $at;
                return Some($step);
            }};
        }
        if at == At::Arrived {
            let Some(info) = event.info() else {
                // The type is unknown: the capture comes from a newer version.
                return run.end(Outcome::Filtered);
            };
            if self.state.suppressed.keeps_back(event) {
                return run.end(Outcome::Filtered);
            }
            self.state.now = event.ts();
            if self.view.first_ts == 0 && !info.category.from_source(driver::Category::METAEVENT) {
                self.view.first_ts = event.ts();
            }
            let by_self = self.mode == Mode::Live && self.self_pid != 0 && event.tid() == self.self_pid;
            run.own = by_self && !self.debug && !is_internal(event.ty());
            run.keep_back = run.own;
            self.num += 1;
            self.info = Some(info);
            self.meta = event.meta();
            self.place = event.bytes().as_ptr().addr();
            self.current.notices.begin(wants.observer);
            at = At::Purge;
            if let Some(tid) = self.current.exited.take_if(|_| self.purge.enabled) {
                self.state.record_exit(tid);
                run.leaving.push(tid);
                at = At::Leaving;
            }
        }
        let Some(info) = self.info else { return run.fail(closed()) };
        while at < At::Closed {
            if at == At::Leaving {
                let purged = run.purging;
                if run.remove_leaving(&mut self.state, &mut self.current) {
                    stop!(At::Leaving, Step::Observe);
                }
                at = if purged { At::Closed } else { At::Purge };
            } else if self.mode == Mode::Live
                && self.purge.enabled
                && self.purge_clock.is_due(self.state.now, self.purge.interval)
            {
                run.leaving = self.state.exited_threads(self.purge.timeout, self.selecting.sign_of_end());
                run.purging = true;
                at = At::Leaving;
            } else {
                at = At::Closed;
            }
        }
        if at == At::Closed {
            if let Some((tid, fd)) = self.current.closed.take()
                && let Some(id) = self.state.threads.id_of(tid)
            {
                self.state.remove_fd(id, fd);
            }
            at = At::Reset;
        }
        let mut parser = Parser::new(&mut self.state, &mut self.current, event, info);
        parser.track_connections = self.track_connections;
        parser.is_live = self.mode == Mode::Live;
        let modifies = info.flags.has(EventFlags::MODIFIES_STATE);
        if at == At::Reset {
            parser.prepare();
            if wants.observer && parser.failed_on_file() {
                run.notice = Some(Notice::Error);
                stop!(At::EarlyFilter, Step::Observe);
            }
        }
        if at <= At::EarlyFilter && wants.filter && !modifies && !run.own {
            stop!(At::EarlyAnswer, Step::Filter);
        }
        if at == At::EarlyAnswer && !run.passes {
            run.keep_back = true;
            parser.forget_last_event();
        }
        if at <= At::Announced && wants.observer {
            if at <= At::Announce && !run.keep_back {
                parser.announce();
            }
            if run.next_notice(&parser.current.notices.list) {
                stop!(At::Announced, Step::Observe);
            }
            parser.current.notices.list.clear();
        }
        if at <= At::Parse {
            if !run.keep_back
                && let Err(e) = parser.parse()
            {
                return run.fail(e);
            }
            parser.finish();
        }
        if at <= At::Noticed && wants.observer && run.next_notice(&parser.current.notices.list) {
            stop!(At::Noticed, Step::Observe);
        }
        let parses = wants.parser && self.parsed.contains(info.ty.0);
        if at <= At::Parsers && parses {
            stop!(At::Posted, Step::Parse);
        }
        if at <= At::Posted && parses {
            parser.after_plugins();
        }
        if at <= At::Posted && wants.observer && run.next_notice(&parser.current.notices.posted) {
            stop!(At::Posted, Step::Observe);
        }
        if at <= At::LateFilter {
            if run.own || is_enter_for_the_parser(info.ty) {
                run.keep_back = true;
            } else if wants.filter && modifies {
                stop!(At::LateAnswer, Step::Filter);
            }
        }
        if at == At::LateAnswer {
            run.keep_back = !run.passes;
        }
        if at <= At::Process {
            if self.mode == Mode::Capture && event.flags() & STATE_ONLY != 0 {
                run.keep_back = true;
            }
            if wants.processor && !run.keep_back {
                stop!(At::Leave, Step::Process(Outcome::Event));
            }
        }
        parser.leave();
        let shown = !run.keep_back || self.internal_events && info.category.0 & driver::Category::INTERNAL.0 != 0;
        let next = if shown { Next::Event } else { Next::Filtered };
        run.at = At::Idle;
        // Events of the initial state are not returned to the caller.
        if run.initial.is_some() { None } else { Some(Step::Done(next)) }
    }
}

/// The error if a function of the program closed the inspector.
#[cold]
fn closed() -> Error {
    Error::Invalid("the inspector was closed while an event went through it".into())
}

/// The current event: the asynchronous one, if there is one, else the engine's.
#[inline(always)]
pub(super) fn event_of<'a>(engine: &'a Option<Box<dyn Engine>>, injected: &'a Option<EventBuf>) -> Option<Event<'a>> {
    match injected {
        Some(injected) => Some(injected.event()),
        None => Some(engine.as_ref()?.event()),
    }
}

#[inline(always)]
pub(super) fn bytes_of<'a>(engine: &'a Option<Box<dyn Engine>>, injected: &'a Option<EventBuf>) -> Option<&'a [u8]> {
    match injected {
        Some(injected) => Some(injected.event().bytes()),
        None => Some(engine.as_ref()?.bytes()),
    }
}

/// Whether the event describes the capture or the system and not the process that triggered it.
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

/// Whether it is an enter event that exists only for the parser of its exit event.
fn is_enter_for_the_parser(ty: EventType) -> bool {
    entry::KEPT.contains(&ty) || matches!(ty, EventType::SYSCALL_EXECVE_19_E | EventType::SYSCALL_EXECVEAT_E)
}
