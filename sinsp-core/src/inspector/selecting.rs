//! Applies what the drivers may leave out ([`Selection`]) to the open engine, while nothing else would miss the events.

use super::{Inspector, Mode};
use crate::codes::CodeSet;
use crate::logger::Severity;
use crate::selection::{Selection, Wanted, Why};
use crate::state::SignOfEnd;
use crate::{Error, Result};
use driver::ENTER_PROGRAMS;
use std::fmt::{self, Write};

/// What else gets events, besides the filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// An observer.
    pub observer: bool,
    /// An event processor.
    pub processor: bool,
    /// A capture is written, or was since events began to be left out.
    pub dump: bool,
    /// The types of events that plugins parse.
    pub parsed: CodeSet,
}

/// Why no event is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// No driver captures.
    NotLive,
    /// There is no filter: every event is wanted.
    NoFilter,
    /// The result of a filter, with this index, depends on which events came before, by this field.
    CountsEvents(usize, &'static str),
    /// There is an observer.
    Observer,
    /// There is an event processor.
    Processor,
    /// A capture is written.
    Dump,
    /// The driver cannot do it, for this reason.
    Driver(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::NotLive => f.write_str("no driver captures"),
            Obstacle::NoFilter => f.write_str("there is no filter, so that every event is wanted"),
            Obstacle::CountsEvents(filter, field) => {
                write!(f, "filter {filter} has the field {field}, whose value depends on the events before")
            }
            Obstacle::Observer => f.write_str("an observer is set, which is notified of all events"),
            Obstacle::Processor => f.write_str("an event processor is set, which gets all events"),
            Obstacle::Dump => f.write_str("a capture is written, which has all events"),
            Obstacle::Driver(why) => f.write_str(why),
        }
    }
}

/// The selection of an inspector.
#[derive(Debug, Default)]
pub(super) struct Selecting {
    wanted: Option<Wanted>,
    audience: Audience,
    /// What the driver was told to keep.
    applied: Option<Selection>,
    refused: Option<String>,
}

impl Selecting {
    /// What a purge may take for a sign that a quiet thread has ended.
    pub(super) fn sign_of_end(&self) -> SignOfEnd {
        if self.applied.is_some() { SignOfEnd::NoSuchId } else { SignOfEnd::NoSuchName }
    }
}

/// What an inspector's driver leaves out, or why it leaves out nothing.
#[derive(Debug, Clone)]
pub struct SelectionReport {
    /// What is reported; of all calls if there is an obstacle, what would be without it.
    pub selection: Selection,
    /// Why nothing is left out; empty if the selection is in force.
    pub obstacles: Vec<Obstacle>,
    /// The filters, by their index, that can hold for almost every kind of event.
    pub unrestricted: Vec<usize>,
}

impl SelectionReport {
    /// What could not be done, and why.
    pub fn notes(&self) -> Vec<String> {
        let obstacles = self.obstacles.iter().map(|obstacle| format!("nothing is left out: {obstacle}"));
        let unrestricted = self.unrestricted.iter().map(|filter| {
            format!("filter {filter} can hold for almost every event: it has no condition on the type or the result")
        });
        obstacles.chain(unrestricted).collect()
    }

    /// The report as text: its notes, then a line for each system call and tracepoint of this machine.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for note in self.notes() {
            let _ = writeln!(text, "{note}");
        }
        for row in self.selection.rows() {
            let Some(name) = row.sc.info().and_then(|info| info.name).filter(|_| row.is_here()) else { continue };
            let kept = match (row.succeeded, row.failed) {
                (Why::LeftOut, Why::LeftOut) => "never",
                (_, Why::LeftOut) => "success",
                (Why::LeftOut, _) => "failure",
                _ => "always",
            };
            let _ = write!(text, "{name:<24} {kept:<8}");
            match (row.succeeded, row.failed) {
                (Why::LeftOut, Why::LeftOut) => {}
                (why, other) if why == other || other == Why::LeftOut => _ = write!(text, " {why}"),
                (Why::LeftOut, why) => _ = write!(text, " {why}"),
                (succeeded, failed) => _ = write!(text, " {succeeded}; on failure {failed}"),
            }
            text.truncate(text.trim_end().len());
            if kept == "success" && ENTER_PROGRAMS.iter().any(|(sc, ..)| *sc == row.sc) {
                text.push_str("; the event of its begin comes in any case");
            }
            text.push('\n');
        }
        text
    }
}

impl Inspector {
    /// Has the driver leave out the events for which no filter of `wanted` can hold and that do not change the state; `None` ends that. It is in
    /// force while nothing else gets events, from the next open on if nothing is open; see [`Inspector::selection`].
    ///
    /// # Errors
    /// The driver that is open cannot do it. Then nothing is left out.
    pub fn select_events(&mut self, wanted: Option<Wanted>, audience: Audience) -> Result<()> {
        self.selecting.wanted = wanted;
        self.selecting.audience = audience;
        self.apply_selection();
        match &self.selecting.refused {
            Some(why) => Err(Error::Invalid(why.clone())),
            None => Ok(()),
        }
    }

    /// What the driver leaves out, and why not more; `None` before [`Inspector::select_events`].
    pub fn selection(&self) -> Option<SelectionReport> {
        let wanted = self.selecting.wanted.as_ref()?;
        Some(SelectionReport {
            selection: self.compute_selection(wanted),
            obstacles: self.obstacles(wanted),
            unrestricted: wanted.unrestricted().collect(),
        })
    }

    fn compute_selection(&self, wanted: &Wanted) -> Selection {
        Selection::new(wanted, &self.selecting.audience.parsed, self.track_connections)
    }

    fn obstacles(&self, wanted: &Wanted) -> Vec<Obstacle> {
        let audience = &self.selecting.audience;
        let counts = wanted.counts_events().map(|(filter, field)| Obstacle::CountsEvents(filter, field));
        let set = |is: bool, obstacle: Obstacle| is.then_some(obstacle);
        [
            set(self.mode != Mode::Live, Obstacle::NotLive),
            set(wanted.is_empty(), Obstacle::NoFilter),
            counts,
            set(audience.observer, Obstacle::Observer),
            set(audience.processor, Obstacle::Processor),
            set(audience.dump, Obstacle::Dump),
            self.selecting.refused.clone().map(Obstacle::Driver),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Has the open driver report what is wanted now.
    pub(super) fn apply_selection(&mut self) {
        self.selecting.refused = None;
        let Some(wanted) = self.selecting.wanted.as_ref().filter(|_| self.mode == Mode::Live) else {
            return self.keep_all();
        };
        let obstacles = self.obstacles(wanted);
        if let Some(first) = obstacles.first() {
            if self.selecting.applied.is_some() {
                let line = format_args!("events are no longer left out in the kernel: {first}");
                self.state.messages.add(Severity::WARNING, line);
            }
            return self.keep_all();
        }
        let selection = self.compute_selection(wanted);
        if self.selecting.applied.as_ref() == Some(&selection) {
            return;
        }
        let Some(engine) = self.engine.as_deref_mut() else { return };
        match engine.keep(&selection.kept()) {
            Ok(()) => self.selecting.applied = Some(selection),
            Err(e) => {
                let why = e.to_string();
                self.state.messages.add(Severity::WARNING, format_args!("no events are left out in the kernel: {why}"));
                // It may have taken a part of it.
                let _ = engine.keep(&[]);
                self.selecting.applied = None;
                self.selecting.refused = Some(why);
            }
        }
    }

    fn keep_all(&mut self) {
        if self.selecting.applied.take().is_some()
            && let Some(engine) = self.engine.as_deref_mut()
            && let Err(e) = engine.keep(&[])
        {
            self.selecting.refused = Some(e.to_string());
        }
    }

    /// The engine is gone, with what it was told.
    pub(super) fn forget_applied_selection(&mut self) {
        self.selecting.applied = None;
        self.selecting.refused = None;
    }
}

#[cfg(test)]
mod tests;
