//! The functions of a program that the inspector calls while it handles an event, and `next()` on top of the steps.

use super::run::{Outcome, Step, Wants};
use super::{Inspector, Next};
use crate::Result;
use crate::parsers::Notice;

/// Functions of a program that [`Inspector::next_with`] calls. Each may read and change the inspector. The event that is
/// handled is the current one, except in [`Hooks::process`] without an event. An error ends the handling of the event, and
/// `next_with` returns it.
pub trait Hooks {
    /// The functions to call; asked once per event.
    fn wants(&self) -> Wants;

    /// Called for each notice.
    fn observe(&mut self, inspector: &mut Inspector, notice: Notice) -> Result<()> {
        let _ = (inspector, notice);
        Ok(())
    }

    /// Called after the event was parsed, even if the filter rejects it.
    fn parse(&mut self, inspector: &mut Inspector) -> Result<()> {
        let _ = inspector;
        Ok(())
    }

    /// Called before an event is returned, or before the caller learns that there is none.
    fn process(&mut self, inspector: &mut Inspector, outcome: Outcome) -> Result<()> {
        let _ = (inspector, outcome);
        Ok(())
    }
}

struct NoHooks;

impl Hooks for NoHooks {
    fn wants(&self) -> Wants {
        Wants::default()
    }
}

impl Inspector {
    /// Fetches and parses the next event.
    #[allow(clippy::should_implement_trait)] // An iterator could not lend the event, nor say why there is none.
    pub fn next(&mut self) -> Result<Next> {
        self.next_with(&mut NoHooks)
    }

    /// As [`Inspector::next`], and calls the functions of `hooks` in between.
    pub fn next_with<H: Hooks>(&mut self, hooks: &mut H) -> Result<Next> {
        let next = self.run_steps(hooks);
        if self.has_messages() {
            self.take_messages().deliver();
        }
        next
    }

    fn run_steps<H: Hooks>(&mut self, hooks: &mut H) -> Result<Next> {
        self.begin(Wants { filter: self.filter.is_some(), ..hooks.wants() });
        if self.next_apart().is_some() {
            return Ok(Next::Event);
        }
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
        // Taken out for the call, because the inspector is borrowed by the event.
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
