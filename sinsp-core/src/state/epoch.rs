//! The epoch of a state: a number that tells whether anything may have changed in it between two looks.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many times one state can be changed before its numbers reach those of the next; 2^40 changes take weeks of nothing else.
const PER_STATE: u64 = 1 << 40;

static STATES: AtomicU64 = AtomicU64::new(1);

/// The epoch of one state. No two states ever have the same.
#[derive(Debug)]
pub(super) struct Epoch(u64);

impl Default for Epoch {
    fn default() -> Epoch {
        Epoch(STATES.fetch_add(1, Ordering::Relaxed).wrapping_mul(PER_STATE))
    }
}

impl Epoch {
    pub fn get(&self) -> u64 {
        self.0
    }

    pub fn next(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }
}
