//! How long it takes to learn which threads and files exist, and how much memory what was learnt takes:
//!
//! ```text
//! cargo run --release -p scap-sys --example scan -- [-p] [PROCESSES THREADS]
//! ```
//!
//! With numbers, so many processes with so many threads each are made before. `-p` reads /proc even where the kernel has iterators.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use scap_sys::linux::{ScanOptions, Scanner};
use scap_sys::{FdInfo, SystemSink, ThreadInfo};

#[derive(Default)]
struct Kept {
    threads: Vec<ThreadInfo>,
    fds: Vec<(i64, FdInfo)>,
}

impl SystemSink for Kept {
    fn thread(&mut self, thread: ThreadInfo) {
        self.threads.push(thread);
    }
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        self.fds.push((pid, fd));
    }
    fn progress(&mut self, message: &str) {
        eprintln!("{message}");
    }
}

/// A process that has made so many threads, and waits for the end of its input.
fn crowd(threads: &str) -> std::io::Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["crowd", threads])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(out) = &mut child.stdout {
        std::io::Read::read_exact(out, &mut [0])?;
    }
    Ok(child)
}

fn be_a_crowd(threads: usize) -> std::io::Result<()> {
    for _ in 1..threads {
        std::thread::Builder::new().stack_size(64 << 10).spawn(|| {
            loop {
                std::thread::park();
            }
        })?;
    }
    println!();
    std::io::stdin().read_line(&mut String::new())?;
    std::process::exit(0)
}

fn resident_kib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64 / 1024
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if let [crowd, threads] = &args[..]
        && crowd == "crowd"
    {
        return Ok(be_a_crowd(threads.parse()?)?);
    }
    let by_proc = args.first().is_some_and(|a| a == "-p");
    args.drain(..usize::from(by_proc));
    let mut crowds = Vec::new();
    if let [processes, threads] = &args[..] {
        for _ in 0..processes.parse()? {
            crowds.push(crowd(threads)?);
        }
    }
    let before = resident_kib();
    let begin = Instant::now();
    let mut scanner = Scanner::new(&ScanOptions { iterators: !by_proc, ..ScanOptions::default() })?;
    let ready = begin.elapsed();
    let mut kept = Kept::default();
    scanner.threads(&mut kept)?;
    let took = begin.elapsed() - ready;
    let count = kept.threads.len();
    eprintln!(
        "ready={:.3} scan={:.3} threads={count} files={} ns={} bytes={}",
        ready.as_secs_f64(),
        took.as_secs_f64(),
        kept.fds.len(),
        took.as_nanos() / count.max(1) as u128,
        (resident_kib() - before) * 1024 / count.max(1) as u64
    );
    for mut crowd in crowds {
        drop(crowd.stdin.take());
        crowd.wait()?;
    }
    Ok(())
}
