//! Asynchronous events: any thread pushes them into a queue, and the inspector merges them with the engine's events by
//! time.

use crate::{Error, Result};
use parking_lot::Mutex;
use scap_sys::EventBuf;
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering as Sync};
use std::time::{SystemTime, UNIX_EPOCH};

/// The timestamp of an event that gets its time when the inspector takes it.
pub const NO_TIME: u64 = u64::MAX;

const MAX_WAITING: usize = 4096;
/// The most nanoseconds that an event may lie in the future, because it delays the events behind it.
const MAX_AHEAD: u64 = 10_000_000_000;

/// The entry to the queue of one inspector. Clones share the queue and may be used by any thread.
#[derive(Clone, Default)]
pub struct Injector(Arc<Queue>);

#[derive(Default)]
struct Queue {
    /// The number of events in the queue, to see without the lock that there are none.
    waiting: AtomicUsize,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    open: bool,
    /// The events with a time.
    timed: BinaryHeap<Reverse<Waiting>>,
    /// Those without one, in the order of their arrival.
    untimed: VecDeque<Waiting>,
    /// Counts all pushed events, so that events of one time keep their order.
    count: u64,
}

struct Waiting {
    ts: u64,
    order: u64,
    event: EventBuf,
}

impl Line {
    fn len(&self) -> usize {
        self.timed.len() + self.untimed.len()
    }

    /// Takes the first event with a time that is not after `until`, or one without a time that arrived before that.
    fn pop(&mut self, until: u64) -> Option<Waiting> {
        let due = self.timed.peek().map(|Reverse(first)| first).filter(|first| first.ts <= until);
        match (self.untimed.front(), due) {
            (Some(untimed), Some(due)) if untimed.order > due.order => self.timed.pop().map(|Reverse(first)| first),
            (Some(_), _) => self.untimed.pop_front(),
            (None, Some(_)) => self.timed.pop().map(|Reverse(first)| first),
            (None, None) => None,
        }
    }
}

impl Waiting {
    /// Sorts by time, then by order of arrival.
    fn key(&self) -> (u64, u64) {
        (self.ts, self.order)
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl Injector {
    /// Pushes an event. One with time [`NO_TIME`] becomes the next event, after those that wait already and whose time has come, and gets the time of the
    /// event before it; any other is delivered when the engine reaches its time. Fails if nothing is open, if the queue is full, or if the time is more
    /// than 10 s in the future.
    pub fn push(&self, event: EventBuf) -> Result<()> {
        let ts = event.event().ts();
        if ts != NO_TIME && ts > now().saturating_add(MAX_AHEAD) {
            return Err(Error::Invalid("the time of the asynchronous event is too far in the future".into()));
        }
        let mut line = self.0.line.lock();
        if !line.open {
            return Err(Error::Invalid("the inspector is closed, and takes no asynchronous events".into()));
        }
        if line.len() >= MAX_WAITING {
            return Err(Error::Invalid("the queue of asynchronous events is full".into()));
        }
        let order = line.count;
        line.count += 1;
        let waiting = Waiting { ts, order, event };
        match ts {
            NO_TIME => line.untimed.push_back(waiting),
            _ => line.timed.push(Reverse(waiting)),
        }
        self.0.waiting.store(line.len(), Sync::Release);
        Ok(())
    }

    /// Allows or refuses events; clears the queue.
    pub(super) fn set_open(&self, open: bool) {
        let mut line = self.0.line.lock();
        line.open = open;
        line.timed.clear();
        line.untimed.clear();
        self.0.waiting.store(0, Sync::Release);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.waiting.load(Sync::Acquire) == 0
    }

    /// Takes the first event whose time is not after `until`. An event without a time gets the time `last`.
    #[cold]
    pub(super) fn take(&self, until: u64, last: u64) -> Option<EventBuf> {
        let mut line = self.0.line.lock();
        let mut first = line.pop(until)?;
        self.0.waiting.store(line.len(), Sync::Release);
        drop(line);
        if first.ts == NO_TIME {
            first.event.set_ts(last);
        }
        Some(first.event)
    }
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use driver::EventType;
    use scap_sys::encode;

    fn event(ts: u64, tid: i64) -> EventBuf {
        let params = vec![encode::Value::Null; EventType::ASYNCEVENT_E.info().unwrap().params.len()];
        EventBuf::new(&encode::event(ts, tid, EventType::ASYNCEVENT_E, &params).unwrap()).unwrap()
    }

    fn taken(injector: &Injector, until: u64) -> Option<(u64, i64)> {
        injector.take(until, 2).map(|e| (e.event().ts(), e.event().tid()))
    }

    #[test]
    fn events_leave_in_the_order_of_their_times() {
        let injector = Injector::default();
        injector.set_open(true);
        for (ts, tid) in [(5, 1), (3, 2), (NO_TIME, 3), (5, 4), (3, 5)] {
            injector.push(event(ts, tid)).unwrap();
        }
        // The one without a time waits for the due one that was there before it, not for the other one.
        assert_eq!(taken(&injector, 4), Some((3, 2)));
        assert_eq!(taken(&injector, 4), Some((2, 3)));
        assert_eq!(taken(&injector, 4), Some((3, 5)));
        assert_eq!(taken(&injector, 4), None);
        assert!(!injector.is_empty());
        assert_eq!(taken(&injector, 5), Some((5, 1)));
        assert_eq!(taken(&injector, 5), Some((5, 4)));
        assert!(injector.is_empty());
    }

    #[test]
    fn what_is_refused() {
        let injector = Injector::default();
        assert!(injector.push(event(1, 1)).is_err(), "closed");
        injector.set_open(true);
        assert!(injector.push(event(now() + 2 * MAX_AHEAD, 1)).is_err(), "too far ahead");
        for _ in 0..MAX_WAITING {
            injector.push(event(1, 1)).unwrap();
        }
        assert!(injector.push(event(1, 1)).is_err(), "full");
        injector.set_open(false);
        assert!(injector.is_empty() && injector.push(event(1, 1)).is_err());
    }

    #[test]
    fn threads_fill_it_while_one_empties_it() {
        let injector = Injector::default();
        injector.set_open(true);
        let mut seen = [0; 3];
        std::thread::scope(|s| {
            for tid in 0..3 {
                let injector = injector.clone();
                s.spawn(move || (0..1000).for_each(|ts| injector.push(event(ts, tid)).unwrap()));
            }
            while seen.iter().sum::<u32>() < 3000 {
                match injector.take(1000, 0) {
                    Some(event) => seen[event.event().tid() as usize] += 1,
                    None => std::thread::yield_now(),
                }
            }
        });
        assert_eq!(seen, [1000; 3]);
    }
}
