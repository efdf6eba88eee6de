//! Merges the ring buffers of all CPUs by time.
//!
//! All rings are refreshed together, which gives a batch. A heap of the rings' first records then finds the oldest record,
//! so that an event does not cost a look at every ring. An event becomes visible a moment after it gets its timestamp, so
//! an event of another CPU may be older than one that is visible already: events younger than [`SETTLE`] wait for the next
//! batch.
//!
//! Where all system calls are captured, the sleep of a wait makes events itself. So [`Next::CaughtUp`] comes between the events from before the
//! start of a wait and those after it; without it a program that reads until there is nothing would never end.
//!
//! A CPU can get a new ring during a capture. It is merged as that of another CPU, beside the old one, whose events are older: after the exchange
//! no program writes to the old ring, so the next refresh of all rings sees its last event, and no event of the new ring is returned before that
//! refresh. An old ring that no CPU has any more is dropped as soon as it is empty.

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

/// A ring of the merge.
struct Lane<Q> {
    ring: Q,
    /// The CPU that its events are of, for the reader.
    cpu: u16,
    /// The CPUs that write to it; none once they all have another ring.
    writers: Vec<u16>,
    /// The first record, if it is in the heap.
    head: Option<Record>,
}

/// Merges rings whose records start with a 64-bit timestamp.
pub(in crate::engine) struct Merge<Q> {
    lanes: Vec<Lane<Q>>,
    /// The timestamps of the rings' first records, with the index of the ring. Has room for all rings.
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    /// Every event up to this time is visible.
    settled: u64,
    /// When the wait started, while events from before it are still to be returned.
    waiting: Option<u64>,
    /// Whether the record at the heap's top was returned by `next`.
    handed_out: bool,
    /// Whether there is a ring without a writer.
    left: bool,
}

impl<Q: Queue> Merge<Q> {
    /// Merges `rings`, each with the CPU that its events are of and the CPUs that write to it.
    pub fn new(rings: impl IntoIterator<Item = (Q, u16, Vec<u16>)>) -> Merge<Q> {
        let lanes: Vec<_> =
            rings.into_iter().map(|(ring, cpu, writers)| Lane { ring, cpu, writers, head: None }).collect();
        let heap = BinaryHeap::with_capacity(lanes.len());
        Merge { lanes, heap, settled: 0, waiting: None, handed_out: false, left: false }
    }

    /// The number of rings that a CPU writes to.
    pub fn len(&self) -> usize {
        self.lanes.iter().filter(|lane| !lane.writers.is_empty()).count()
    }

    /// The CPU that the events of the ring with this index are of.
    pub fn cpu(&self, ring: usize) -> u16 {
        self.lanes[ring].cpu
    }

    /// The ring that a CPU writes to.
    pub fn of(&self, cpu: u16) -> Option<&Q> {
        self.lanes.iter().find(|lane| lane.writers.contains(&cpu)).map(|lane| &lane.ring)
    }

    /// Ends a wait: after a stop no wait makes events, and all that there are come before [`Next::CaughtUp`].
    pub fn end_wait(&mut self) {
        self.waiting = None;
    }

    /// Adds the ring that a CPU writes to from now on. No program may still be writing an event of this CPU to the one before. The current record
    /// stays valid.
    pub fn replace(&mut self, cpu: u16, ring: Q) {
        for lane in &mut self.lanes {
            lane.writers.retain(|writer| *writer != cpu);
            self.left |= lane.writers.is_empty();
        }
        self.lanes.push(Lane { ring, cpu, writers: vec![cpu], head: None });
        self.heap.reserve(self.lanes.len() - self.heap.len());
    }

    /// Drops rings that are empty and that no CPU writes to, which changes the indexes of those behind them. Only right after a refresh of all rings,
    /// and while no record is handed out.
    #[cold]
    fn drop_left(&mut self) {
        self.left = false;
        let mut at = 0;
        while let Some(lane) = self.lanes.get_mut(at) {
            if !lane.writers.is_empty() {
                at += 1;
            } else if lane.head.is_some() || !matches!(lane.ring.head(), Head::Empty) {
                self.left = true;
                at += 1;
            } else {
                self.lanes.remove(at);
                let mut heads = std::mem::take(&mut self.heap).into_vec();
                for Reverse((_, ring)) in &mut heads {
                    *ring -= usize::from(*ring > at);
                }
                self.heap = heads.into();
            }
        }
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
        let lane = &mut self.lanes[ring];
        lane.ring.release();
        match look(&mut lane.ring) {
            Some((ts, record)) => {
                lane.head = Some(record);
                *top = Reverse((ts, ring));
            }
            None => {
                lane.head = None;
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
        Some(Next::Record(self.lanes[ring].head?, ring))
    }

    /// Refreshes all rings. `now` was read before.
    fn next_batch(&mut self, now: u64) -> Next {
        let visible = now.saturating_sub(SETTLE);
        self.settled = self.settled.max(self.waiting.map_or(visible, |begin| visible.min(begin)));
        for (i, lane) in self.lanes.iter_mut().enumerate() {
            lane.ring.refresh();
            if lane.head.is_none()
                && let Some((ts, record)) = look(&mut lane.ring)
            {
                lane.head = Some(record);
                self.heap.push(Reverse((ts, i)));
            }
        }
        if self.left {
            self.drop_left();
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

    /// The rings of as many CPUs.
    fn merge_of(fakes: &[Fake]) -> Merge<Ring> {
        Merge::new(fakes.iter().zip(0..).map(|(fake, cpu)| (fake.ring(), cpu, vec![cpu])))
    }

    fn fakes(n: usize) -> (Vec<Fake>, Merge<Ring>) {
        let fakes: Vec<Fake> = (0..n).map(|_| Fake::new(1024)).collect();
        let merge = merge_of(&fakes);
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
        let mut merge = merge_of(std::slice::from_ref(&fake));
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

    #[test]
    fn after_a_stop_all_events_come_before_the_end_of_a_wait() {
        for stops in [false, true] {
            let (fakes, mut merge) = fakes(1);
            push(&fakes[0], LATE, 1);
            assert!(matches!(merge.next(|| LATE + 1), Next::Settling(_)));
            push(&fakes[0], 2 * LATE, 2);
            if stops {
                merge.end_wait();
            }
            let (got, last) = (take(&mut merge, 4 * LATE).len(), merge.next(|| 4 * LATE));
            // With a wait that goes on, its end came in between, and the second event after it.
            assert_eq!((got, matches!(last, Next::Empty)), if stops { (2, true) } else { (1, false) });
        }
    }

    #[test]
    fn events_of_a_ring_that_was_replaced_come_before_newer_ones_of_its_successor() {
        let (fakes, mut merge) = fakes(2);
        let new = Fake::new(1024);
        push(&fakes[0], 1, b'a');
        push(&fakes[1], 6, b'x');
        assert!(matches!(merge.next(|| LATE), Next::Record(_, 0)));
        // Since the last refresh of the old ring; the exchange; and after it.
        push(&fakes[0], LATE + 10, b'b');
        push(&fakes[0], LATE + 20, b'c');
        merge.replace(0, new.ring());
        push(&new, LATE + 15, b'd');
        push(&new, LATE + 30, b'e');
        push(&fakes[1], LATE + 12, b'y');
        assert_eq!((merge.len(), merge.of(0).is_some()), (2, true));
        let got: Vec<u8> = take(&mut merge, 2 * LATE).iter().map(|(_, what, _)| *what).collect();
        // `d` is of a program that began while another one was writing `c` on the same CPU.
        assert_eq!(String::from_utf8(got).unwrap(), "xbydce");
    }

    #[test]
    fn a_ring_that_was_replaced_is_dropped_when_it_is_empty_and_others_keep_their_events_and_cpus() {
        let (fakes, mut merge) = fakes(3);
        let new = [Fake::new(1024), Fake::new(2048)];
        push(&fakes[0], 1, 0);
        push(&fakes[2], 9, 2);
        assert!(matches!(merge.next(|| LATE), Next::Record(..)));
        merge.replace(0, new[0].ring());
        assert_eq!((merge.lanes.len(), merge.len(), merge.cpu(0), merge.cpu(3)), (4, 3, 0, 0));
        push(&new[0], LATE + 1, 10);
        // The record that is handed out stays until the next one is asked for, and the ring goes with the next refresh.
        assert!(matches!(merge.next(|| LATE), Next::Record(_, 2)));
        assert_eq!(merge.lanes.len(), 4);
        push(&fakes[2], LATE + 2, 12);
        push(&fakes[1], LATE + 3, 11);
        let got = take(&mut merge, 3 * LATE);
        assert_eq!(got, [(LATE + 1, 10, 2), (LATE + 2, 12, 1), (LATE + 3, 11, 0)]);
        assert_eq!((merge.lanes.len(), merge.len()), (3, 3));
        assert_eq!([0, 1, 2].map(|ring| merge.cpu(ring)), [1, 2, 0]);
        // Replaced again before the first successor is empty, and an old ring that still has a record being written.
        let at = new[0].reserve(&(3 * LATE).to_ne_bytes()).unwrap();
        merge.replace(0, new[1].ring());
        push(&new[1], 3 * LATE + 1, 20);
        assert_eq!(take(&mut merge, 5 * LATE), [(3 * LATE + 1, 20, 3)]);
        assert_eq!(merge.lanes.len(), 4);
        new[0].commit(at, 8);
        assert!(matches!(merge.next(|| 5 * LATE), Next::Record(_, 2)));
        assert!(matches!(merge.next(|| 5 * LATE), Next::Empty));
        assert_eq!(merge.lanes.len(), 3);
    }

    #[test]
    fn a_shared_ring_stays_until_its_last_cpu_has_another_one() {
        let [shared, first, second] = [(); 3].map(|()| Fake::new(1024));
        let mut merge = Merge::new([(shared.ring(), 0, vec![0, 1])]);
        assert!(merge.of(2).is_none());
        merge.replace(0, first.ring());
        assert!(matches!(merge.next(|| LATE), Next::Empty));
        assert_eq!((merge.lanes.len(), merge.len()), (2, 2));
        push(&shared, 2, b's');
        push(&first, 1, b'f');
        assert_eq!(take(&mut merge, LATE), [(1, b'f', 1), (2, b's', 0)]);
        merge.replace(1, second.ring());
        push(&second, 3, 2);
        assert_eq!(merge.len(), 2);
        assert!(matches!(merge.next(|| LATE), Next::Record(_, 1)));
        assert_eq!((merge.lanes.len(), merge.cpu(0), merge.cpu(1)), (2, 0, 1));
    }

    #[test]
    fn replacing_a_ring_under_a_record_that_is_handed_out_releases_that_one_next() {
        let (fakes, mut merge) = fakes(2);
        let new = Fake::new(1024);
        // The same time everywhere: the record at the heap's top must stay there.
        for (fake, what) in [(&fakes[0], 0), (&fakes[1], 1)] {
            push(fake, 5, what);
        }
        let Next::Record(current, 0) = merge.next(|| LATE) else { panic!("the first of ring 0") };
        merge.replace(0, new.ring());
        // SAFETY: `next` was not called since.
        assert_eq!(unsafe { current.bytes() }[8], 0);
        push(&new, 5, 2);
        let mut got: Vec<u8> = take(&mut merge, LATE).iter().map(|(_, what, _)| *what).collect();
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    }

    /// Takes `records` records of the size of a short event from `rings` rings, of which `busy` have records. Returns what each takes in nanoseconds.
    fn cost(rings: usize, busy: usize, records: usize) -> f64 {
        let each = records / busy;
        let fakes: Vec<Fake> =
            (0..rings).map(|i| Fake::new(if i < busy { (each * 64).next_power_of_two() } else { 4096 })).collect();
        let mut merge = merge_of(&fakes);
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
