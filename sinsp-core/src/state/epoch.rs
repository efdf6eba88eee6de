//! When the state changed: the epoch counts what invalidates values that were extracted for an event, the clock every access that can change anything.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The changes after which the epochs of one state would reach those of the next: at a million changes per second, 12 days.
const PER_STATE: u64 = 1 << 40;

static STATES: AtomicU64 = AtomicU64::new(1);

/// The epoch of one state. Different states have different epochs.
#[derive(Debug)]
pub(super) struct Epoch(Cell<u64>);

impl Default for Epoch {
    fn default() -> Epoch {
        Epoch(Cell::new(STATES.fetch_add(1, Ordering::Relaxed).wrapping_mul(PER_STATE)))
    }
}

impl Epoch {
    pub fn get(&self) -> u64 {
        self.0.get()
    }

    pub fn next(&self) {
        self.0.set(self.0.get().wrapping_add(1));
    }
}

/// A number at a fixed address that grows with every change of an inspector that a filter could notice: before each exclusive access to the inspector,
/// so also with each event, with each change of the epoch, and when an object outside the core begins to hold data. It is never 0.
///
/// Clones are the same clock. One thread at a time advances it; any thread may read it.
#[derive(Debug, Clone)]
pub struct Clock(Arc<AtomicU64>);

impl Default for Clock {
    fn default() -> Clock {
        Clock(Arc::new(AtomicU64::new(1)))
    }
}

impl Clock {
    /// The current value.
    #[inline]
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Advances it. Must be called before the change.
    #[inline]
    pub fn advance(&self) {
        self.0.store(self.now().wrapping_add(1), Ordering::Relaxed);
    }

    /// The address of the value, for atomic loads. Valid as long as this or another clone.
    pub fn address(&self) -> *const u64 {
        self.0.as_ptr().cast_const()
    }
}
