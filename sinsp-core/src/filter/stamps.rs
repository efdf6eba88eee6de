//! Which results of an evaluation are still valid: those with the graph's stamp.

use crate::fields::Reads;

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
