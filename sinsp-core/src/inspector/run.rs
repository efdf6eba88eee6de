//! The data that the step machine keeps between two steps.

use super::Next;
use crate::Error;
use crate::parsers::{Current, Notice};
use crate::state::State;

/// What the caller of [`step`](super::Inspector::step) has to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Fetch an event from the engine, which calls functions of the program: take it with
    /// [`lend_engine`](super::Inspector::lend_engine), call it, give it back with
    /// [`return_engine`](super::Inspector::return_engine).
    Fetch,
    /// Pass [`notice`](super::Inspector::notice) to the observer.
    Observe,
    /// Run the filter on the current event; pass the result to [`set_passes`](super::Inspector::set_passes).
    Filter,
    /// Run the program's parsers on the current event.
    Parse,
    /// Call the event processor.
    Process(Outcome),
    /// Return this from `next()`.
    Done(Next),
    /// Return the error of [`take_failure`](super::Inspector::take_failure) from `next()`. The event is finished.
    Failed,
}

/// Must fit into a register: through memory it cost a tenth of the time per event.
const _: () = assert!(size_of::<Step>() <= 2);

/// The argument of the event processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The current event.
    Event,
    /// An event that the engine or the inspector rejected; it is not shown.
    Filtered,
    /// No event within the timeout.
    Timeout,
    /// The end of the input.
    Eof,
}

/// The steps at which the machine stops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wants {
    /// [`Step::Observe`].
    pub observer: bool,
    /// [`Step::Filter`].
    pub filter: bool,
    /// [`Step::Parse`], at the events that [`Inspector::set_parsed`](super::Inspector::set_parsed) chose.
    pub parser: bool,
    /// [`Step::Process`].
    pub processor: bool,
}

impl Wants {
    /// No stops.
    pub const NOTHING: Wants = Wants { observer: false, filter: false, parser: false, processor: false };

    #[inline]
    pub(super) fn is_nothing(self) -> bool {
        !(self.observer | self.filter | self.parser | self.processor)
    }
}

/// The position of the machine. From `Arrived` on, the positions are in the order of processing; `Leaving` and `Purge` may
/// repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    #[default]
    Idle,
    Fetch,
    Lent,
    /// There is no event; the processor was called.
    Ended,
    Arrived,
    Leaving,
    Purge,
    Closed,
    Reset,
    EarlyFilter,
    EarlyAnswer,
    Announce,
    Announced,
    Parse,
    Noticed,
    Parsers,
    Posted,
    LateFilter,
    LateAnswer,
    Process,
    Leave,
}

/// The data that the step machine keeps between two steps.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub at: At,
    pub wants: Wants,
    /// `Some` while the events of the initial state are read. The inner value, if any, becomes the event number afterwards.
    pub initial: Option<Option<u64>>,
    /// The present notice for the observer.
    pub notice: Option<Notice>,
    /// The number of notices of the present list that were delivered.
    pub shown: usize,
    /// The error of the call.
    pub failure: Option<Error>,
    /// The tids to remove from the table, in reverse order.
    pub leaving: Vec<i64>,
    /// Whether `leaving` comes from a purge.
    pub purging: bool,
    /// Whether the event comes from the inspector's own process and must not be delivered.
    pub own: bool,
    pub keep_back: bool,
    /// Whether the last event took the short way (`apart.rs`): what it set is as the next one leaves it, and no step has anything left to do.
    pub rests: bool,
    /// The result of the filter.
    pub passes: bool,
    /// The result of a call without an event.
    pub ended: Next,
}

impl Run {
    /// Resets all but the capacity of `leaving`.
    pub fn reset(&mut self) {
        let mut leaving = std::mem::take(&mut self.leaving);
        leaving.clear();
        *self = Run { leaving, ..Run::default() };
    }

    /// The next events are part of the initial state. `num`, if any, becomes the event number afterwards.
    pub fn expect_initial(&mut self, num: Option<u64>) {
        self.initial = Some(num);
        self.rests = false;
        self.at = At::Idle;
    }

    /// Selects the next notice; returns `false`, and starts over, after the last one.
    pub fn next_notice(&mut self, notices: &[Notice]) -> bool {
        self.notice = notices.get(self.shown).copied();
        self.shown = if self.notice.is_some() { self.shown + 1 } else { 0 };
        self.notice.is_some()
    }

    #[cold]
    pub fn fail(&mut self, error: Error) -> Option<Step> {
        self.failure = Some(error);
        self.at = At::Idle;
        Some(Step::Failed)
    }

    /// Ends a call without an event: first the processor is called, then `next()` returns.
    #[cold]
    pub fn end(&mut self, outcome: Outcome) -> Option<Step> {
        self.ended = match outcome {
            Outcome::Event => Next::Event,
            Outcome::Filtered => Next::Filtered,
            Outcome::Timeout => Next::Timeout,
            Outcome::Eof => Next::Eof,
        };
        self.at = At::Ended;
        self.wants.processor.then_some(Step::Process(outcome))
    }

    /// Removes the threads in `leaving`; before a process goes, its fds are reported. Returns whether there is a notice to
    /// deliver.
    #[cold]
    pub fn remove_leaving(&mut self, state: &mut State, current: &mut Current) -> bool {
        let list = &mut current.notices.list;
        while let Some(&tid) = self.leaving.last() {
            if self.shown == 0 && self.wants.observer {
                notice_files(state, tid, list);
            }
            if self.next_notice(list) {
                return true;
            }
            list.clear();
            state.remove_thread(tid);
            self.leaving.pop();
        }
        if std::mem::take(&mut self.purging) {
            state.clean_families();
        }
        false
    }
}

/// Adds a notice for each fd that is closed by the removal of `tid`: all fds of its process, if no other thread of it
/// lives.
fn notice_files(state: &State, tid: i64, notices: &mut Vec<Notice>) {
    let Some(t) = state.threads.get(tid).filter(|t| !t.is_invalid() && t.group.is_some()) else { return };
    if state.threads.thread_count(t) > u64::from(!t.is_dead()) {
        return;
    }
    let Some(main) = state.threads.main_thread(t) else { return };
    let tid = main.tid.get();
    notices.extend(main.own_fds.iter().map(|fd| Notice::EraseFd { tid, fd: fd.fd.get(), removes: false }));
}
