//! Records the events of a shell script alone:
//!
//! ```text
//! cargo run -p sinsp-core --example record -- SCRIPT CAPTURE.scap.gz
//! ```
//!
//! `sh` reads the script from standard input, with an empty environment, in `/`. The capture has the events of this shell
//! and of its descendants, no thread list, and no host name.

use scap_sys::capture::{Compression, Writer};
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::{Event, MachineInfo, UserInfo, UserList};
use sinsp_core::EventContext;
use sinsp_core::inspector::{Inspector, Next};
use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

/// The time that late events may take after the script has ended.
const TAIL: Duration = Duration::from_millis(500);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [script, capture] = args.as_slice() else {
        return Err("usage: record SCRIPT CAPTURE.scap.gz".into());
    };
    let mut inspector = Inspector::new();
    inspector.open_live(Box::new(BpfEngine::open(&BpfOptions::default())?))?;
    inspector.start()?;
    let mut shell = Command::new("/bin/sh")
        .arg("-s")
        .stdin(File::open(script)?)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .spawn()?;
    let pid = i64::from(shell.id());

    let mut writer = Writer::create(capture, Compression::Gzip)?;
    writer.machine(&MachineInfo { num_cpus: 1, hostname: b"workload".to_vec(), ..MachineInfo::default() })?;
    let root =
        UserInfo { name: b"root".to_vec(), homedir: b"/root".to_vec(), shell: b"/bin/sh".to_vec(), uid: 0, gid: 0 };
    writer.users(&UserList { users: vec![root], groups: Vec::new() })?;

    let (mut started, mut written, mut ended) = (false, 0, None);
    while ended.is_none_or(|at: Instant| at.elapsed() < TAIL) {
        if ended.is_none() && shell.try_wait()?.is_some() {
            ended = Some(Instant::now());
        }
        if inspector.next()? != Next::Event {
            continue;
        }
        let Some(context) = inspector.current() else { continue };
        if !belongs_to(pid, &context) {
            continue;
        }
        started |= context.info.name == "execve";
        if started {
            writer.event(&Event::new(context.event.bytes(), context.event.cpu(), 0)?)?;
            written += 1;
        }
    }
    writer.finish()?;
    let stats = inspector.stats()?;
    println!("{written} events written, {} dropped by the driver", stats.n_drops);
    Ok(())
}

/// Whether an event was made by the process `pid` or a descendant of it.
fn belongs_to(pid: i64, context: &EventContext<'_>) -> bool {
    let Some(thread) = context.thread else { return false };
    thread.pid.get() == pid || context.state.threads.ancestors(thread).any(|t| t.pid.get() == pid)
}
