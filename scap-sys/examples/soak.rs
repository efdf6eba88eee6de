//! Captures everything under a load of its own and checks the form of every event:
//!
//! ```text
//! cargo run --release -p scap-sys --example soak -- SECONDS
//! ```
//!
//! The load has more threads than two CPUs can run, which fault, migrate, start programs and make short calls. Prints, each half a minute and at the end,
//! the events, those that are malformed (of which it describes ten), those that came after a later one, the drops, and the resident memory. Fails if an
//! event was malformed. An event is late only where a hypervisor takes a CPU away within it.

#[path = "../tests/support/soak.rs"]
mod soak;

use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::{CurrentEvent, Engine, Status};
use soak::{Load, fault};
use std::time::{Duration, Instant};

/// The resident memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = std::env::args().nth(1).ok_or("usage: soak SECONDS")?.parse()?;
    let mut live = BpfEngine::open(&BpfOptions::default())?;
    live.start()?;
    let load = Load::start();
    let started = Instant::now();
    let (mut events, mut malformed, mut late, mut last) = (0_u64, 0_u64, 0_u64, 0);
    let mut next_line = Duration::from_secs(1);
    loop {
        let status = live.next()?;
        if status == Status::Event {
            let event = live.event();
            events += 1;
            late += u64::from(event.ts() < last);
            last = event.ts();
            if let Some(fault) = fault(&event) {
                malformed += 1;
                if malformed <= 10 {
                    println!("malformed, event {events}: {fault}");
                }
            }
        }
        // The clock is not read for each event.
        if status == Status::Event && events % 4096 != 0 {
            continue;
        }
        let passed = started.elapsed();
        let ends = passed >= Duration::from_secs(seconds);
        if ends || passed >= next_line {
            next_line = passed + Duration::from_secs(30);
            let drops = live.stats()?.n_drops;
            println!(
                "{:4} s: {events} events, {malformed} malformed, {late} late, {drops} dropped, {} KiB resident",
                passed.as_secs(),
                resident()
            );
        }
        if ends {
            break;
        }
    }
    drop(load);
    if malformed > 0 { Err(format!("{malformed} events are malformed").into()) } else { Ok(()) }
}
