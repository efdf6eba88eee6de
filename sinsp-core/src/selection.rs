//! What the drivers may leave out, so that filters have the same results as with all events.
//!
//! A [`Wanted`] has for which kinds of events the filters of a program can hold. A [`Selection`] adds what changes the state, and says for each
//! system call and tracepoint which results are kept, and why. `inspector/selecting.rs` applies it.

use crate::codes::CodeSet;
use crate::filter::{Cases, Filter, Outcome};
use crate::parsers::{CONNECTION_FIELDS, Changes, MEMORY_FIELDS, changes};
use driver::{Category, EXIT_PROGRAMS, EventFlags, EventInfo, EventType, ParamType, SCS, Sc, ScInfo};
use scap_sys::engine::Kept;
use std::fmt;

/// The filters of a program, as far as a selection depends on them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    cases: Vec<Cases>,
    /// The first filter that depends on which events came before, and its field.
    counts: Option<(usize, &'static str)>,
    memory: bool,
    connections: bool,
}

impl Wanted {
    /// The filters of a program. It evaluates no others.
    pub fn new<'a>(filters: impl IntoIterator<Item = &'a Filter>) -> Wanted {
        let mut wanted = Wanted::default();
        for (i, filter) in filters.into_iter().enumerate() {
            wanted.cases.push(*filter.cases());
            let has = |names: &[&str]| filter.fields().iter().any(|field| names.contains(&field.name));
            wanted.memory |= has(MEMORY_FIELDS);
            wanted.connections |= has(CONNECTION_FIELDS);
            wanted.counts = wanted.counts.or(filter.counting_field().map(|field| (i, field)));
        }
        wanted
    }

    /// The number of filters.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there is no filter.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// The first filter whose result depends on which events came before, by its index, and the field by which it does.
    pub fn counts_events(&self) -> Option<(usize, &'static str)> {
        self.counts
    }

    /// The filters, by their index, that can hold for almost every kind of event: they keep nothing from being reported.
    pub fn unrestricted(&self) -> impl Iterator<Item = usize> {
        let types = |cases: &Cases| cases.types().iter().count();
        let all = driver::EVENT_COUNT;
        self.cases.iter().enumerate().filter(move |(_, cases)| types(cases) > all * 9 / 10).map(|(i, _)| i)
    }

    /// The first filter that can hold for an event of a kind.
    fn first(&self, holds: impl Fn(&Cases) -> bool) -> Option<Why> {
        self.cases.iter().position(holds).map(Why::Filter)
    }
}

/// Why events are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// They are not.
    LeftOut,
    /// They change the state.
    State,
    /// A plugin parses them.
    Plugin,
    /// The filter with this index can hold for them.
    Filter(usize),
    /// It is not known what events the code makes.
    Unknown,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::LeftOut => f.write_str("left out"),
            Why::State => f.write_str("it changes the state"),
            Why::Plugin => f.write_str("a plugin parses it"),
            Why::Filter(i) => write!(f, "filter {i}"),
            Why::Unknown => f.write_str("its events are not known"),
        }
    }
}

/// What is reported of a system call, or of a tracepoint, whose events have no result: then both are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The system call or tracepoint.
    pub sc: Sc,
    /// Calls that succeed.
    pub succeeded: Why,
    /// Calls that fail.
    pub failed: Why,
}

impl Row {
    /// Whether this machine has the system call or tracepoint.
    pub fn is_here(&self) -> bool {
        let has_none = |info: &ScInfo| info.ia32.is_empty() && info.numbers.iter().all(|number| *number < 0);
        self.sc.0 != 0
            && self.sc.info().is_some_and(|info| info.name.is_some() && (has_none(info) || self.sc.native().is_some()))
    }
}

/// What the drivers report.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    rows: Vec<Row>,
}

impl Selection {
    /// What is reported for the filters, while plugins parse the types `parsed`. `tracked`: whether connections are tracked.
    pub fn new(wanted: &Wanted, parsed: &CodeSet, tracked: bool) -> Selection {
        let chooser = Chooser { wanted, parsed, tracked };
        Selection { rows: SCS.iter().map(|info| chooser.row(info)).collect() }
    }

    /// A row for each system call and tracepoint, by its code.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The same for a driver.
    pub fn kept(&self) -> Vec<Kept> {
        let kept = |why| why != Why::LeftOut;
        self.rows.iter().map(|row| Kept { succeeded: kept(row.succeeded), failed: kept(row.failed) }).collect()
    }
}

struct Chooser<'a> {
    wanted: &'a Wanted,
    parsed: &'a CodeSet,
    tracked: bool,
}

impl Chooser<'_> {
    fn row(&self, info: &ScInfo) -> Row {
        let is_made = |event: &&'static EventInfo| !event.flags.has(EventFlags::OLD_VERSION);
        let events: Vec<_> = info.events.iter().filter_map(|ty| ty.info()).filter(is_made).collect();
        // A call without a program of its own is reported by the generic event.
        let by_itself = |native| EXIT_PROGRAMS.iter().any(|(number, _)| *number == native);
        let is_generic = events.iter().any(|event| event.ty == EventType::GENERIC_X)
            || info.sc.native().is_some_and(|native| !by_itself(native));
        let (succeeded, failed) = if info.name.is_none() || info.sc.0 == 0 || events.is_empty() {
            (Why::Unknown, Why::Unknown)
        } else if is_generic {
            (self.generic(info.sc), self.generic(info.sc))
        } else {
            (self.of(&events, Outcome::Succeeded), self.of(&events, Outcome::Failed))
        };
        Row { sc: info.sc, succeeded, failed }
    }

    fn generic(&self, sc: Sc) -> Why {
        if self.parsed.contains(EventType::GENERIC_X.0) {
            return Why::Plugin;
        }
        self.wanted.first(|cases| cases.contains_generic(sc)).unwrap_or(Why::LeftOut)
    }

    /// Why one of the events is reported. The enter event of a call serves its exit event alone.
    fn of(&self, events: &[&'static EventInfo], outcome: Outcome) -> Why {
        let shown = |event: &&&EventInfo| event.ty.is_exit() || !event.category.from_source(Category::SYSCALL);
        let events = || events.iter().filter(shown);
        if events().any(|event| self.changes_state(event.ty, outcome)) {
            return Why::State;
        }
        if events().any(|event| self.parsed.contains(event.ty.0)) {
            return Why::Plugin;
        }
        let can_hold = |cases: &Cases| {
            events().any(|event| match has_result(event) {
                true => cases.contains(event.ty, outcome),
                false => Outcome::ALL.iter().any(|outcome| cases.contains(event.ty, *outcome)),
            })
        };
        self.wanted.first(can_hold).unwrap_or(Why::LeftOut)
    }

    fn changes_state(&self, ty: EventType, outcome: Outcome) -> bool {
        let succeeded = outcome == Outcome::Succeeded;
        match changes(ty) {
            Changes::Nothing => false,
            Changes::Always => true,
            Changes::Success => succeeded,
            Changes::Connection => succeeded || self.tracked,
            Changes::Transfer => self.tracked || succeeded && self.wanted.connections,
            Changes::Tracked => succeeded && self.tracked,
            Changes::Memory => self.wanted.memory,
        }
    }
}

/// Whether the result that filters see of an event has the sign of that of the call: not a number of four bytes, as of getuid.
fn has_result(event: &EventInfo) -> bool {
    use ParamType as P;
    let first = event.params.first().map(|param| param.ty);
    event.ty.is_exit() && matches!(first, Some(P::ERRNO | P::FD | P::PID | P::INT64 | P::UINT64))
}

#[cfg(test)]
mod tests;
