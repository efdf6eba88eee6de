//! Prints the raw events of a capture, or counts them:
//!
//! ```text
//! cargo run -p scap-sys --example raw -- CAPTURE            a line for each event
//! cargo run -p scap-sys --example raw -- CAPTURE --count    the number of events, what was known of the system, the rate
//! ```

use scap_sys::engine::{CurrentEvent, Engine, Status, savefile::SavefileEngine};
use scap_sys::{FdInfo, Interface, MachineInfo, SystemSink, ThreadInfo, UserList};
use std::io::Write;
use std::time::Instant;

#[derive(Default, Debug)]
struct Counts {
    machines: usize,
    threads: usize,
    fds: usize,
    interfaces: usize,
    users: usize,
    groups: usize,
}

impl SystemSink for Counts {
    fn machine(&mut self, _: &MachineInfo) {
        self.machines += 1;
    }
    fn interfaces(&mut self, list: Vec<Interface>) {
        self.interfaces = list.len();
    }
    fn users(&mut self, list: UserList) {
        (self.users, self.groups) = (list.users.len(), list.groups.len());
    }
    fn thread(&mut self, _: ThreadInfo) {
        self.threads += 1;
    }
    fn fd(&mut self, _: i64, _: FdInfo) {
        self.fds += 1;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1);
    let path = args.next().ok_or("usage: raw CAPTURE [--count]")?;
    let count = args.next().is_some_and(|a| a == "--count");
    let mut system = Counts::default();
    let mut engine = SavefileEngine::open(&path, &mut system)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let started = Instant::now();
    let mut n = 0u64;
    loop {
        match engine.next()? {
            Status::Eof => break,
            Status::Restart => engine.restart(&mut system)?,
            Status::Filtered | Status::Timeout => {}
            Status::Event => {
                n += 1;
                if count {
                    continue;
                }
                let e = engine.event();
                let name = e.info().map_or("?", |i| i.enum_name);
                write!(out, "{n} {} {} {} {name} {}", e.ts(), e.cpu(), e.tid(), e.nparams())?;
                for p in e.params() {
                    write!(out, " ")?;
                    for b in p {
                        write!(out, "{b:02x}")?;
                    }
                }
                writeln!(out)?;
            }
        }
    }
    if count {
        let rate = n as f64 / started.elapsed().as_secs_f64() / 1e6;
        writeln!(out, "{n} events, {rate:.1} million a second, {system:?}")?;
    }
    Ok(())
}
