//! The engine without a driver: it captures nothing, and serves who wants to see what the system looks like. So that time passes for the
//! program as well, it makes an event of its own ten times a second.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Engine, NO_EVENT, Status};
use crate::{EventBuf, Result, encode};
use driver::{EventType, Sc};

/// How long [`Engine::next`] waits before its event.
const WAIT: Duration = Duration::from_millis(100);

/// The events' thread: none.
const NO_THREAD: i64 = -1;

/// A live engine whose events (`scapevent`) say only what time it is.
#[derive(Debug)]
pub struct NoDriver {
    tick: EventBuf,
    /// Whether there was an event.
    ticked: bool,
}

impl NoDriver {
    /// Opens it.
    pub fn new() -> Result<NoDriver> {
        let tick = encode::event(0, NO_THREAD, EventType::SCAPEVENT_E, &[0_u32.into(), 0_u64.into()])?;
        Ok(NoDriver { tick: EventBuf::new(&tick)?, ticked: false })
    }
}

impl Engine for NoDriver {
    fn name(&self) -> &'static str {
        "nodriver"
    }

    fn next(&mut self) -> Result<Status> {
        std::thread::sleep(WAIT);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.tick.set_ts(now.as_nanos() as u64);
        self.ticked = true;
        Ok(Status::Event)
    }

    fn bytes(&self) -> &[u8] {
        if self.ticked { self.tick.event().bytes() } else { &NO_EVENT }
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
    fn every_event_waits_and_says_what_time_it_is() {
        let mut engine = NoDriver::new().unwrap();
        engine.start().unwrap();
        assert_eq!(engine.event().nparams(), 0);
        let mut last = 0;
        for _ in 0..2 {
            let start = std::time::Instant::now();
            assert_eq!(engine.next().unwrap(), Status::Event);
            assert!(start.elapsed() >= WAIT);
            let event = engine.event();
            assert_eq!((event.ty(), event.tid(), event.nparams()), (EventType::SCAPEVENT_E, -1, 2));
            assert_eq!((event.param(0), event.param(1)), (Some(&[0; 4][..]), Some(&[0; 8][..])));
            assert!(event.ts() > last, "time goes on");
            last = event.ts();
        }
        assert_eq!(engine.stats().unwrap(), super::super::Stats::default());
    }
}
