//! Reading the events of a driver's rings, oldest first, and waiting for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::merge::{Merge, Next};
use super::queue::{Queue, Record};
use super::{NO_EVENT, Status};
use crate::{Event, Result};

/// How long to sleep when there is nothing: longer each time in a row that little came up meanwhile. That is never nothing
/// where all system calls are captured, since the sleep itself is one.
const SLEEP_MIN: Duration = Duration::from_micros(500);
const SLEEP_MAX: Duration = Duration::from_millis(10);
/// The most events between two sleeps that count as idle.
const IDLE_EVENTS: u32 = 16;
/// A ring buffer is assumed to fill no faster than this in nanoseconds a byte, and is looked at before it is full.
const FILL_NS: u64 = 5;

/// What a look at the rings brought.
pub(in crate::engine) enum Poll {
    Event,
    /// There is one, but an older one may still come up within this time.
    Settling(Duration),
    /// All that was there before the last wait was returned.
    CaughtUp,
    Empty,
}

/// A driver that makes events while a capture is started.
pub(in crate::engine) trait Startable {
    /// Whether it is started.
    fn started(&mut self) -> &mut bool;

    /// Makes the driver report what is selected if it is started, else nothing.
    fn apply(&mut self) -> Result<()>;

    /// Starts; what was selected before an error is taken back as far as the driver lets it.
    fn begin(&mut self) -> Result<()> {
        *self.started() = true;
        self.apply().inspect_err(|_| {
            let _ = self.end();
        })
    }

    /// Stops.
    fn end(&mut self) -> Result<()> {
        *self.started() = false;
        self.apply()
    }
}

/// Reads the events of rings, oldest first.
pub(in crate::engine) struct Reader<Q> {
    merge: Merge<Q>,
    /// The record that is shown, and its ring.
    current: Option<(Record, usize)>,
    sleep: Duration,
    sleep_max: Duration,
    /// Events since the last sleep.
    awake: u32,
    /// Records that are no events.
    malformed: Arc<AtomicU64>,
}

impl<Q: Queue> Reader<Q> {
    /// A reader of a merge of rings of at least `bytes` bytes each. Counts records that are no events in `malformed`.
    pub fn new(merge: Merge<Q>, bytes: usize, malformed: Arc<AtomicU64>) -> Reader<Q> {
        Reader {
            merge,
            current: None,
            sleep: SLEEP_MIN,
            sleep_max: Duration::from_nanos(bytes as u64 * FILL_NS).clamp(SLEEP_MIN, SLEEP_MAX),
            awake: 0,
            malformed,
        }
    }

    /// The number of rings that a CPU writes to.
    pub fn len(&self) -> usize {
        self.merge.len()
    }

    /// The ring that a CPU writes to.
    pub fn of(&self, cpu: u16) -> Option<&Q> {
        self.merge.of(cpu)
    }

    /// As [`Merge::replace`].
    pub fn replace(&mut self, cpu: u16, ring: Q) {
        self.merge.replace(cpu, ring);
    }

    /// As [`Merge::end_wait`].
    pub fn end_wait(&mut self) {
        self.merge.end_wait();
    }

    /// The ring of the current event.
    pub fn ring(&self) -> Option<usize> {
        self.current.map(|(_, ring)| ring)
    }

    /// The CPU of the current event, and the flags of its block in a capture file, of which there are none.
    pub fn origin(&self) -> (u16, u32) {
        (self.ring().map_or(0, |ring| self.merge.cpu(ring)), 0)
    }

    /// The bytes of the current event.
    pub fn bytes(&self) -> &[u8] {
        match self.current {
            // SAFETY: `self.merge` releases the record only in its next call of `next`, which takes `&mut self` and so ends
            // this borrow.
            Some((record, _)) => unsafe { record.bytes() },
            None => &NO_EVENT,
        }
    }

    /// Takes the next event if there is one. `now` reads the clock of the events' timestamps.
    #[inline]
    pub fn poll(&mut self, now: impl Fn() -> u64) -> Poll {
        self.current = None;
        loop {
            match self.merge.next(&now) {
                Next::Record(record, ring) => {
                    // SAFETY: the rings live in `self.merge`, which releases the record only in the next call of `next`.
                    let bytes = unsafe { record.bytes() };
                    if Event::new(bytes, 0, 0).is_err() {
                        self.malformed.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    self.awake += 1;
                    self.current = Some((record, ring));
                    return Poll::Event;
                }
                Next::Settling(time) => return Poll::Settling(time),
                Next::CaughtUp => return Poll::CaughtUp,
                Next::Empty => return Poll::Empty,
            }
        }
    }

    /// Fetches the next event; sleeps if there is none, and then tries once more. A timeout says that all events were returned that could be seen
    /// when the reader last had to sleep.
    pub fn next(&mut self, now: impl Fn() -> u64) -> Status {
        let mut slept = false;
        loop {
            match self.poll(&now) {
                Poll::Event => return Status::Event,
                Poll::Settling(time) => self.sleep(time),
                Poll::CaughtUp => return Status::Timeout,
                Poll::Empty if slept => return Status::Timeout,
                Poll::Empty => {
                    self.sleep(Duration::ZERO);
                    slept = true;
                }
            }
        }
    }

    /// Sleeps at least `time`, longer if few events came since the last sleep.
    #[cold]
    fn sleep(&mut self, time: Duration) {
        self.sleep = if self.awake > IDLE_EVENTS { SLEEP_MIN } else { (self.sleep * 2).min(self.sleep_max) };
        self.awake = 0;
        std::thread::sleep(self.sleep.max(time));
    }
}
