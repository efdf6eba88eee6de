//! What the machine of steps remembers between two of them.

use super::Next;
use crate::Error;
use crate::parsers::{Current, Notice};
use crate::state::State;

/// What has to be done before the inspector can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The engine is to be asked for an event with [`lend_engine`](super::Inspector::lend_engine) and
    /// [`return_engine`](super::Inspector::return_engine): it calls functions of the program.
    Fetch,
    /// The observer is to be told of [`notice`](super::Inspector::notice).
    Observe,
    /// The filter is to be asked about the current event; [`set_passes`](super::Inspector::set_passes) takes the answer.
    Filter,
    /// The program's parsers are to see the current event.
    Parse,
    /// The processor is to see the current event, or that there is none.
    Process(Outcome),
    /// Nothing: this is what the call of `next()` brought.
    Done(Next),
    /// Nothing: the call of `next()` fails, [`take_failure`](super::Inspector::take_failure) says why. The event is done with.
    Failed,
}

/// A step is returned in a register: one that had to be written to memory and read back would cost a tenth of an event.
const _: () = assert!(size_of::<Step>() <= 2);

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

impl Wants {
    /// Not to stop at all.
    pub const NOTHING: Wants = Wants { observer: false, filter: false, parser: false, processor: false };

    #[inline]
    pub(super) fn is_nothing(self) -> bool {
        !(self.observer | self.filter | self.parser | self.processor)
    }
}

/// Where the machine is: what comes next. From `Arrived` on they follow each other, but that several threads may leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    #[default]
    Idle,
    Fetch,
    Lent,
    /// There is no event, and the processor was told.
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

/// What the machine remembers between two steps.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub at: At,
    pub wants: Wants,
    /// The events are those at the start of a capture, after which the number of the last event is this, or goes on.
    pub initial: Option<Option<u64>>,
    /// What the observer is to be told, or was.
    pub notice: Option<Notice>,
    /// How many of the notices were told.
    pub shown: usize,
    /// Why the call fails.
    pub failure: Option<Error>,
    /// Threads that are to leave the table, last first.
    pub leaving: Vec<i64>,
    /// Whether those that left were looked for.
    pub purging: bool,
    /// The event was made by the inspector's own process, and is not to be seen.
    pub own: bool,
    pub keep_back: bool,
    /// What the filter said.
    pub passes: bool,
    /// What there was instead of an event.
    pub ended: Next,
}

impl Run {
    /// Forgets the event, but keeps memory that was made for others.
    pub fn reset(&mut self) {
        let mut leaving = std::mem::take(&mut self.leaving);
        leaving.clear();
        *self = Run { leaving, ..Run::default() };
    }

    /// The next events are those at the start of a capture; `num` is the number of the last event after it.
    pub fn expect_initial(&mut self, num: Option<u64>) {
        self.initial = Some(num);
        self.at = At::Idle;
    }

    /// Goes to the next notice that was not told; answers whether there was one.
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

    /// Without an event: the processor is told, then the caller.
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

    /// Removes the threads that are to leave the table, the files of each process told of before it goes. Answers whether there is
    /// something to tell.
    #[cold]
    pub fn let_leave(&mut self, state: &mut State, current: &mut Current) -> bool {
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

/// Notes the files that go if the thread `tid` is removed: those of its process, if no other thread of it lives.
fn notice_files(state: &State, tid: i64, notices: &mut Vec<Notice>) {
    let Some(t) = state.threads.get(tid).filter(|t| !t.is_invalid() && t.group.is_some()) else { return };
    if state.threads.thread_count(t) > u64::from(!t.is_dead()) {
        return;
    }
    let Some(main) = state.threads.main_thread(t) else { return };
    let tid = main.tid.get();
    notices.extend(main.own_fds.iter().map(|fd| Notice::EraseFd { tid, fd: fd.fd.get(), removes: false }));
}
