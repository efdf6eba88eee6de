//! The engine without events: it captures nothing, and serves who only wants to see what the system looks like.

use std::time::Duration;

use super::{Engine, NO_EVENT, Status};
use crate::Result;
use driver::Sc;

/// How long [`Engine::next`] waits before it says that there was nothing.
const WAIT: Duration = Duration::from_millis(30);

/// A live engine that never brings an event.
#[derive(Debug, Default)]
pub struct NoDriver;

impl NoDriver {
    /// Opens it; that cannot fail.
    pub fn new() -> NoDriver {
        NoDriver
    }
}

impl Engine for NoDriver {
    fn name(&self) -> &'static str {
        "nodriver"
    }

    fn next(&mut self) -> Result<Status> {
        std::thread::sleep(WAIT);
        Ok(Status::Timeout)
    }

    fn bytes(&self) -> &[u8] {
        &NO_EVENT
    }

    fn is_live(&self) -> bool {
        true
    }

    fn set_interesting(&mut self, _: Sc, _: bool) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CurrentEvent;

    #[test]
    fn it_waits_and_brings_nothing() {
        let mut engine = NoDriver::new();
        engine.start().unwrap();
        let start = std::time::Instant::now();
        assert_eq!(engine.next().unwrap(), Status::Timeout);
        assert!(start.elapsed() >= WAIT);
        assert_eq!(engine.event().nparams(), 0);
        assert_eq!(engine.stats().unwrap(), super::super::Stats::default());
    }
}
