//! The epoch of a state: a number that changes with the state, so that cached values can be checked for staleness.

use std::cell::Cell;
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
