//! Merges the ring buffers of all CPUs by time.
//!
//! All rings are refreshed together, which gives a batch. A heap of the rings' first records then finds the oldest record,
//! so that an event does not cost a look at every ring. An event becomes visible a moment after it gets its timestamp, so
//! an event of another CPU may be older than one that is visible already: events younger than [`SETTLE`] wait for the next
//! batch.
//!
//! Where all system calls are captured, the sleep of a wait makes events itself. So [`Next::CaughtUp`] comes between the events from before the
//! start of a wait and those after it; without it a program that reads until there is nothing would never end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::queue::{Head, Queue, Record};

/// The assumed longest time from an event's timestamp until it is visible, in nanoseconds. It is some microseconds, unless
/// a hypervisor takes the CPU away.
const SETTLE: u64 = 1_000_000;

/// An event with a timestamp this far in the future, in nanoseconds, is delivered at once.
const AHEAD: u64 = 1_000_000_000;

#[derive(Debug, Clone, Copy)]
pub(in crate::engine) enum Next {
    /// The oldest record and the index of its ring. It is valid until the next call of [`Merge::next`].
    Record(Record, usize),
    /// There is a record, but an older one may become visible within this time.
    Settling(Duration),
    /// All events from before the start of the last wait have been returned.
    CaughtUp,
    Empty,
}

/// Merges rings whose records start with a 64-bit timestamp.
pub(in crate::engine) struct Merge<Q> {
    rings: Vec<Q>,
    /// The first record of each ring, if it is in the heap.
    heads: Vec<Option<Record>>,
    /// The timestamps of `heads`, with the index of the ring. Allocated for all rings at the start.
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    /// Every event up to this time is visible.
    settled: u64,
    /// When the wait started, while events from before it are still to be returned.
    waiting: Option<u64>,
    /// Whether the record at the heap's top was returned by `next`.
    handed_out: bool,
}

impl<Q: Queue> Merge<Q> {
    pub fn new(rings: Vec<Q>) -> Merge<Q> {
        Merge {
            heads: vec![None; rings.len()],
            heap: BinaryHeap::with_capacity(rings.len()),
            rings,
            settled: 0,
            waiting: None,
            handed_out: false,
        }
    }

    /// The number of rings.
    pub fn len(&self) -> usize {
        self.rings.len()
    }

    /// The oldest record of all rings. The record of the previous call is released to the kernel. `now` reads the clock of
    /// the events' timestamps.
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

    /// Releases the record at the heap's top and replaces it by the next one of its ring.
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

    /// Refreshes all rings. `now` was read before.
    fn next_batch(&mut self, now: u64) -> Next {
        let visible = now.saturating_sub(SETTLE);
        self.settled = self.settled.max(self.waiting.map_or(visible, |begin| visible.min(begin)));
        for (i, ring) in self.rings.iter_mut().enumerate() {
            ring.refresh();
            if self.heads[i].is_none()
                && let Some((ts, record)) = look(ring)
            {
                self.heads[i] = Some(record);
                self.heap.push(Reverse((ts, i)));
            }
        }
        let Some(&Reverse((ts, _))) = self.heap.peek() else {
            self.waiting = None;
            return Next::Empty;
        };
        if ts > now.saturating_add(AHEAD) {
            self.settled = ts;
        }
        if let Some(next) = self.settled_record() {
            return next;
        }
        if self.waiting.is_some_and(|begin| begin <= visible) {
            self.waiting = None;
            return Next::CaughtUp;
        }
        self.waiting.get_or_insert(now);
        Next::Settling(Duration::from_nanos(ts - visible))
    }
}

/// The next record of a ring, with its timestamp. Records too short for a timestamp are skipped; the probe makes none.
#[inline]
fn look<Q: Queue>(ring: &mut Q) -> Option<(u64, Record)> {
    loop {
        match ring.head() {
            Head::Empty => return None,
            Head::Busy => {
                if !committed(ring) {
                    return None;
                }
            }
            Head::Record(record) => {
                // SAFETY: the ring exists and has not released the record, so the kernel does not overwrite it.
                let bytes = unsafe { record.bytes() };
                match bytes.first_chunk::<8>() {
                    Some(ts) => return Some((u64::from_ne_bytes(*ts), record)),
                    None => ring.release(),
                }
            }
        }
    }
}

/// Waits for a record that a program on another CPU is writing. That takes microseconds, unless that CPU is taken away by a
/// hypervisor; then the ring is skipped for now.
#[cold]
fn committed<Q: Queue>(ring: &mut Q) -> bool {
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
    use super::super::bpf::ring::Ring;
    use super::super::bpf::ring::tests::Fake;
    use super::*;

    fn push(fake: &Fake, ts: u64, what: u8) {
        assert!(fake.push(&[&ts.to_ne_bytes()[..], &[what]].concat()));
    }

    /// All records that are settled at `now`.
    fn take(merge: &mut Merge<Ring>, now: u64) -> Vec<(u64, u8, usize)> {
        let mut all = Vec::new();
        while let Next::Record(record, ring) = merge.next(|| now) {
            // SAFETY: the record is valid until the next call of `next`.
            let b = unsafe { record.bytes() };
            all.push((u64::from_ne_bytes(*b.first_chunk().unwrap()), b[8], ring));
        }
        all
    }

    fn fakes(n: usize) -> (Vec<Fake>, Merge<Ring>) {
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
    fn a_wait_that_makes_events_itself_comes_to_an_end() {
        let (fakes, mut merge) = fakes(1);
        push(&fakes[0], SETTLE, 0);
        let (mut now, mut waits, mut got) = (SETTLE + 1, 0, Vec::new());
        loop {
            match merge.next(|| now) {
                Next::Record(record, _) => {
                    // SAFETY: the record is valid until the next call of `next`.
                    got.push(unsafe { record.bytes() }[8]);
                }
                Next::Settling(time) => {
                    waits += 1;
                    push(&fakes[0], now + 1, waits);
                    now += time.as_nanos() as u64;
                }
                Next::CaughtUp => break,
                Next::Empty => panic!("there is an event of the wait"),
            }
            assert!(waits < 10, "it waits for ever");
        }
        // What was there when it had to wait has come; what the waits made comes later.
        assert_eq!(got, [0]);
        let later: Vec<u8> = take(&mut merge, LATE).iter().map(|(_, what, _)| *what).collect();
        assert_eq!(later, (1..=waits).collect::<Vec<_>>());
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

    /// Takes `records` records of the size of a short event from `rings` rings, of which `busy` have records. Returns what each takes in nanoseconds.
    fn cost(rings: usize, busy: usize, records: usize) -> f64 {
        let each = records / busy;
        let fakes: Vec<Fake> =
            (0..rings).map(|i| Fake::new(if i < busy { (each * 64).next_power_of_two() } else { 4096 })).collect();
        let mut merge = Merge::new(fakes.iter().map(Fake::ring).collect());
        let mut record = [0; 48];
        for i in 0..each {
            for (ring, fake) in fakes.iter().enumerate().take(busy) {
                let ts = i * busy + (ring * 7919) % busy;
                record[..8].copy_from_slice(&(ts as u64 + 1).to_ne_bytes());
                assert!(fake.push(&record));
            }
        }
        let start = std::time::Instant::now();
        let mut last = 0;
        for _ in 0..each * busy {
            let Next::Record(record, _) = merge.next(|| LATE + records as u64) else { panic!("a record is missing") };
            // SAFETY: the record is valid until the next call of `next`.
            let ts = u64::from_ne_bytes(*unsafe { record.bytes() }.first_chunk().unwrap());
            assert!(ts > last, "{ts} after {last}, of {rings} rings");
            last = ts;
        }
        let cost = start.elapsed().as_nanos() as f64 / (each * busy) as f64;
        assert!(matches!(merge.next(|| LATE + records as u64), Next::Empty));
        cost
    }

    /// With RING_RECORDS, as many records, and the lowest of seven costs is printed: `./dev bench` reads it.
    #[test]
    fn hundreds_of_rings_are_merged_in_order() {
        let records = std::env::var("RING_RECORDS").ok().and_then(|n| n.parse().ok());
        for (rings, busy) in [(1, 1), (2, 2), (128, 2), (128, 128), (512, 2), (512, 512)] {
            let once = || cost(rings, busy, records.unwrap_or(4096));
            let best =
                std::iter::repeat_with(once).take(if records.is_some() { 7 } else { 1 }).fold(f64::INFINITY, f64::min);
            println!("rings={rings} busy={busy} ns={best:.1}");
        }
    }
}
