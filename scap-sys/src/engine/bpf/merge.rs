//! The rings of all CPUs as one sequence, in the order of time.
//!
//! The rings are looked at together, which makes a batch; within it a heap of their first records tells which is the
//! oldest, so that an event costs no look at every ring. An event is stamped a moment before it can be seen, and the next
//! one of another CPU may be older than one that is seen already: what is younger than [`SETTLE`] waits for the next batch.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::ring::{Head, Record, Ring};

/// How long an event may take from its timestamp until it can be seen. It takes microseconds, unless the host of a virtual
/// machine takes the CPU away.
const SETTLE: u64 = 1_000_000;

/// A timestamp this much ahead of the clock is not waited for.
const AHEAD: u64 = 1_000_000_000;

/// What comes next of all rings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Next {
    /// The oldest record, and its ring. It is valid until the next call of [`Merge::next`].
    Record(Record, usize),
    /// There is one, but an older one may still come up within this time.
    Settling(Duration),
    /// Nothing.
    Empty,
}

/// Merges rings whose records start with a timestamp of 64 bits.
pub(super) struct Merge {
    rings: Vec<Ring>,
    /// The first record of each ring that is in the heap.
    heads: Vec<Option<Record>>,
    /// The timestamps of those, with their rings. Its memory suffices for all rings from the start.
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    /// Up to this time every event has been seen.
    settled: u64,
    /// The ring at the heap's top was handed out.
    handed_out: bool,
}

impl Merge {
    pub fn new(rings: Vec<Ring>) -> Merge {
        Merge {
            heads: vec![None; rings.len()],
            heap: BinaryHeap::with_capacity(rings.len()),
            rings,
            settled: 0,
            handed_out: false,
        }
    }

    /// How many rings there are.
    pub fn len(&self) -> usize {
        self.rings.len()
    }

    /// The oldest record of all rings. What was handed out before goes back to the kernel. `now` is the clock that stamps
    /// the events.
    #[inline]
    pub fn next(&mut self, now: impl Fn() -> u64) -> Next {
        if self.handed_out {
            self.handed_out = false;
            self.go_on();
        }
        if let Some(next) = self.settled_record() {
            return next;
        }
        self.next_batch(now())
    }

    /// Replaces the heap's top by what follows it in its ring.
    fn go_on(&mut self) {
        let Some(mut top) = self.heap.peek_mut() else { return };
        let ring = top.0.1;
        self.rings[ring].release();
        match look(&mut self.rings[ring]) {
            Some((ts, record)) => {
                self.heads[ring] = Some(record);
                *top = Reverse((ts, ring));
            }
            None => {
                self.heads[ring] = None;
                std::collections::binary_heap::PeekMut::pop(top);
            }
        }
    }

    #[inline]
    fn settled_record(&mut self) -> Option<Next> {
        let &Reverse((ts, ring)) = self.heap.peek()?;
        if ts > self.settled {
            return None;
        }
        self.handed_out = true;
        Some(Next::Record(self.heads[ring]?, ring))
    }

    /// Looks at all rings again. `now` is a time before this.
    fn next_batch(&mut self, now: u64) -> Next {
        self.settled = self.settled.max(now.saturating_sub(SETTLE));
        for (i, ring) in self.rings.iter_mut().enumerate() {
            ring.refresh();
            if self.heads[i].is_none()
                && let Some((ts, record)) = look(ring)
            {
                self.heads[i] = Some(record);
                self.heap.push(Reverse((ts, i)));
            }
        }
        let Some(&Reverse((ts, _))) = self.heap.peek() else { return Next::Empty };
        if ts > now.saturating_add(AHEAD) {
            self.settled = ts;
        }
        self.settled_record().unwrap_or_else(|| Next::Settling(Duration::from_nanos(ts - self.settled)))
    }
}

/// The next record of a ring with its timestamp. Records too short for one are passed over; no program makes such.
#[inline]
fn look(ring: &mut Ring) -> Option<(u64, Record)> {
    loop {
        match ring.head() {
            Head::Empty => return None,
            Head::Busy => {
                if !committed(ring) {
                    return None;
                }
            }
            Head::Record(record) => {
                // SAFETY: the ring has not gone on since.
                let bytes = unsafe { record.bytes() };
                match bytes.first_chunk::<8>() {
                    Some(ts) => return Some((u64::from_ne_bytes(*ts), record)),
                    None => ring.release(),
                }
            }
        }
    }
}

/// Waits for a program that is writing a record on another CPU, which is done in no time unless that CPU is taken away from
/// it. Then the others go first.
#[cold]
fn committed(ring: &mut Ring) -> bool {
    for round in 0..100 {
        for _ in 0..100 {
            if !matches!(ring.head(), Head::Busy) {
                return true;
            }
            std::hint::spin_loop();
        }
        if round > 10 {
            std::thread::sleep(Duration::from_micros(10));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::ring::tests::Fake;
    use super::*;

    fn push(fake: &Fake, ts: u64, what: u8) {
        assert!(fake.push(&[&ts.to_ne_bytes()[..], &[what]].concat()));
    }

    /// Everything that is settled at `now`.
    fn take(merge: &mut Merge, now: u64) -> Vec<(u64, u8, usize)> {
        let mut all = Vec::new();
        while let Next::Record(record, ring) = merge.next(|| now) {
            // SAFETY: it is valid until the next call.
            let b = unsafe { record.bytes() };
            all.push((u64::from_ne_bytes(*b.first_chunk().unwrap()), b[8], ring));
        }
        all
    }

    fn fakes(n: usize) -> (Vec<Fake>, Merge) {
        let fakes: Vec<Fake> = (0..n).map(|_| Fake::new(1024)).collect();
        let merge = Merge::new(fakes.iter().map(Fake::ring).collect());
        (fakes, merge)
    }

    const LATE: u64 = 10 * SETTLE;

    #[test]
    fn the_oldest_comes_first_whatever_ring_it_is_in() {
        let (fakes, mut merge) = fakes(3);
        for (ring, ts) in [(0, 10), (0, 40), (1, 20), (1, 21), (1, 50), (2, 5), (2, 45)] {
            push(&fakes[ring], ts, ring as u8);
        }
        let got = take(&mut merge, LATE);
        let expected = [(5, 2), (10, 0), (20, 1), (21, 1), (40, 0), (45, 2), (50, 1)];
        assert_eq!(got, expected.map(|(ts, ring)| (ts, ring as u8, ring)));
        assert!(matches!(merge.next(|| LATE), Next::Empty));
    }

    #[test]
    fn an_event_that_comes_up_late_still_comes_in_order() {
        let (fakes, mut merge) = fakes(2);
        push(&fakes[0], SETTLE + 200, 0);
        let Next::Settling(wait) = merge.next(|| SETTLE + 300) else { panic!("an older one could still come") };
        assert!(wait.as_nanos() as u64 <= SETTLE);
        push(&fakes[1], SETTLE + 100, 1);
        let got = take(&mut merge, 3 * SETTLE);
        assert_eq!(got, [(SETTLE + 100, 1, 1), (SETTLE + 200, 0, 0)]);
    }

    #[test]
    fn a_record_is_released_when_the_next_one_is_asked_for() {
        let fake = Fake::new(64);
        let mut merge = Merge::new(vec![fake.ring()]);
        for ts in 1..4 {
            assert!(fake.push(&u64::to_ne_bytes(ts)));
        }
        assert!(fake.push(&u64::to_ne_bytes(4)));
        assert!(!fake.push(&u64::to_ne_bytes(5)), "full");
        assert!(matches!(merge.next(|| LATE), Next::Record(..)));
        assert!(!fake.push(&u64::to_ne_bytes(5)), "the record may still be read");
        assert!(matches!(merge.next(|| LATE), Next::Record(..)));
        assert!(fake.push(&u64::to_ne_bytes(5)));
    }

    #[test]
    fn a_ring_that_is_being_written_does_not_stop_the_others_for_ever() {
        let (fakes, mut merge) = fakes(2);
        let at = fakes[0].reserve(&1u64.to_ne_bytes()).unwrap();
        push(&fakes[1], 2, 1);
        assert_eq!(take(&mut merge, LATE), [(2, 1, 1)]);
        fakes[0].commit(at, 8);
        assert!(matches!(merge.next(|| LATE), Next::Record(_, 0)));
    }

    #[test]
    fn a_record_without_a_timestamp_is_passed_over() {
        let (fakes, mut merge) = fakes(1);
        assert!(fakes[0].push(b"short"));
        push(&fakes[0], 7, 3);
        assert_eq!(take(&mut merge, LATE), [(7, 3, 0)]);
    }

    #[test]
    fn a_timestamp_from_the_far_future_is_not_waited_for() {
        let (fakes, mut merge) = fakes(2);
        push(&fakes[0], u64::MAX, 0);
        assert_eq!(take(&mut merge, LATE), [(u64::MAX, 0, 0)]);
    }
}
