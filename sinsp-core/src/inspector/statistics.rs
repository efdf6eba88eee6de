//! The counters of an inspector, readable by any thread.

use crate::state::{Census, Counter, StateStats};
use crate::{Error, Result};
use parking_lot::Mutex;
use scap_sys::engine::{ReadStats, ScDrops, Stats};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The counters of an inspector. Clones share the values; any thread may read them at any time, even after the inspector is
/// gone.
#[derive(Clone)]
pub struct Statistics(Arc<Shared>);

struct Shared {
    /// Locked to open, to close and to copy the reference, not while counters are read.
    engine: Mutex<Open>,
    suppressed_events: Counter,
    suppressed_tids: Counter,
    state: Arc<StateStats>,
    census: LastCensus,
}

/// The last census, and whether another thread waits for the next one.
#[derive(Default)]
struct LastCensus {
    wanted: AtomicBool,
    /// How many there were.
    number: AtomicU64,
    threads: AtomicU64,
    fds: AtomicU64,
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
        Statistics(Arc::new(Shared {
            engine,
            suppressed_events,
            suppressed_tids,
            state: state.stats.clone(),
            census: LastCensus::default(),
        }))
    }

    pub(super) fn open(&self, engine: Option<Arc<dyn ReadStats>>) {
        *self.0.engine.lock() = Open::Engine(engine);
    }

    pub(super) fn close(&self) {
        *self.0.engine.lock() = Open::Nothing;
    }

    /// The counters of the engine and of suppression; an error if nothing is open.
    pub fn capture(&self) -> Result<Stats> {
        let mut stats = self.opened()?.map_or(Ok(Stats::default()), |engine| engine.read_stats())?;
        stats.n_suppressed = self.0.suppressed_events.get();
        stats.n_tids_suppressed = self.0.suppressed_tids.get();
        Ok(stats)
    }

    /// The drops of each system call and tracepoint that has any, the most first. An error if nothing is open, or if its engine does not count them by
    /// call, as the BPF engine alone does.
    pub fn drops(&self) -> Result<Vec<ScDrops>> {
        let drops = self.opened()?.map_or(Ok(None), |engine| engine.read_drops())?;
        drops.ok_or_else(|| {
            scap_sys::Error::NotSupported("counting drops by system call by an engine other than modern_bpf".into())
                .into()
        })
    }

    /// The counters of the engine; an error if nothing is open.
    fn opened(&self) -> Result<Option<Arc<dyn ReadStats>>> {
        match &*self.0.engine.lock() {
            Open::Engine(engine) => Ok(engine.clone()),
            Open::Nothing => Err(Error::Invalid("the inspector is not open for events".into())),
        }
    }

    /// The counters of changes to the state's tables.
    pub fn state(&self) -> &StateStats {
        &self.0.state
    }

    /// The counters of the engine alone; `None` if it has none, or nothing is open.
    pub fn engine(&self) -> Option<Arc<dyn ReadStats>> {
        self.opened().unwrap_or_default()
    }

    /// Whether another thread waits for a census.
    #[inline]
    pub(super) fn wants_census(&self) -> bool {
        self.0.census.wanted.load(Ordering::Relaxed)
    }

    /// Stores a census for the threads that wait for it.
    pub(super) fn publish(&self, census: Census) {
        let last = &self.0.census;
        last.threads.store(census.threads, Ordering::Relaxed);
        last.fds.store(census.fds, Ordering::Relaxed);
        last.wanted.store(false, Ordering::Relaxed);
        last.number.fetch_add(1, Ordering::Release);
    }

    /// Asks the thread that reads events for a census, and waits for it. After `patience`, as while that thread is in a function of the program,
    /// the last census is returned; that of an empty state if there was none.
    pub fn await_census(&self, patience: Duration) -> Census {
        let last = &self.0.census;
        let before = last.number.load(Ordering::Acquire);
        last.wanted.store(true, Ordering::Relaxed);
        let start = Instant::now();
        while last.number.load(Ordering::Acquire) == before && start.elapsed() < patience {
            std::thread::sleep(Duration::from_micros(200));
        }
        Census { threads: last.threads.load(Ordering::Relaxed), fds: last.fds.load(Ordering::Relaxed) }
    }
}
