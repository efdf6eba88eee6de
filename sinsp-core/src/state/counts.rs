//! The counters of the state, which any thread reads while the thread that owns the state increments them.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// A counter. Only the thread that owns the state may change it, because an increment is a plain load and store; any thread may read it.
#[repr(transparent)]
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    /// The current value.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Adds to the value.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.get().wrapping_add(n), Ordering::Relaxed);
    }
}

impl fmt::Debug for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// As [`Count`], with 32 bits.
#[repr(transparent)]
#[derive(Default)]
pub struct SmallCount(AtomicU32);

impl SmallCount {
    /// The current value.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed).into()
    }

    /// Adds to the value.
    pub fn add(&self, n: u32) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }
}

impl fmt::Debug for SmallCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// How the tables were used. A cached lookup is one of what was looked up last. The layout is that of a struct of C++ whose size
/// programs know: it does not change.
#[repr(C)]
#[derive(Debug, Default)]
pub struct StateCounts {
    /// Lookups that found an fd.
    pub fd_lookups_noncached: Count,
    /// Lookups of the fd of the last lookup.
    pub fd_lookups_cached: Count,
    /// Lookups of fds that were not in the table.
    pub fd_lookups_failed: Count,
    /// Fds that were added.
    pub fds_added: Count,
    /// Fds that were removed, without those of removed threads.
    pub fds_removed: Count,
    /// Enter events that were stored for their exit events.
    pub enter_events_kept: Count,
    /// Enter events that were not stored because their thread is not in the table.
    pub enter_events_not_kept: Count,
    /// Exit events whose enter event was needed and stored.
    pub enter_events_found: Count,
    /// Exit events whose enter event was needed and not stored.
    pub enter_events_missed: Count,
    /// Lookups that found a thread.
    pub thread_lookups_noncached: Count,
    /// Lookups of the thread of the last lookup.
    pub thread_lookups_cached: Count,
    /// Lookups of threads that were not in the table.
    pub thread_lookups_failed: Count,
    /// Threads that were added.
    pub threads_added: Count,
    /// Threads that were removed.
    pub threads_removed: Count,
    /// Threads that were not added because the table was full.
    pub threads_dropped: SmallCount,
}

/// All counters of a state.
#[derive(Debug, Default)]
pub struct StateStats {
    counts: StateCounts,
    /// Threads that were added with only a tid, because the source did not find them.
    pub threads_invented: Count,
}

impl std::ops::Deref for StateStats {
    type Target = StateCounts;

    fn deref(&self) -> &StateCounts {
        &self.counts
    }
}

/// The sizes of the tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// The threads of the table.
    pub threads: u64,
    /// The sum of the fds that each of them has. An fd that threads share counts for each of them.
    pub fds: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up() {
        let counts = StateCounts::default();
        counts.fds_added.add(2);
        counts.fds_added.add(3);
        counts.threads_dropped.add(4);
        assert_eq!((counts.fds_added.get(), counts.threads_dropped.get()), (5, 4));
        assert!(format!("{counts:?}").contains("fds_added: 5"));
    }
}
