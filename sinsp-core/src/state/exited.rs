//! Threads that exited a moment ago.
//!
//! A parent's clone exit event may arrive after the child has exited. It must not add the child again.

use hashbrown::HashMap;
use std::collections::VecDeque;

/// How many threads are remembered.
const CAPACITY: usize = 8192;
/// For how long, in nanoseconds; after that the kernel may have reused the tids.
const MAX_AGE: u64 = 2_000_000_000;

/// The last threads that exited, by tid and parent tid.
#[derive(Debug, Default)]
pub(crate) struct RecentlyExited {
    when: HashMap<(i64, i64), u64>,
    order: VecDeque<(i64, i64)>,
}

impl RecentlyExited {
    pub fn record(&mut self, tid: i64, ptid: i64, ts: u64) {
        if self.when.insert((tid, ptid), ts).is_some() {
            return;
        }
        self.order.push_back((tid, ptid));
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.when.remove(&oldest);
        }
    }

    pub fn contains(&self, tid: i64, ptid: i64, now: u64) -> bool {
        self.when.get(&(tid, ptid)).is_some_and(|&ts| now.checked_sub(ts).is_some_and(|age| age < MAX_AGE))
    }

    pub fn clear(&mut self) {
        self.when.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_the_old_and_bounds_itself() {
        let mut exited = RecentlyExited::default();
        exited.record(5, 1, 1000);
        assert!(exited.contains(5, 1, 1000) && exited.contains(5, 1, MAX_AGE));
        assert!(!exited.contains(5, 1, MAX_AGE + 1000) && !exited.contains(5, 2, 1000) && !exited.contains(5, 1, 999));
        for tid in 0..2 * CAPACITY as i64 {
            exited.record(tid, 1, 2000);
        }
        assert_eq!((exited.when.len(), exited.order.len()), (CAPACITY, CAPACITY));
    }
}
