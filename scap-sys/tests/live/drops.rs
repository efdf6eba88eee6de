//! Drops counted by system call.

use std::time::Duration;

use crate::common::{Live, codes, on_kmod, open};
use driver::Sc;
use scap_sys::engine::bpf::BpfOptions;
use scap_sys::engine::{ScDrops, Stats};

/// An engine with the smallest rings, which captures these calls.
fn with_small_rings(calls: &[&str]) -> Option<Live> {
    let buffer_bytes = rustix::param::page_size();
    let mut engine = open(&BpfOptions { buffer_bytes, interesting: Some(codes(calls)), ..BpfOptions::default() })?;
    engine.start().unwrap();
    Some(engine)
}

/// The counters of an engine that has been stopped, and the drops by call; `None` for the kernel module, which has none.
fn counted(engine: &mut Live) -> Option<(Stats, Vec<ScDrops>)> {
    engine.stop().unwrap();
    let reader = engine.stats_reader().unwrap();
    let drops = std::thread::spawn(move || reader.read_drops().unwrap()).join().unwrap();
    assert_eq!(drops.is_none(), on_kmod());
    let (stats, drops) = (engine.stats().unwrap(), drops?);
    assert!(drops.is_sorted_by(|a, b| a.drops >= b.drops), "{drops:?}");
    let sum: u64 = drops.iter().map(|d| d.drops).sum();
    assert_eq!(sum, stats.n_drops_buffer + stats.n_drops_scratch_map, "{drops:?}");
    Some((stats, drops))
}

fn of(drops: &[ScDrops], sc: Sc) -> u64 {
    drops.iter().find(|d| d.sc == sc).map_or(0, |d| d.drops)
}

#[test]
fn drops_are_counted_by_system_call() {
    const LOUD: u64 = 20_000;
    const QUIET: u64 = 1_000;
    let Some(mut engine) = with_small_rings(&["getppid", "openat"]) else { return };
    for i in 0..LOUD {
        getppid();
        if i % (LOUD / QUIET) == 0 {
            // SAFETY: the path is a NUL-terminated string.
            unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, c"/no/such/file".as_ptr(), 0) };
        }
    }
    let Some((stats, drops)) = counted(&mut engine) else { return };
    let [loud, openat] = codes(&["getppid", "openat"])[..] else { unreachable!() };
    assert_eq!(drops[0].sc, loud, "{drops:?}");
    // What the rings had room for, if each CPU had its share of the load: less than a page of the shortest events.
    let kept = engine.as_bpf().unwrap().rings() as u64 * (rustix::param::page_size() as u64 / 34);
    assert!((LOUD - kept..).contains(&drops[0].drops), "{drops:?}");
    // An openat has an enter and an exit event, and no other call of its kind is captured.
    assert_eq!(of(&drops, openat), stats.n_drops_buffer_open_enter + stats.n_drops_buffer_open_exit);
    assert!(of(&drops, openat) >= 2 * QUIET - kept, "{drops:?}");
    assert!(drops.iter().all(|d| [loud, openat].contains(&d.sc)), "{drops:?}");
}

#[test]
fn drops_of_tracepoints_are_counted_by_tracepoint() {
    let Some(mut engine) = with_small_rings(&["sched_switch", "sched_process_exit"]) else { return };
    for _ in 0..300 {
        std::thread::spawn(|| std::thread::sleep(Duration::from_micros(100))).join().unwrap();
    }
    let Some((stats, drops)) = counted(&mut engine) else { return };
    let [switch, exit] = codes(&["sched_switch", "sched_process_exit"])[..] else { unreachable!() };
    assert!(of(&drops, switch) > 0, "{drops:?}");
    assert!(of(&drops, exit) > 0 && of(&drops, exit) == stats.n_drops_buffer_proc_exit, "{drops:?}");
    assert!(drops.iter().all(|d| [switch, exit].contains(&d.sc)), "{drops:?}");
}

#[test]
fn a_program_that_the_scheduler_reports_counts_as_execve() {
    let Some(mut engine) = with_small_rings(&["execve", "getppid"]) else { return };
    // Fills the rings of all CPUs that the programs below may run on.
    let cpus = std::thread::available_parallelism().map_or(1, |n| n.get());
    let loud = || (0..20_000).for_each(|_| getppid());
    std::thread::scope(|scope| (0..4 * cpus).for_each(|_| _ = scope.spawn(loud)));
    for _ in 0..50 {
        assert!(std::process::Command::new("/bin/true").status().unwrap().success());
    }
    let Some((stats, drops)) = counted(&mut engine) else { return };
    let [execve] = codes(&["execve"])[..] else { unreachable!() };
    assert!(of(&drops, execve) > 0 && of(&drops, execve) == stats.n_drops_buffer_execve_exit, "{drops:?}");
}

fn getppid() {
    // SAFETY: getppid(2) takes no arguments.
    unsafe { libc::syscall(libc::SYS_getppid) };
}
