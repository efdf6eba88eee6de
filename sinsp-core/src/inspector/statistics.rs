//! The counters of an inspector, readable by any thread.

use crate::state::{Counter, StateStats};
use crate::{Error, Result};
use parking_lot::Mutex;
use scap_sys::engine::{ReadStats, Stats};
use std::sync::Arc;

/// The counters of an inspector. Clones share the values; any thread may read them at any time, even after the inspector is
/// gone.
#[derive(Clone)]
pub struct Statistics(Arc<Shared>);

struct Shared {
    /// Locked to open, to close and to copy the reference, not while counters are read.
    engine: Mutex<Open>,
    suppressed_events: Counter,
    suppressed_tids: Counter,
    state: StateStats,
}

enum Open {
    Nothing,
    /// An engine; `None` if it has no counters.
    Engine(Option<Arc<dyn ReadStats>>),
}

impl Statistics {
    pub(super) fn new(state: &crate::state::State) -> Statistics {
        let (suppressed_events, suppressed_tids) = state.suppressed.counters();
        let engine = Mutex::new(Open::Nothing);
        Statistics(Arc::new(Shared { engine, suppressed_events, suppressed_tids, state: state.stats.clone() }))
    }

    pub(super) fn open(&self, engine: Option<Arc<dyn ReadStats>>) {
        *self.0.engine.lock() = Open::Engine(engine);
    }

    pub(super) fn close(&self) {
        *self.0.engine.lock() = Open::Nothing;
    }

    /// The counters of the engine and of suppression; an error if nothing is open.
    pub fn capture(&self) -> Result<Stats> {
        let engine = match &*self.0.engine.lock() {
            Open::Engine(engine) => engine.clone(),
            Open::Nothing => return Err(Error::Invalid("the inspector is not open for events".into())),
        };
        let mut stats = engine.map_or(Ok(Stats::default()), |engine| engine.read_stats())?;
        stats.n_suppressed = self.0.suppressed_events.get();
        stats.n_tids_suppressed = self.0.suppressed_tids.get();
        Ok(stats)
    }

    /// The counters of changes to the state's tables.
    pub fn state(&self) -> &StateStats {
        &self.0.state
    }
}
