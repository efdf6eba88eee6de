//! The modern BPF engine on the running kernel.

mod common;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::time::{SystemTime, UNIX_EPOCH};

use common::{Kept, codes, drain, open, read_until, unused_path};
use driver::EventType;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::{Engine, Setting};

fn tid() -> i64 {
    // SAFETY: the call has no preconditions.
    i64::from(unsafe { libc::gettid() })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

fn capture(names: &[&str]) -> Option<BpfEngine> {
    open(&BpfOptions { buffer_bytes: 1 << 20, interesting: Some(codes(names)), ..BpfOptions::default() })
}

/// Whether an event has a parameter that contains `text`.
fn mentions(e: &Kept, text: &[u8]) -> bool {
    e.params.iter().any(|p| p.windows(text.len()).any(|w| w == text))
}

#[test]
fn opening_a_file() {
    let Some(mut engine) = capture(&["open", "openat"]) else { return };
    let path = unused_path("openat");
    engine.start().unwrap();
    let before = now();
    let file = File::create(&path).unwrap();
    let after = now();
    let path_bytes = path.as_os_str().as_bytes().to_vec();
    let ours = |e: &Kept| e.tid == tid() && mentions(e, &path_bytes);
    let events = read_until(&mut engine, |all| all.iter().any(ours));
    engine.stop().unwrap();
    std::fs::remove_file(&path).unwrap();

    let e = events.iter().find(|e| ours(e)).expect("the event of openat");
    assert_eq!(e.ty, EventType::SYSCALL_OPENAT_2_X);
    assert_eq!(e.number("fd"), i64::from(file.as_raw_fd()));
    assert_eq!(e.param("name"), [&path_bytes[..], b"\0"].concat());
    assert!((before - 5_000_000..=after + 5_000_000).contains(&e.ts), "{before} {} {after}", e.ts);
    let stats = engine.stats().unwrap();
    assert!(stats.n_evts >= events.len() as u64);
    assert_eq!((stats.n_drops, stats.n_drops_bug), (0, 0));
}

#[test]
fn nothing_comes_before_start_and_after_stop() {
    let Some(mut engine) = capture(&["openat"]) else { return };
    let touch = || drop(File::open("/dev/null").unwrap());
    let ours = |all: &[Kept]| all.iter().filter(|e| e.tid == tid() && mentions(e, b"/dev/null\0")).count();
    touch();
    assert_eq!(ours(&drain(&mut engine)), 0);
    engine.start().unwrap();
    touch();
    assert_eq!(ours(&read_until(&mut engine, |all| ours(all) > 0)), 1);
    engine.stop().unwrap();
    touch();
    assert_eq!(ours(&drain(&mut engine)), 0);
    engine.start().unwrap();
    touch();
    assert_eq!(ours(&read_until(&mut engine, |all| ours(all) > 0)), 1);
}

#[test]
fn system_calls_are_selected_while_it_captures() {
    let Some(mut engine) = capture(&["close"]) else { return };
    let openat = codes(&["openat"])[0];
    let touch = || drop(File::open("/dev/null").unwrap());
    let opened = |e: &&Kept| e.tid == tid() && mentions(e, b"/dev/null\0");
    let closed = |e: &&Kept| e.tid == tid() && e.ty == EventType::SYSCALL_CLOSE_X;
    engine.start().unwrap();
    touch();
    let all = read_until(&mut engine, |all| all.iter().any(|e| closed(&e)));
    assert_eq!(all.iter().filter(opened).count(), 0);
    engine.set_interesting(openat, true).unwrap();
    touch();
    let all = read_until(&mut engine, |all| all.iter().filter(|e| closed(e)).count() > 0);
    assert_eq!(all.iter().filter(opened).count(), 1);
    engine.set_interesting(openat, false).unwrap();
    touch();
    let all = read_until(&mut engine, |all| all.iter().filter(|e| closed(e)).count() > 0);
    assert_eq!(all.iter().filter(opened).count(), 0);
    assert!(engine.set_interesting(driver::Sc(u16::MAX), true).is_err());
}

#[test]
fn data_is_cut_at_the_snaplen() {
    let Some(mut engine) = capture(&["write"]) else { return };
    engine.set(Setting::Snaplen(100)).unwrap();
    assert!(engine.set(Setting::Snaplen(1 << 20)).is_err());
    engine.start().unwrap();
    let data: Vec<u8> = (0..400u32).map(|i| (i * 7) as u8).collect();
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&data).unwrap();
    let ours = |e: &&Kept| e.tid == tid() && e.ty == EventType::SYSCALL_WRITE_X && e.number("res") == 400;
    let all = read_until(&mut engine, |all| all.iter().any(|e| ours(&e)));
    let e = all.iter().find(ours).expect("the event of write");
    assert_eq!(e.param("data"), &data[..100]);
    assert_eq!(e.number("fd"), i64::from(writer.as_raw_fd()));
    reader.read_exact(&mut [0; 400]).unwrap();
}

#[test]
fn calls_that_fail_can_be_left_out() {
    let Some(mut engine) = capture(&["openat", "close"]) else { return };
    engine.set(Setting::DropFailed(true)).unwrap();
    engine.start().unwrap();
    assert!(File::open("/no/such/file/as/this").is_err());
    drop(File::open("/dev/null").unwrap());
    let closed = |e: &Kept| e.tid == tid() && e.ty == EventType::SYSCALL_CLOSE_X;
    let all = read_until(&mut engine, |all| all.iter().any(closed));
    assert!(all.iter().any(|e| mentions(e, b"/dev/null\0")));
    assert!(!all.iter().any(|e| mentions(e, b"/no/such/file/as/this\0")));
}

/// Threads on all CPUs at once, each event numbered: none is lost, none comes before an older one.
#[test]
fn events_of_all_cpus_come_in_the_order_of_time() {
    const EACH: usize = 5000;
    let options = BpfOptions { interesting: Some(codes(&["openat"])), ..BpfOptions::default() };
    let Some(mut engine) = open(&options) else { return };
    engine.start().unwrap();
    let threads: Vec<_> = (0..4)
        .map(|n| {
            std::thread::spawn(move || {
                for i in 0..EACH {
                    let _ = File::open(format!("/no/such/thread-{n}/{i:05}"));
                }
                tid()
            })
        })
        .collect();
    let is_ours = |e: &Kept| mentions(e, b"/no/such/thread-");
    let mut seen = 0;
    let all = read_until(&mut engine, |all| {
        // Only what is new since the last call.
        seen += usize::from(all.last().is_some_and(is_ours));
        seen >= 4 * EACH
    });
    let tids: Vec<i64> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let stats = engine.stats().unwrap();
    assert_eq!(stats.n_drops, 0);
    for (n, tid) in tids.iter().enumerate() {
        let names: Vec<_> = all.iter().filter(|e| e.tid == *tid && is_ours(e)).map(|e| e.param("name")).collect();
        let expected: Vec<_> = (0..EACH).map(|i| format!("/no/such/thread-{n}/{i:05}\0")).collect();
        assert!(
            names == expected.iter().map(|s| s.as_bytes()).collect::<Vec<_>>(),
            "thread {n}: {} events",
            names.len()
        );
    }
    assert!(all.is_sorted_by_key(|e| e.ts));
    let cpus: BTreeSet<u16> = all.iter().map(|e| e.cpu).collect();
    if std::thread::available_parallelism().is_ok_and(|n| n.get() > 1) {
        assert!(cpus.len() > 1, "the events of all CPUs: {cpus:?}");
    }
}

#[test]
fn one_ring_for_all_cpus() {
    let options = BpfOptions {
        buffer_bytes: 256 << 10,
        cpus_per_buffer: 0,
        interesting: Some(codes(&["openat"])),
        ..BpfOptions::default()
    };
    let Some(mut engine) = open(&options) else { return };
    assert_eq!(engine.rings(), 1);
    engine.start().unwrap();
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(|| File::open("/no/such/one-ring").is_err())).collect();
    assert!(threads.into_iter().all(|t| t.join().unwrap()));
    let ours = |all: &[Kept]| all.iter().filter(|e| mentions(e, b"/no/such/one-ring\0")).count();
    assert_eq!(ours(&read_until(&mut engine, |all| ours(all) == 3)), 3);
}

#[test]
fn a_full_ring_counts_what_it_drops() {
    let page = 4096;
    let options = BpfOptions { buffer_bytes: page, interesting: Some(codes(&["openat"])), ..BpfOptions::default() };
    let Some(mut engine) = open(&options) else { return };
    engine.start().unwrap();
    for _ in 0..1000 {
        drop(File::open("/no/such/file/for/a/full/ring"));
    }
    engine.stop().unwrap();
    let read = drain(&mut engine).len() as u64;
    let stats = engine.stats().unwrap();
    assert!(stats.n_drops > 0 && stats.n_drops_buffer == stats.n_drops);
    assert!(stats.n_drops_buffer_open_exit >= 900);
    assert_eq!(stats.n_evts, read + stats.n_drops);
}

#[test]
fn options_that_make_no_sense() {
    let wrong = |options: BpfOptions| BpfEngine::open(&options).err().expect("it was taken").to_string();
    let message = wrong(BpfOptions { buffer_bytes: 5000, ..BpfOptions::default() });
    assert!(message.starts_with("a buffer of 5000 bytes: "), "{message}");
    if open(&BpfOptions::default()).is_some() {
        let message = wrong(BpfOptions { cpus_per_buffer: 60000, ..BpfOptions::default() });
        assert!(message.starts_with("a ring buffer for every 60000 CPUs: "), "{message}");
    }
}
