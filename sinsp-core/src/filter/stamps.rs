//! Which results of an evaluation are still valid: those with the graph's stamp.

use crate::EventContext;
use crate::fields::Reads;

/// Identifies the event and the state that caches belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subject {
    /// Twice the event's number, plus one after the parsers are done with it; 0 for events that are not cached.
    event: u64,
    /// The epoch of the state, which also changes when a capture is opened and event numbers restart.
    epoch: u64,
}

impl Subject {
    /// That of an event.
    #[inline]
    pub fn of(event: &EventContext<'_>) -> Subject {
        let number = if event.is_only_one() { event.num << 1 | u64::from(event.notes.complete) } else { 0 };
        Subject { event: number, epoch: event.state.epoch() }
    }
}

/// The stamps of valid caches, by origin.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stamps {
    /// Of what depends on the event alone.
    pub event: u64,
    /// Of what also depends on the state.
    pub state: u64,
}

impl Stamps {
    /// The stamp of caches of this origin.
    #[inline]
    pub fn of(&self, reads: Reads) -> u64 {
        match reads {
            Reads::Event => self.event,
            Reads::State => self.state,
        }
    }
}

/// The event and stamps of a suspended evaluation.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Its event.
    pub subject: Subject,
    /// Its stamps.
    pub stamps: Stamps,
}

/// The cached result of a check. Apart from the checks, because most evaluations read nothing else: many results share a cache line.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// The stamp of the computation.
    pub computed_for: u64,
    /// What it depends on.
    pub reads: Reads,
    /// The result.
    pub holds: bool,
}
