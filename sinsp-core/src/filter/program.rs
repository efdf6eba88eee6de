//! Compiled filters: steps with one check each and the next step for either result.

use super::graph::{CheckId, Graph, Suspended};
use crate::EventContext;

/// The next step of a program, or its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(u32);

impl Target {
    /// The filter holds.
    pub const HOLDS: Target = Target(u32::MAX);
    /// The filter does not hold.
    pub const FAILS: Target = Target(u32::MAX - 1);
}

#[derive(Debug, Clone, Copy)]
struct Step {
    check: CheckId,
    holds: Target,
    fails: Target,
}

/// The steps of a filter. Each refers only to steps with lower numbers, so every program ends.
#[derive(Debug)]
pub(crate) struct Program {
    steps: Vec<Step>,
    entry: Target,
}

impl Default for Program {
    fn default() -> Program {
        Program { steps: Vec::new(), entry: Target::FAILS }
    }
}

impl Program {
    /// Adds a step; returns its target.
    pub fn push(&mut self, check: CheckId, holds: Target, fails: Target) -> Target {
        self.steps.push(Step { check, holds, fails });
        Target(self.steps.len() as u32 - 1)
    }

    /// Sets the first step.
    pub fn start_at(&mut self, entry: Target) {
        self.entry = entry;
    }

    /// The checks of all steps.
    pub fn checks(&self) -> impl Iterator<Item = CheckId> {
        self.steps.iter().map(|step| step.check)
    }

    /// Whether the filter holds for the event. After a suspension, the results so far are cached in the graph.
    #[inline]
    pub fn run(&self, graph: &mut Graph, event: &EventContext<'_>) -> Result<bool, Suspended> {
        let mut at = self.entry;
        while let Some(step) = self.steps.get(at.0 as usize) {
            at = if graph.holds(step.check, event)? { step.holds } else { step.fails };
        }
        Ok(at == Target::HOLDS)
    }
}
