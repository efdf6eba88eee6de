//! Sets of kinds of events, as they are known before an event is looked at: by its type, by whether the call failed, and for the generic
//! event by the call.

use crate::codes::CodeSet;
use driver::{EventType, Sc};

/// What is known of the result of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The call returned 0 or more.
    Succeeded,
    /// The call returned a negative number.
    Failed,
    /// The event has no result: it is no exit of a system call, or the generic event, or lacks its parameters.
    Without,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Outcome; 3] = [Outcome::Succeeded, Outcome::Failed, Outcome::Without];
}

/// A set of kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cases {
    /// The codes of events, by [`Outcome`]. Those of the generic event are in `generic`.
    types: [CodeSet; 3],
    /// The codes of the system calls whose generic events belong to the set.
    generic: CodeSet,
}

impl Cases {
    /// No kind.
    pub const NONE: Cases = Cases { types: [CodeSet::NONE; 3], generic: CodeSet::NONE };
    /// Every kind.
    pub const ALL: Cases = Cases { types: [CodeSet::ALL; 3], generic: CodeSet::ALL };

    /// Adds events of a type with an outcome; not the generic event.
    pub fn insert(&mut self, ty: EventType, outcome: Outcome) {
        self.types[outcome as usize].insert(ty.0);
    }

    /// Adds the generic events of a system call.
    pub fn insert_generic(&mut self, sc: Sc) {
        self.generic.insert(sc.0);
    }

    /// Whether the set has events of this type with this outcome; not for the generic event.
    pub fn contains(&self, ty: EventType, outcome: Outcome) -> bool {
        self.types[outcome as usize].contains(ty.0)
    }

    /// Whether the set has the generic events of a system call.
    pub fn contains_generic(&self, sc: Sc) -> bool {
        self.generic.contains(sc.0)
    }

    /// The types of its events.
    pub fn types(&self) -> CodeSet {
        let mut all = self.types.iter().fold(CodeSet::default(), |sum, types| sum.union(types));
        if !self.generic.is_empty() {
            all.insert(EventType::GENERIC_X.0);
        }
        all
    }

    fn with(&self, other: &Cases, combine: impl Fn(&CodeSet, &CodeSet) -> CodeSet) -> Cases {
        Cases {
            types: std::array::from_fn(|i| combine(&self.types[i], &other.types[i])),
            generic: combine(&self.generic, &other.generic),
        }
    }

    /// The kinds in either set.
    pub fn union(&self, other: &Cases) -> Cases {
        self.with(other, CodeSet::union)
    }

    /// The kinds in both sets.
    pub fn intersection(&self, other: &Cases) -> Cases {
        self.with(other, CodeSet::intersection)
    }
}
