//! Evaluations that wait for foreign code: what is to be run, and where they go on.

use super::ids::{CheckId, ValueId};
use super::stamps::Stamps;
use crate::context::Moment;
use crate::fields::{Foreign, ForeignCheck};
use crate::{EventContext, Extracted, Result};
use std::rc::Rc;

/// Evaluation cannot continue before foreign code has run, for which the borrow of the graph must end: see
/// [`Graph::take_pending`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspended;

pub(super) type Answer = std::result::Result<bool, Suspended>;

/// The foreign code that an evaluation waits for.
pub(super) enum Pending {
    Values(ValueId),
    Check(CheckId),
}

/// As `Pending`, taken out of the graph to be run.
pub enum Work {
    /// Values to extract, and their buffer.
    Values(ValueId, Foreign, Extracted),
    /// A check to evaluate.
    Check(CheckId, Rc<dyn ForeignCheck>),
}

/// The event and stamps of a suspended evaluation.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub(super) subject: Subject,
    pub(super) stamps: Stamps,
}

impl Work {
    /// Runs the foreign code.
    ///
    /// # Errors
    /// The error of the foreign code.
    pub fn run(&mut self, event: &EventContext<'_>) -> Result<bool> {
        match self {
            Work::Values(_, field, out) => {
                out.clear();
                out.set_as_is(true);
                field.code().extract(event, out)
            }
            Work::Check(_, check) => check.holds(event),
        }
    }
}

/// Identifies the event and the state that caches belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Subject {
    /// That of the [`Moment`].
    event: u64,
    /// That of the [`Moment`].
    epoch: u64,
}

impl Subject {
    /// That of a moment.
    #[inline]
    pub fn of(moment: &Moment) -> Subject {
        Subject { event: moment.event, epoch: moment.epoch }
    }

    /// Whether nothing can be kept for it.
    #[inline]
    pub fn is_transient(self) -> bool {
        self.event == 0
    }
}
