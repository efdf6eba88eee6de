//! Counters that one thread increments and any thread reads.

use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter. Clones share one value. Only the thread that owns the state may change it, because an increment is a plain
/// load and store; any thread may read it.
#[derive(Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// The current value.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the value.
    pub fn set(&mut self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }
}

impl AddAssign<u64> for Counter {
    fn add_assign(&mut self, n: u64) {
        self.set(self.get().wrapping_add(n));
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shows_what_is_counted() {
        let mut counter = Counter::default();
        let shown = counter.clone();
        counter += 2;
        counter += 3;
        assert_eq!((shown.get(), format!("{shown:?}")), (5, "5".into()));
        counter.set(1);
        assert_eq!(shown.get(), 1);
    }
}
