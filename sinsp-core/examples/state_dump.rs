//! Reads a capture, or the running kernel for some seconds, and prints the threads that are known at the end, one a line; with
//! `--events` a line an event instead.
//!
//! `state_dump CAPTURE|--live=SECONDS [--events]`

use sinsp_core::inspector::{BpfOptions, Inspector, Next, ScanOptions};
use sinsp_core::state::{State, Thread};
use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1);
    let path = args.next().ok_or("usage: state_dump CAPTURE|--live=SECONDS [--events]")?;
    let events = args.next().is_some_and(|a| a == "--events");
    let mut out = BufWriter::new(io::stdout().lock());
    let mut inspector = Inspector::new();
    let seconds = path.to_str().and_then(|p| p.strip_prefix("--live=")).map(str::parse).transpose()?;
    match seconds {
        Some(_) => {
            inspector.set_scan_options(ScanOptions { iterators: true, ..ScanOptions::default() });
            inspector.open_modern_bpf(&BpfOptions::default())?;
            inspector.start()?;
        }
        None => inspector.open_savefile(path)?,
    }
    let end = seconds.map(|s| Instant::now() + Duration::from_secs(s));
    let mut seen = 0u64;
    while end.is_none_or(|end| Instant::now() < end) {
        match inspector.next() {
            Ok(Next::Event) => {}
            Ok(Next::Filtered | Next::Timeout) => continue,
            Ok(Next::Eof) => break,
            Err(e) => {
                eprintln!("error: {e}");
                break;
            }
        }
        seen += 1;
        if events {
            print_event(&inspector, &mut out)?;
        }
    }
    if !events {
        let state = inspector.state();
        let mut lines: Vec<Vec<u8>> = state.threads.iter().map(|t| line(state, t)).collect();
        lines.sort();
        for line in lines {
            out.write_all(&line)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    eprintln!("events={seen} {:?}", inspector.state().stats);
    if seconds.is_some() {
        eprintln!("{:?}", inspector.stats()?);
    }
    Ok(())
}

fn print_event(inspector: &Inspector, out: &mut impl Write) -> io::Result<()> {
    let Some(c) = inspector.current() else { return Ok(()) };
    write!(out, "{} {} ", c.num, c.info.name)?;
    match (c.fd, c.notes.fd_num) {
        (None, -1) => out.write_all(b"<NA> <NA> <NA>")?,
        (None, fd) => write!(out, "{fd}  <NA>")?,
        (Some(fd), num) => {
            write!(out, "{num} ")?;
            let mut name = Vec::new();
            sinsp_core::state::path::sanitize(fd.name(), &mut name);
            out.write_all(&name)?;
            write!(out, " {}", fd.type_name())?;
        }
    }
    out.write_all(b" ")?;
    out.write_all(c.thread.map_or(b"<NA>", |t| t.comm()))?;
    out.write_all(b"\n")
}

fn line(state: &State, t: &Thread) -> Vec<u8> {
    let mut line = format!(
        "tid={} pid={} ptid={} sid={} vtid={} uid={} flags={:x} fds={} comm=",
        t.tid.get(),
        t.pid.get(),
        t.ptid.get(),
        t.sid.get(),
        t.vtid.get(),
        t.uid.get(),
        t.flags.get(),
        state.threads.fd_count(t)
    )
    .into_bytes();
    for (label, text) in [("", t.comm()), (" exe=", t.exe()), (" exepath=", t.exepath())] {
        line.extend_from_slice(label.as_bytes());
        line.extend_from_slice(text);
    }
    line.extend_from_slice(b" cwd=");
    line.extend_from_slice(state.threads.cwd(t));
    line.extend_from_slice(b" cmd=");
    t.cmdline(&mut line);
    line
}
