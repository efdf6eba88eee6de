//! Compiled filters: steps with one check each and the next step for either result.

use super::graph::Graph;
use super::ids::CheckId;
use super::suspend::Suspended;
use crate::EventContext;

/// The next step of a program, or its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(u32);

impl Target {
    /// The filter holds. Also what comes after step 0.
    pub const HOLDS: Target = Target(u32::MAX);
    /// The filter does not hold.
    pub const FAILS: Target = Target(u32::MAX - 1);

    /// The step that comes next.
    #[inline]
    fn after(self) -> Target {
        Target(self.0.wrapping_sub(1))
    }
}

/// One check: with one result the program goes on to the next step, with the other one it jumps. A processor predicts the jump, and reads the
/// next steps before it has the result.
#[derive(Debug, Clone, Copy)]
struct Step {
    check: CheckId,
    /// The result, 0 or 1, with which the program goes on; another number if it always jumps.
    goes_on: u8,
    /// Where it jumps.
    other: Target,
}

/// Of a step that always jumps.
const NEVER: u8 = 2;

/// The steps of a filter, from the highest number to 0. Each refers only to steps with lower numbers, so every program ends.
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
        let here = Target(self.steps.len() as u32);
        let (goes_on, other) = match here.after() {
            next if next == holds => (1, fails),
            next if next == fails => (0, holds),
            // An expression without parts stands to the right.
            _ => {
                self.steps.push(Step { check, goes_on: NEVER, other: holds });
                self.steps.push(Step { check, goes_on: 1, other: fails });
                return Target(here.0 + 1);
            }
        };
        self.steps.push(Step { check, goes_on, other });
        here
    }

    /// Sets the first step.
    pub fn start_at(&mut self, entry: Target) {
        self.entry = entry;
    }

    /// The checks of all steps.
    pub fn checks(&self) -> impl Iterator<Item = CheckId> {
        self.steps.iter().map(|step| step.check)
    }

    /// Whether the filter holds, if that follows from checks that were evaluated already.
    #[inline]
    pub fn known(&self, graph: &Graph) -> Option<bool> {
        let mut at = self.entry;
        while let Some(step) = self.steps.get(at.0 as usize) {
            at = if u8::from(graph.known(step.check)?) == step.goes_on { at.after() } else { step.other };
        }
        Some(at == Target::HOLDS)
    }

    /// Whether the filter holds for the event. After a suspension, the results so far are cached in the graph.
    #[inline]
    pub fn run(&self, graph: &mut Graph, event: &EventContext<'_>) -> Result<bool, Suspended> {
        let mut at = self.entry;
        while let Some(step) = self.steps.get(at.0 as usize) {
            if u8::from(graph.holds(step.check, event)?) == step.goes_on {
                at = at.after();
                continue;
            }
            at = step.other;
            if at == Target::FAILS {
                return Ok(false);
            }
        }
        Ok(at == Target::HOLDS)
    }
}
