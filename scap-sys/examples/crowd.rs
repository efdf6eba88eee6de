//! Writes a capture of a system with many threads and one event, the first of another capture:
//!
//! ```text
//! cargo run --release -p scap-sys --example crowd -- CAPTURE CROWD.scap THREADS PER_PROCESS
//! ```
//!
//! Each process has `PER_PROCESS` threads, arguments, an environment, cgroups and three fds.

use scap_sys::capture::{Compression, Snapshot, Writer};
use scap_sys::engine::{CurrentEvent, Engine, savefile::SavefileEngine};
use scap_sys::{FdDetail, FdInfo, FdType, NoSink, ThreadInfo};

const FIRST_TID: i64 = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, threads, per_process] = args.as_slice() else {
        return Err("usage: crowd CAPTURE CROWD.scap THREADS PER_PROCESS".into());
    };
    let mut system = Snapshot::default();
    drop(SavefileEngine::open(from, &mut system)?);
    let (threads, per_process): (i64, i64) = (threads.parse()?, per_process.parse()?);
    system.threads =
        (FIRST_TID..FIRST_TID + threads).map(|tid| thread(tid, tid - (tid - FIRST_TID) % per_process)).collect();
    let mains = system.threads.iter().filter(|thread| thread.tid == thread.pid);
    system.fds = mains.map(|thread| (thread.pid, files(thread.pid))).collect();
    let mut writer = Writer::create(to, Compression::None)?;
    writer.snapshot(&system)?;
    let mut engine = SavefileEngine::open(from, &mut NoSink)?;
    engine.next()?;
    writer.event(&engine.event())?;
    writer.finish()?;
    Ok(())
}

fn thread(tid: i64, pid: i64) -> ThreadInfo {
    ThreadInfo {
        tid,
        pid,
        ptid: 1,
        vtid: tid,
        vpid: pid,
        comm: format!("worker-{tid}").into(),
        exe: b"/usr/bin/worker".to_vec(),
        exepath: b"/usr/bin/worker".to_vec(),
        args: format!("--config\0/etc/worker/{pid}.conf\0--verbose\0").into(),
        env: format!("PATH=/usr/local/bin:/usr/bin:/bin\0HOME=/home/worker\0LANG=C.UTF-8\0WORKER={pid}\0").into(),
        cwd: b"/var/lib/worker".to_vec(),
        cgroups: format!("cpu=/system.slice/worker.service/{pid}\0memory=/system.slice/worker.service/{pid}\0").into(),
        root: b"/".to_vec(),
        fdlimit: 1024,
        uid: 1000,
        gid: 1000,
        ..ThreadInfo::default()
    }
}

fn files(pid: i64) -> Vec<FdInfo> {
    let file = |fd: i64, name: String| FdInfo {
        fd,
        ino: (pid + fd) as u64,
        ty: FdType::FileV2,
        detail: FdDetail::File { open_flags: 1, name: name.into(), mount_id: 1, dev: 1 },
    };
    vec![
        file(0, "/dev/null".into()),
        file(1, format!("/var/log/worker/{pid}.log")),
        file(2, format!("/var/log/worker/{pid}.err")),
    ]
}
