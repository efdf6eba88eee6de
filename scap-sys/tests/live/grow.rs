//! A larger ring buffer for one CPU during a capture.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use driver::EventType;
use scap_sys::Error;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::{CurrentEvent, Engine, Status};

use crate::common::{Live, allowed_cpus, codes, on_kmod, open, open_bpf, run_on, skipped};

fn tid() -> i64 {
    // SAFETY: gettid(2) takes no arguments.
    i64::from(unsafe { libc::gettid() })
}

/// Closes file descriptors that are not open. Their numbers, which the events have, count the calls.
const NOT_OPEN: i64 = 1 << 20;

fn close(number: i64) {
    // SAFETY: the test has no descriptor with such a high number.
    unsafe { libc::close((NOT_OPEN + number) as i32) };
}

/// What was read of a capture.
struct Seen {
    /// The thread whose calls are numbered.
    tid: i64,
    /// All events.
    events: u64,
    /// The number that its next event must have at least, the events that came, and the time of the last.
    next: i64,
    came: i64,
    last: u64,
    /// The CPUs of its events.
    cpus: Vec<u16>,
}

impl Seen {
    fn by(tid: i64) -> Seen {
        Seen { tid, events: 0, next: 0, came: 0, last: 0, cpus: Vec::new() }
    }

    /// Reads the next event if there is one.
    fn read(&mut self, engine: &mut BpfEngine) -> bool {
        match engine.next().unwrap() {
            Status::Event => self.take(engine),
            Status::Timeout => return false,
            other => panic!("{other:?} from a live engine"),
        }
        true
    }

    /// Reads what there is. A first timeout can be the end of a wait that began before the last events were made.
    fn read_all(&mut self, engine: &mut BpfEngine) {
        let mut timeouts = 0;
        while timeouts < 2 {
            timeouts = if self.read(engine) { 0 } else { timeouts + 1 };
        }
    }

    fn take(&mut self, engine: &BpfEngine) {
        let event = engine.event();
        self.events += 1;
        if event.tid() != self.tid || event.ty() != EventType::SYSCALL_CLOSE_X {
            return;
        }
        let fd = event.param(1).and_then(|fd| fd.first_chunk()).map_or(0, |fd| i64::from_ne_bytes(*fd));
        if fd < NOT_OPEN {
            return;
        }
        let number = fd - NOT_OPEN;
        assert!(number >= self.next, "the call {number} came after {}", self.next - 1);
        assert!(event.ts() >= self.last, "the call {number} has the time {} after {}", event.ts(), self.last);
        (self.next, self.last) = (number + 1, event.ts());
        self.came += 1;
        if !self.cpus.contains(&event.cpu()) {
            self.cpus.push(event.cpu());
        }
    }
}

fn options(buffer_bytes: usize, cpus_per_buffer: u16) -> BpfOptions {
    BpfOptions { buffer_bytes, cpus_per_buffer, interesting: Some(codes(&["close"])), ..BpfOptions::default() }
}

/// The smallest ring, which grows under a load that it cannot hold: all events come in order or are counted as dropped.
#[test]
fn a_ring_that_grows_under_load_loses_nothing_uncounted() {
    let page = rustix::param::page_size();
    let Some(mut engine) = open_bpf(&options(page, 1)) else { return };
    let cpus = allowed_cpus();
    let (busy, reading) = (cpus[0], *cpus.last().unwrap());
    engine.start().unwrap();
    let ends = Arc::new(AtomicBool::new(false));
    let until = ends.clone();
    let (send, receive) = std::sync::mpsc::channel();
    let load = thread::spawn(move || {
        run_on(busy);
        send.send(tid()).unwrap();
        let mut calls = 0;
        while !until.load(Ordering::Relaxed) && calls < i64::from(i32::MAX) - NOT_OPEN {
            close(calls);
            calls += 1;
        }
        calls
    });
    let mut seen = Seen::by(receive.recv().unwrap());
    let reader = thread::spawn(move || {
        run_on(reading);
        let mut longest = Duration::ZERO;
        for round in 1..=8 {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(60) {
                seen.read(&mut engine);
            }
            let (current, rings) = (engine.bytes().to_vec(), engine.rings());
            let start = Instant::now();
            engine.grow_buffer(busy as u32, page << round).unwrap();
            longest = longest.max(start.elapsed());
            assert_eq!(engine.bytes(), current, "the current event stays valid");
            assert!(engine.rings() <= rings + 1);
        }
        ends.store(true, Ordering::Relaxed);
        let calls = load.join().unwrap();
        engine.stop().unwrap();
        seen.read_all(&mut engine);
        (engine, seen, calls, longest)
    });
    let (mut engine, seen, calls, longest) = reader.join().unwrap();
    let stats = engine.stats().unwrap();
    eprintln!("{calls} calls, {} of their events, {stats:?}; growing took up to {longest:?}", seen.came);
    assert_eq!(seen.events + stats.n_drops, stats.n_evts + stats.n_preemptions);
    assert!(seen.came > 0 && stats.n_drops_buffer > 0, "the load fills the smallest ring");
    assert!((calls - seen.came) as u64 <= stats.n_drops);
    assert_eq!(seen.cpus, [busy as u16]);
}

/// Makes `calls` numbered calls on a CPU, from `first` on, while nothing is read.
fn burst(cpu: usize, first: i64, calls: i64) -> i64 {
    let burst = thread::spawn(move || {
        run_on(cpu);
        (first..first + calls).for_each(close);
        tid()
    });
    burst.join().unwrap()
}

#[test]
fn a_ring_that_has_grown_holds_what_a_late_reader_needs() {
    const CALLS: i64 = 10_000;
    let page = rustix::param::page_size();
    let Some(mut engine) = open_bpf(&options(page, 1)) else { return };
    let cpu = allowed_cpus()[0];
    engine.start().unwrap();
    let drops = |engine: &BpfEngine| engine.counts().read_cpus().unwrap()[cpu].n_drops;
    let mut lost = Vec::new();
    for grown in [page, 4 << 20, 1 << 20] {
        engine.grow_buffer(cpu as u32, grown).unwrap();
        let before = drops(&engine);
        let mut seen = Seen::by(burst(cpu, 0, CALLS));
        seen.read_all(&mut engine);
        let dropped = drops(&engine) - before;
        assert!((CALLS - seen.came) as u64 <= dropped + engine.stats().unwrap().n_preemptions);
        lost.push(dropped);
    }
    assert!(lost[0] > CALLS as u64 / 2, "a page has no room for them: {lost:?}");
    // The third size is less than the ring has, which changes nothing.
    assert_eq!(lost[1..], [0, 0]);
}

#[test]
fn a_cpu_leaves_a_shared_ring_to_the_others() {
    let page = rustix::param::page_size();
    let Some(mut engine) = open_bpf(&options(64 * page, 0)) else { return };
    let cpus = allowed_cpus();
    let (first, last) = (cpus[0], *cpus.last().unwrap());
    if first == last {
        return skipped("there is one CPU");
    }
    engine.start().unwrap();
    assert_eq!(engine.rings(), 1);
    engine.grow_buffer(last as u32, 64 * page).unwrap();
    assert_eq!(engine.rings(), 1, "the shared ring is as large already");
    engine.grow_buffer(last as u32, 128 * page).unwrap();
    assert_eq!(engine.rings(), 2);
    for (cpu, shown) in [(first, 0), (last, last)] {
        let mut seen = Seen::by(burst(cpu, 0, 100));
        seen.read_all(&mut engine);
        assert_eq!((seen.came, seen.cpus), (100, vec![shown as u16]));
    }
}

#[test]
fn what_no_ring_can_have_is_refused() {
    let page = rustix::param::page_size();
    let Some(mut engine) = open(&BpfOptions { buffer_bytes: page, ..BpfOptions::default() }) else { return };
    if on_kmod() {
        let Err(Error::NotSupported(what)) = engine.grow_buffer(0, 8 << 20) else { panic!("the module cannot") };
        return assert_eq!(what, "a larger buffer for one CPU by the engine kmod");
    }
    let refused = |engine: &mut Live, cpu, bytes| engine.grow_buffer(cpu, bytes).unwrap_err().to_string();
    let text = refused(&mut engine, 0, 3 * page);
    assert_eq!(
        text,
        format!(
            "a buffer of {} bytes: the size must be a power of two and a multiple of the page size, {page}",
            3 * page
        )
    );
    assert!(refused(&mut engine, 0, 2 << 30).contains("must not be more than 1073741824"));
    for cpu in [1 << 15, 1 << 16, u32::MAX] {
        assert_eq!(
            refused(&mut engine, cpu, 2 * page),
            format!("a buffer for CPU {cpu}, which this machine does not have")
        );
    }
}
