//! Reading live events in a steady state: no allocation and no system call per event.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::allocations::Allocations;
use crate::common::{drain, open};
use scap_sys::engine::bpf::BpfOptions;
use scap_sys::engine::{CurrentEvent, Status};

#[test]
fn a_burst_is_read_without_allocations_and_system_calls() {
    const BURST: u64 = 20_000;
    let Some(mut engine) = open(&BpfOptions::default()) else { return };
    engine.start().unwrap();
    // SAFETY: gettid(2) takes no arguments.
    let tid = i64::from(unsafe { libc::gettid() });
    let burst = std::thread::spawn(|| {
        for _ in 0..BURST {
            // SAFETY: getppid(2) takes no arguments.
            unsafe { libc::syscall(libc::SYS_getppid) };
        }
        // SAFETY: gettid(2) takes no arguments.
        i64::from(unsafe { libc::gettid() })
    });
    let of = burst.join().unwrap();
    let start = now();
    let allocations = Allocations::from_now();
    let (mut seen, mut own) = (0, 0);
    while seen < BURST {
        match engine.next().unwrap() {
            Status::Event => {
                let e = engine.event();
                seen += u64::from(e.tid() == of);
                own += u64::from(e.tid() == tid && e.ts() > start);
            }
            _ => assert!(start.abs_diff(now()) < 10_000_000_000, "{seen} events came"),
        }
    }
    let allocated = allocations.count();
    engine.stop().unwrap();
    own += drain(&mut engine).iter().filter(|e| e.tid == tid).count() as u64;
    assert_eq!(engine.stats().unwrap().n_drops, 0);
    assert_eq!(allocated, 0);
    assert!(own < BURST / 100, "{own} system calls for {BURST} events");
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}
