//! What a program can do while an event goes through the inspector, and `next()` for those who do nothing or little.

use super::run::{Outcome, Step, Wants};
use super::{Inspector, Next};
use crate::Result;
use crate::parsers::Notice;

/// What a program does while an event goes through the inspector. Each function is given the inspector at that step, with the
/// event as its current one (but for [`Hooks::process`] of no event), to read and to change; an error ends the event and comes out of
/// [`Inspector::next_with`].
pub trait Hooks {
    /// Which of the functions are to be called; asked once an event.
    fn wants(&self) -> Wants;

    /// Something happened.
    fn observe(&mut self, inspector: &mut Inspector, notice: Notice) -> Result<()> {
        let _ = (inspector, notice);
        Ok(())
    }

    /// The event was parsed, and can be parsed further: also if the filter keeps it back.
    fn parse(&mut self, inspector: &mut Inspector) -> Result<()> {
        let _ = inspector;
        Ok(())
    }

    /// An event is about to be handed out, or there is none to hand out.
    fn process(&mut self, inspector: &mut Inspector, outcome: Outcome) -> Result<()> {
        let _ = (inspector, outcome);
        Ok(())
    }
}

/// Nothing.
struct NoHooks;

impl Hooks for NoHooks {
    fn wants(&self) -> Wants {
        Wants::default()
    }
}

impl Inspector {
    /// Goes to the next event and lets the parsers see it.
    #[allow(clippy::should_implement_trait)] // An iterator could not lend what it yields, nor say why it has nothing.
    pub fn next(&mut self) -> Result<Next> {
        self.next_with(&mut NoHooks)
    }

    /// The same, with functions of the program at the steps in between.
    pub fn next_with<H: Hooks>(&mut self, hooks: &mut H) -> Result<Next> {
        let next = self.run_steps(hooks);
        if self.has_messages() {
            self.take_messages().deliver();
        }
        next
    }

    fn run_steps<H: Hooks>(&mut self, hooks: &mut H) -> Result<Next> {
        self.begin(Wants { filter: self.filter.is_some(), ..hooks.wants() });
        loop {
            let done = match self.step() {
                Step::Done(next) => return Ok(next),
                Step::Failed => return Err(self.take_failure()),
                Step::Fetch => {
                    self.fetch_lent();
                    Ok(())
                }
                Step::Filter => self.run_filter(),
                Step::Observe => self.notice().map_or(Ok(()), |notice| hooks.observe(self, notice)),
                Step::Parse => hooks.parse(self),
                Step::Process(outcome) => hooks.process(self, outcome),
            };
            if let Err(e) = done {
                self.finish();
                return Err(e);
            }
        }
    }

    fn fetch_lent(&mut self) {
        if let Some(mut engine) = self.lend_engine() {
            let answer = engine.next();
            self.return_engine(engine, answer);
        }
    }

    #[inline]
    fn run_filter(&mut self) -> Result<()> {
        // Out of its place meanwhile, since it is given the inspector's own event.
        let Some(mut filter) = self.filter.take() else {
            self.set_passes(true);
            return Ok(());
        };
        let passes = self.current().map_or(Ok(true), |event| filter(&event));
        self.filter = Some(filter);
        self.set_passes(passes?);
        Ok(())
    }
}
