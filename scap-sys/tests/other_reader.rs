//! Our scans, with iterators and of /proc, against the crate `procfs`: every thread of the machine with its fds.
//!
//! `procfs` reads before and after our scan. What did not change in between must be in our scan.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use procfs::process::{FDPermissions, FDTarget, Process, Stat, Status};
use scap_sys::linux::{MAX_ARGS, MAX_ENV, ScanOptions, Scanner};
use scap_sys::{FdDetail, FdInfo, FdType, L4Proto, SystemSink, ThreadInfo};

#[derive(Default)]
struct Reported {
    threads: BTreeMap<i64, ThreadInfo>,
    fds: BTreeMap<(i64, i64), FdInfo>,
    progress: Vec<String>,
}

impl SystemSink for Reported {
    fn thread(&mut self, thread: ThreadInfo) {
        self.threads.insert(thread.tid, thread);
    }
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        self.fds.insert((pid, fd.fd), fd);
    }
    fn progress(&mut self, message: &str) {
        self.progress.push(message.into());
    }
}

/// The values of a process and its threads, by tid and name of the value.
type Facts = BTreeMap<(i64, String), String>;

fn fact(facts: &mut Facts, tid: i64, name: &str, value: impl std::fmt::Debug) {
    facts.insert((tid, name.into()), format!("{value:?}"));
}

fn bytes(path: PathBuf) -> Vec<u8> {
    path.into_os_string().into_vec()
}

/// An environment with hashed values, so that a failed test does not print them.
fn hidden(environ: BTreeMap<OsString, OsString>) -> Vec<(OsString, u64)> {
    let hash = |value: OsString| BuildHasherDefault::<DefaultHasher>::default().hash_one(value);
    environ.into_iter().map(|(name, value)| (name, hash(value))).collect()
}

/// The values that `procfs` reports per thread.
fn of_status(facts: &mut Facts, tid: i64, stat: &Stat, status: &Status) {
    let own = |ids: &Option<Vec<i32>>| ids.as_ref().and_then(|ids| ids.last()).map_or(-1, |&id| i64::from(id));
    fact(facts, tid, "comm", stat.comm.as_bytes());
    fact(facts, tid, "pid, ppid, pgrp, session", [status.tgid, stat.ppid, stat.pgrp, stat.session].map(i64::from));
    fact(facts, tid, "own tid, pid, pgrp", [own(&status.nspid), own(&status.nstgid), own(&status.nspgid)]);
    fact(facts, tid, "tty", stat.tty_nr as u32);
    fact(facts, tid, "uid, gid", [status.euid, status.egid]);
    fact(facts, tid, "capabilities", [status.capprm, status.capeff, status.capinh]);
    fact(facts, tid, "swapped", status.vmswap.unwrap_or(0) as u32);
}

fn of_thread(facts: &mut Facts, t: &ThreadInfo) {
    fact(facts, t.tid, "comm", &t.comm[..]);
    fact(facts, t.tid, "pid, ppid, pgrp, session", [t.pid, t.ptid, t.pgid, t.sid]);
    fact(facts, t.tid, "own tid, pid, pgrp", [t.vtid, t.vpid, t.vpgid]);
    fact(facts, t.tid, "tty", t.tty);
    fact(facts, t.tid, "uid, gid", [t.uid, t.gid]);
    fact(facts, t.tid, "capabilities", [t.cap_permitted, t.cap_effective, t.cap_inheritable]);
    fact(facts, t.tid, "swapped", t.vmswap_kb);
}

/// The view of `procfs` of one process; the start times of its threads, in clock ticks, are separate.
struct Other {
    facts: Facts,
    starts: BTreeMap<i64, u64>,
    /// `controller=path` of cgroup v1.
    cgroups: Vec<String>,
    sockets: HashMap<u64, String>,
}

fn of_socket(proto: L4Proto, local: SocketAddr, remote: SocketAddr) -> String {
    match remote.port() {
        0 => format!("{proto:?} {local}"),
        _ => format!("{proto:?} {local} {remote}"),
    }
}

impl Other {
    /// `None` for a process that is exiting, has no memory, or may not be read. Of this process, only fds up to `last`,
    /// because the reader opens fds of its own.
    fn of(process: &Process, last: i32) -> Option<Other> {
        let tid = i64::from(process.pid());
        let mut facts = Facts::new();
        let mut starts = BTreeMap::new();
        for task in process.tasks().ok()?.flatten() {
            let (stat, status) = (task.stat().ok()?, task.status().ok()?);
            of_status(&mut facts, task.tid.into(), &stat, &status);
            starts.insert(task.tid.into(), stat.starttime);
        }
        let exe = std::fs::metadata(format!("/proc/{tid}/exe")).ok()?;
        let ns = |s: i64, ns: i64| s as u64 * 1_000_000_000 + ns as u64;
        let times = [ns(exe.mtime(), exe.mtime_nsec()), ns(exe.ctime(), exe.ctime_nsec())];
        fact(&mut facts, tid, "executable", (bytes(process.exe().ok()?), exe.ino(), times));
        fact(&mut facts, tid, "cwd, root", [bytes(process.cwd().ok()?), bytes(process.root().ok()?)]);
        let line = process.cmdline().ok()?;
        if line.iter().map(|a| a.len() + 1).sum::<usize>() < MAX_ARGS {
            fact(&mut facts, tid, "cmdline", line);
        }
        let environ: BTreeMap<_, _> = process.environ().ok()?.into_iter().collect();
        if environ.iter().map(|(k, v)| k.len() + v.len() + 2).sum::<usize>() < MAX_ENV {
            fact(&mut facts, tid, "environ", hidden(environ));
        }
        fact(&mut facts, tid, "vmsize", process.status().ok()?.vmsize.unwrap_or(0) as u32);
        fact(&mut facts, tid, "loginuid", process.loginuid().unwrap_or(u32::MAX));
        let limit = match process.limits().ok()?.max_open_files.soft_limit {
            procfs::process::LimitValue::Value(n) => n as i64,
            procfs::process::LimitValue::Unlimited => -1,
        };
        fact(&mut facts, tid, "fd limit", limit);
        let mut sockets = HashMap::new();
        for fd in process.fd().ok()? {
            let fd = fd.ok()?;
            if fd.fd > last && process.pid() as u32 == std::process::id() {
                continue;
            }
            let name = format!("fd {}", fd.fd);
            match fd.target {
                FDTarget::Socket(ino) => fact(&mut facts, tid, &name, format!("socket {ino}")),
                FDTarget::Pipe(ino) => fact(&mut facts, tid, &name, format!("pipe {ino}")),
                FDTarget::AnonInode(_) => fact(&mut facts, tid, &name, "anonymous"),
                FDTarget::MemFD(ref name_) => {
                    fact(&mut facts, tid, &name, format!("memfd {}", name_.trim_end_matches(" (deleted)")));
                }
                FDTarget::Path(ref path) => {
                    fact(&mut facts, tid, &name, path.to_string_lossy());
                    let mode = fd.mode() & (FDPermissions::READ | FDPermissions::WRITE);
                    // An fd opened with O_PATH has neither permission.
                    if !mode.is_empty() {
                        fact(&mut facts, tid, &format!("open {}", fd.fd), mode);
                    }
                }
                FDTarget::Net(_) | FDTarget::Other(..) | FDTarget::Unknown(..) => {}
            }
        }
        for (entries, proto) in [(process.tcp(), L4Proto::Tcp), (process.tcp6(), L4Proto::Tcp)] {
            let entries = entries.unwrap_or_default();
            sockets.extend(entries.iter().map(|e| (e.inode, of_socket(proto, e.local_address, e.remote_address))));
        }
        for (entries, proto) in [(process.udp(), L4Proto::Udp), (process.udp6(), L4Proto::Udp)] {
            let entries = entries.unwrap_or_default();
            sockets.extend(entries.iter().map(|e| (e.inode, of_socket(proto, e.local_address, e.remote_address))));
        }
        for e in process.unix().unwrap_or_default() {
            sockets.insert(e.inode, format!("unix {}", e.path.unwrap_or_default().display()));
        }
        let mut cgroups = Vec::new();
        for group in process.cgroups().ok()?.0 {
            cgroups
                .extend(group.controllers.iter().filter(|c| !c.is_empty()).map(|c| format!("{c}={}", group.pathname)));
        }
        Some(Other { facts, starts, cgroups, sockets })
    }
}

fn facts_of(reported: &Reported, pid: i64) -> Facts {
    let mut facts = Facts::new();
    reported.threads.values().filter(|t| t.pid == pid).for_each(|t| of_thread(&mut facts, t));
    let Some(t) = reported.threads.get(&pid) else { return facts };
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    fact(&mut facts, pid, "executable", (t.exepath.clone(), t.exe_ino, [t.exe_ino_mtime, t.exe_ino_ctime]));
    fact(&mut facts, pid, "cwd, root", [t.cwd.clone(), t.root.clone()]);
    let line = [&t.exe[..], b"\0", &t.args].concat();
    // `procfs` leaves out empty arguments.
    let line: Vec<String> = line.split(|&b| b == 0).filter(|a| !a.is_empty()).map(text).collect();
    fact(&mut facts, pid, "cmdline", line);
    let variable = |v: &[u8]| {
        let (key, value) = v.split_at(v.iter().position(|&b| b == b'=')?);
        Some((OsString::from_vec(key.to_vec()), OsString::from_vec(value[1..].to_vec())))
    };
    let environ: BTreeMap<_, _> = t.env.split(|&b| b == 0).filter_map(variable).collect();
    fact(&mut facts, pid, "environ", hidden(environ));
    fact(&mut facts, pid, "vmsize", t.vmsize_kb);
    fact(&mut facts, pid, "loginuid", t.loginuid);
    fact(&mut facts, pid, "fd limit", t.fdlimit);
    for (_, fd) in reported.fds.range((pid, 0)..(pid + 1, 0)) {
        let name = format!("fd {}", fd.fd);
        let value = match (&fd.detail, fd.ty) {
            (FdDetail::Name(n), FdType::Fifo) if n.starts_with(b"pipe:[") => format!("pipe {}", fd.ino),
            (FdDetail::Name(n), FdType::MemFd) => {
                let n = text(n);
                format!("memfd {}", n.trim_start_matches("/memfd:").trim_end_matches(" (deleted)"))
            }
            (FdDetail::Name(n), FdType::Netlink) if n.is_empty() => format!("socket {}", fd.ino),
            (FdDetail::Name(n), _) if n.is_empty() => "anonymous".into(),
            (FdDetail::Name(n), _) => text(n),
            (FdDetail::File { open_flags, name, .. }, _) => {
                let mut mode = FDPermissions::empty();
                mode.set(FDPermissions::READ, open_flags & 1 != 0);
                mode.set(FDPermissions::WRITE, open_flags & 2 != 0);
                fact(&mut facts, pid, &format!("open {}", fd.fd), mode);
                text(name)
            }
            _ => format!("socket {}", fd.ino),
        };
        fact(&mut facts, pid, &name, value);
    }
    facts
}

fn as_procfs_has_it(detail: &FdDetail) -> Option<String> {
    let v4 = |ip: &Ipv4Addr, port: &u16| SocketAddr::from((*ip, *port));
    let v6 = |ip: &Ipv6Addr, port: &u16| SocketAddr::from((*ip, *port));
    Some(match detail {
        FdDetail::Ipv4 { sip, dip, sport, dport, proto } => of_socket(*proto, v4(sip, sport), v4(dip, dport)),
        FdDetail::Ipv6 { sip, dip, sport, dport, proto } => of_socket(*proto, v6(sip, sport), v6(dip, dport)),
        FdDetail::Ipv4Server { ip, port, proto } => format!("{proto:?} {}", v4(ip, port)),
        FdDetail::Ipv6Server { ip, port, proto } => format!("{proto:?} {}", v6(ip, port)),
        // `procfs` takes a space as the end of the path.
        FdDetail::Unix { name, .. } => {
            format!("unix {}", String::from_utf8_lossy(name).split(' ').next().unwrap_or_default())
        }
        _ => return None,
    })
}

/// Compares our scan of a process with that of `procfs`.
fn compare(reported: &Reported, pid: i64, other: &Other, how: &str) {
    let ours = facts_of(reported, pid);
    for (key, value) in &other.facts {
        match ours.get(key) {
            Some(reported) => assert_eq!(reported, value, "{how}: {key:?} of {pid}"),
            // Not in our scan: a socket of a family without a table, and the open mode of a directory or pipe.
            None => {
                let untold = value.starts_with("\"socket ") || key.1.starts_with("open ");
                assert!(untold, "{how}: {key:?} of {pid} was not reported: {value}");
            }
        }
    }
    for key in ours.keys().filter(|k| k.1 == "comm") {
        assert!(other.facts.contains_key(key), "{how}: thread {} of {pid} is only ours", key.0);
    }
    let own_start = other.starts[&pid];
    for (tid, start) in &other.starts {
        let (thread, main) = (&reported.threads[tid], &reported.threads[&pid]);
        let tick = 1_000_000_000 / procfs::ticks_per_second();
        let apart = (start - own_start) * tick;
        assert!((thread.clone_ts - main.clone_ts).abs_diff(apart) <= tick, "{how}: the start of {tid}");
        let cgroups = String::from_utf8_lossy(&thread.cgroups);
        for group in &other.cgroups {
            let (controller, path) = group.rsplit_once('=').unwrap();
            // In a cgroup namespace our paths are those of the host.
            let ours = cgroups.split('\0').find_map(|g| g.strip_prefix(controller)?.strip_prefix('='));
            assert!(ours.is_some_and(|g| g.ends_with(path) || path == "/"), "{how}: {group} of {tid}: {cgroups:?}");
        }
    }
    for (_, fd) in reported.fds.range((pid, 0)..(pid + 1, 0)) {
        if let (Some(ours), Some(theirs)) = (as_procfs_has_it(&fd.detail), other.sockets.get(&fd.ino)) {
            assert_eq!(&ours, theirs, "{how}: fd {} of {pid}", fd.fd);
        }
    }
}

struct IdleProcess(Child);

impl Drop for IdleProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn another_reader_of_proc_agrees() {
    let mut idle = Command::new("sleep");
    idle.args(["100", "0.5"]).env_clear().env("A", "b c").env("B", "").current_dir("/tmp").stdin(Stdio::piped());
    let idle = IdleProcess(idle.spawn().unwrap());
    // Fds of this process for the scan to find.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let tcp6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok();
    let path = std::env::temp_dir().join(format!("scap-other-{}", std::process::id()));
    let unix = UnixListener::bind(&path).unwrap();
    let peer = UnixStream::connect(&path).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    let file = std::fs::OpenOptions::new().append(true).open("/dev/null").unwrap();
    let (done, wait) = mpsc::channel::<()>();
    let thread = std::thread::Builder::new().name("a) (b".into()).spawn(move || {
        let _ = wait.recv();
    });

    let me = i64::from(std::process::id());
    let idle_pid = i64::from(idle.0.id());
    let everybody = || -> BTreeMap<i64, Other> {
        let all = procfs::process::all_processes().unwrap().flatten();
        all.filter_map(|p| Some((i64::from(p.pid()), Other::of(&p, file.as_raw_fd())?))).collect()
    };
    for iterators in [true, false] {
        let how = if iterators { "by iterators" } else { "by /proc" };
        let mut scanner = Scanner::new(&ScanOptions { iterators, ..ScanOptions::default() }).unwrap();
        let mut seen = BTreeMap::new();
        let mut skipped = false;
        for _ in 0..20 {
            let before = everybody();
            let mut reported = Reported::default();
            scanner.threads(&mut reported).unwrap();
            if !reported.progress.is_empty() {
                eprintln!("SKIPPED: {}", reported.progress.join("; "));
                skipped = true;
                break;
            }
            let after = everybody();
            for (pid, other) in before {
                let same = |after: &Other| after.facts == other.facts && after.cgroups == other.cgroups;
                if after.get(&pid).is_some_and(same) {
                    compare(&reported, pid, &other, how);
                    seen.insert(pid, other.starts.len());
                }
            }
            if seen.contains_key(&me) && seen.contains_key(&idle_pid) {
                break;
            }
        }
        let threads = seen.get(&me).copied().unwrap_or_default();
        assert!(skipped || threads >= 2 && seen.contains_key(&idle_pid), "{how}: {seen:?}");
    }
    drop((done, listener, client, udp, tcp6, unix, peer, reader, writer, file));
    thread.unwrap().join().unwrap();
    std::fs::remove_file(&path).unwrap();
}
