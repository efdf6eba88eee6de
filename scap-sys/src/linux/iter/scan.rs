//! Converts the iterators' records to threads and fds as /proc has them.
//!
//! Some data still comes from /proc. Command line and environment, once per process: they are in user memory, which may be
//! mapped from a FUSE file system, and an iterator that reads it could wait forever; /proc refuses to. Cgroups, once per
//! distinct set. Paths that were too long. The owner of an executable on an idmapped mount.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::records::*;
use super::{Iterators, Selection};
use crate::linux::fds::{classify, open_flags_to_ppm};
use crate::linux::procfs::Dir;
use crate::linux::sockets::{Socket, bare_ipv4, bare_ipv6, of_other_family};
use crate::linux::threads::{MAX_ARGS, SIBLING, later, parse_stat, set_command_line, unless_denied, writable};
use crate::linux::{Progress, Scanner};
use crate::{FdDetail, FdInfo, FdType, L4Proto, Result, SystemSink, ThreadInfo};

/// The cgroups of the present scan, by [`ThreadRecord`]'s two cgroup numbers.
type Groups = HashMap<(u64, u64), Vec<u8>>;

/// The main thread of a process, while its other threads are converted.
struct Main {
    info: ThreadInfo,
    cgroups: (u64, u64),
}

impl Scanner {
    /// Passes all threads of the iterator to `sink`, and calls `after` for each main thread. Returns the pids that were
    /// passed, and those that only /proc has. An error is returned only before anything was passed.
    pub(in crate::linux) fn iterate_threads(
        &mut self,
        iterators: &mut Iterators,
        proc: &Dir,
        progress: &mut Progress,
        sink: &mut dyn SystemSink,
        mut after: impl FnMut(&mut Scanner, i64, &mut dyn SystemSink) -> u64,
    ) -> Option<Result<(HashSet<i64>, Vec<i64>)>> {
        let bytes = match iterators.threads()?.threads(Selection::default()) {
            Ok(bytes) => bytes,
            Err(e) => return Some(Err(e)),
        };
        let mut records = Vec::new();
        let mut at = 0;
        while let Some(size) = record_size(&bytes[at..]) {
            records.extend(ThreadRecord::parse(&bytes[at..at + size]));
            at += size;
        }
        // Sorts the main thread first, which need not have the smallest tid.
        records.sort_by_key(|r| (r.pid, r.tid != r.pid, r.tid));
        let mut groups = Groups::new();
        let mut reported = HashSet::new();
        let passed: HashSet<i64> = records.iter().filter(|r| r.tid == r.pid).map(|r| r.pid).collect();
        for process in records.chunk_by(|a, b| a.pid == b.pid) {
            let main = &process[0];
            if main.tid != main.pid || main.has(OF_KERNEL) {
                continue;
            }
            let Some(mut info) = self.main_thread(proc, main, &mut groups) else { continue };
            // As in /proc, the page faults of a main thread are those of its process.
            let sum =
                |own: fn(&ThreadRecord) -> u64, past: u64| process.iter().fold(past, |n, r| n.wrapping_add(own(r)));
            info.pfminor = sum(|r| r.pfminor, main.past_pfminor);
            info.pfmajor = sum(|r| r.pfmajor, main.past_pfmajor);
            let template = (process.len() > 1 && !self.options.minimal)
                .then(|| Main { info: info.clone(), cgroups: main.cgroups });
            sink.thread(info);
            reported.insert(main.pid);
            let fds = after(self, main.pid, sink);
            for record in template.iter().flat_map(|_| &process[1..]) {
                let template = template.as_ref()?;
                let mut info = ThreadInfo { tid: record.tid, ..template.info.clone() };
                if self.own(proc, record, &mut info, Some(template), &mut groups).is_some() {
                    info.exe_ino_ctime_duration_clone_ts = later(info.clone_ts, info.exe_ino_ctime);
                    sink.thread(info);
                }
            }
            if !progress.one_more(main.pid as u64, fds, sink) {
                return Some(Ok((reported, Vec::new())));
            }
        }
        // Processes that the kernel hid from the iterator, or that are new since.
        let mut missed = Vec::new();
        let listed = proc.numbers(|pid, _| {
            if !passed.contains(&(pid as i64)) {
                missed.push(pid as i64);
            }
            true
        });
        // If the list ends early, only such processes are missed.
        let _ = listed;
        Some(Ok((reported, missed)))
    }

    /// Passes the fds of these processes to `sink`.
    pub(in crate::linux) fn iterate_fds(
        &mut self,
        iterators: &mut Iterators,
        reported: &HashSet<i64>,
        progress: &mut Progress,
        sink: &mut dyn SystemSink,
    ) -> Option<Result<()>> {
        let limit = self.options.fd_limit as u64;
        let selection = Selection { others: (!self.options.minimal).into(), ..Selection::default() };
        let (mut pid, mut of_pid) = (0, 0);
        Some(iterators.files()?.files(selection, |record| {
            if record.pid != pid {
                (pid, of_pid) = (record.pid, 0);
            }
            if (limit == 0 || of_pid < limit)
                && reported.contains(&pid)
                && let Some(info) = open_file(record)
            {
                sink.fd(pid, info);
                of_pid += 1;
                progress.fds += 1;
            }
        }))
    }

    /// One thread; `None` if no iterator can be restricted to it, or if it does not exist.
    pub(in crate::linux) fn iterate_thread(&mut self, tid: i64) -> Option<ThreadInfo> {
        let mut iterators = self.iterators.take_if(|i| i.has_threads && i.restricts())?;
        let selection = Selection { tid: u32::try_from(tid).unwrap_or(u32::MAX), whole: 1, ..Selection::default() };
        let records = iterators.threads().map(|i| i.threads(selection));
        self.iterators = Some(iterators);
        let bytes = records?.ok()?;
        let record = ThreadRecord::parse(&bytes).filter(|r| r.tid == tid && !r.has(OF_KERNEL))?;
        let proc = Dir::open(&self.proc).ok()?;
        let mut info = self.main_thread(&proc, &record, &mut Groups::new())?;
        if record.tid == record.pid && record.threads > 1 {
            let mut whole = ThreadInfo::default();
            proc.read(format!("{tid}/stat"), &mut self.buffer, 4096).ok()?;
            parse_stat(&self.buffer, &mut whole)?;
            (info.pfminor, info.pfmajor) = (whole.pfminor, whole.pfmajor);
        }
        Some(info)
    }

    /// The fds of one process, or one of them, in order; `None` if no iterator can be restricted to it.
    pub(in crate::linux) fn iterate_fds_of(&mut self, pid: i64, fd: Option<i64>, sockets: bool) -> Option<Vec<FdInfo>> {
        let mut iterators = self.iterators.take_if(|i| i.has_files && i.restricts())?;
        let limit = if self.options.fd_limit == 0 || fd.is_some() { usize::MAX } else { self.options.fd_limit };
        let mut reported = Vec::new();
        let selection = Selection {
            pid: u32::try_from(pid).unwrap_or(u32::MAX),
            fd: fd.map_or(-1, |fd| i32::try_from(fd).unwrap_or(i32::MAX)),
            sockets: sockets.into(),
            others: (!self.options.minimal).into(),
            ..Selection::default()
        };
        let passed = iterators.files().map(|i| {
            i.files(selection, |record| {
                if reported.len() < limit {
                    reported.extend(open_file(record));
                }
            })
        });
        self.iterators = Some(iterators);
        passed?.ok().map(|()| reported)
    }

    /// Converts a main thread record; `None` if the thread has exited or is a kernel thread.
    fn main_thread(&mut self, proc: &Dir, record: &ThreadRecord, groups: &mut Groups) -> Option<ThreadInfo> {
        let tid = record.tid;
        let mut info = ThreadInfo { tid, ..ThreadInfo::default() };
        self.read_text(proc, format!("{tid}/cmdline"), MAX_ARGS).ok()?;
        if self.buffer.is_empty() && !record.has(HAS_EXE) {
            return None;
        }
        set_command_line(&mut info, &self.buffer);
        self.read_environment(proc, format!("{tid}/environ")).ok()?;
        info.env = self.buffer.clone();
        info.fdlimit = record.fdlimit as i64;
        info.exepath = path(proc, tid, record.exepath, record.has(EXE_PATH_CUT), "exe")?;
        info.exe_from_memfd = info.exepath.starts_with(b"/memfd:");
        self.own(proc, record, &mut info, None, groups)?;
        if record.has(EXE_OWNER_MAPPED) {
            if let Ok(dir) = proc.sub(tid.to_string()) {
                self.read_executable(&dir, &mut info);
            }
        } else if record.has(HAS_EXE) {
            info.exe_ino = record.exe_ino;
            info.exe_ino_ctime = record.exe_ctime;
            info.exe_ino_mtime = record.exe_mtime;
            info.exe_ino_ctime_duration_clone_ts = later(info.clone_ts, info.exe_ino_ctime);
            info.exe_ino_ctime_duration_pidns_start = later(info.exe_ino_ctime, info.pidns_init_start_ts);
            let read_only = || record.has(EXE_READ_ONLY);
            info.exe_writable = writable(&info, record.exe_uid, record.exe_gid, record.exe_mode, read_only);
            info.exe_upper_layer = record.has(EXE_UPPER);
            info.exe_lower_layer = record.has(EXE_LOWER);
        }
        Some(info)
    }

    /// Fills in the data that a thread does not share with its process; `None` if the thread is exiting.
    fn own(
        &mut self,
        proc: &Dir,
        record: &ThreadRecord,
        info: &mut ThreadInfo,
        main: Option<&Main>,
        groups: &mut Groups,
    ) -> Option<()> {
        let kib = rustix::param::page_size() as u64 / 1024;
        let since_epoch = |start: u64| if start == 0 { 0 } else { self.pid_namespaces.boot_time.saturating_add(start) };
        info.pid = record.pid;
        info.ptid = record.ptid;
        info.sid = record.sid;
        info.pgid = record.pgid;
        info.vtid = record.vtid;
        info.vpid = record.vpid;
        info.vpgid = record.vpgid;
        info.comm = record.comm.to_vec();
        info.uid = record.uid;
        info.gid = record.gid;
        info.loginuid = record.loginuid;
        info.tty = record.tty;
        info.cap_permitted = record.cap_permitted;
        info.cap_effective = record.cap_effective;
        info.cap_inheritable = record.cap_inheritable;
        info.vmsize_kb = (record.vm_pages * kib) as u32;
        info.vmrss_kb = (record.rss_pages * kib) as u32;
        info.vmswap_kb = (record.swap_pages * kib) as u32;
        info.pfminor = record.pfminor;
        info.pfmajor = record.pfmajor;
        info.clone_ts = since_epoch(record.start);
        info.pidns_init_start_ts = since_epoch(record.pidns_start);
        info.flags = if info.tid == info.pid { 0 } else { SIBLING };
        if !record.has(HAS_FS) {
            return None;
        }
        // If they are shared, `info` has those of the main thread already.
        if !record.has(SHARES_FS) {
            info.cwd = path(proc, record.tid, record.cwd, record.has(CWD_CUT), "cwd")?;
            info.root = path(proc, record.tid, record.root, record.has(ROOT_CUT), "root")?;
        }
        // The probe leaves the cgroup ids 0 for a thread with the main thread's set, so only the set's address is compared.
        if main.is_none_or(|m| m.cgroups.0 != record.cgroups.0) {
            info.cgroups = match groups.get(&record.cgroups) {
                Some(known) => known.clone(),
                None => {
                    let file = format!("{}/cgroup", record.tid);
                    unless_denied(proc.read(file, &mut self.buffer, 1 << 16)).ok()?;
                    let reported = self.cgroups.resolve(&self.buffer);
                    groups.insert(record.cgroups, reported.clone());
                    reported
                }
            };
        }
        Some(())
    }
}

/// A path from a record or, if it was cut, from /proc; `None` if the thread has exited.
fn path(proc: &Dir, tid: i64, reported: &[u8], cut: bool, link: &str) -> Option<Vec<u8>> {
    if !cut {
        return Some(reported.to_vec());
    }
    match proc.link(format!("{tid}/{link}")) {
        Err(Errno::NAMETOOLONG) => Some(Vec::new()),
        other => unless_denied(other).ok(),
    }
}

/// Converts an fd record; `None` for an fd that /proc also leaves out.
fn open_file(record: &FileRecord) -> Option<FdInfo> {
    let fd = record.fd;
    let kind = FileType::from_raw_mode(record.mode);
    if record.has(SOCKET) {
        let (ty, detail) = socket(record);
        return Some(FdInfo { fd, ino: record.ino, ty, detail });
    }
    if record.has(TEXT_CUT) {
        return None;
    }
    let name = record.text.to_vec();
    if kind == FileType::Socket {
        // The file of a bound unix socket, opened with O_PATH.
        return Some(FdInfo { fd, ino: 0, ty: FdType::Unsupported, detail: FdDetail::Name(name) });
    }
    let cloexec = libc::O_CLOEXEC as u32;
    let open_flags = record.open_flags & !cloexec | if record.has(CLOSE_ON_EXEC) { cloexec } else { 0 };
    let (ty, detail) = classify(kind, name, |name| FdDetail::File {
        open_flags: open_flags_to_ppm(open_flags),
        name,
        mount_id: record.mount_id,
        dev: record.dev,
    });
    Some(FdInfo { fd, ino: record.ino, ty, detail })
}

/// A socket, bound or not.
fn socket(r: &FileRecord) -> Socket {
    match r.family as i32 {
        libc::AF_UNIX => {
            let name = unix_name(r.text);
            (FdType::UnixSock, FdDetail::Unix { source: r.own, destination: r.other, name })
        }
        libc::AF_NETLINK => (FdType::Netlink, FdDetail::Name(Vec::new())),
        libc::AF_INET | libc::AF_INET6 => internet_socket(r),
        _ => of_other_family(),
    }
}

fn internet_socket(r: &FileRecord) -> Socket {
    let proto = match (r.ty as i32, r.protocol as i32) {
        (libc::SOCK_RAW, _) => L4Proto::Raw,
        (libc::SOCK_STREAM, libc::IPPROTO_TCP) => L4Proto::Tcp,
        (libc::SOCK_DGRAM, libc::IPPROTO_UDP) => L4Proto::Udp,
        (libc::SOCK_DGRAM, libc::IPPROTO_ICMP | libc::IPPROTO_ICMPV6) => L4Proto::Icmp,
        _ => L4Proto::Unknown,
    };
    let sport = r.own_port as u16;
    // A raw socket has no ports; the kernel stores the protocol as its own port.
    let dport = if proto == L4Proto::Raw { 0 } else { r.other_port as u16 };
    // One in no table can be bound, as a TCP socket that does not listen yet; what a failed connect left behind is no peer.
    let hashed = r.has(SOCKET_HASHED);
    let has_peer = |is_unspecified: bool| !is_unspecified && (hashed || dport != 0);
    let is_bare = !hashed && sport == 0;
    if r.family as i32 == libc::AF_INET {
        let ip = |b: &[u8; 16]| Ipv4Addr::new(b[0], b[1], b[2], b[3]);
        let (sip, dip) = (ip(&r.own_ip), ip(&r.other_ip));
        if has_peer(dip.is_unspecified()) {
            (FdType::Ipv4Sock, FdDetail::Ipv4 { sip, dip, sport, dport, proto })
        } else if is_bare {
            bare_ipv4(proto)
        } else {
            (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip: sip, port: sport, proto })
        }
    } else {
        let (sip, dip) = (Ipv6Addr::from(r.own_ip), Ipv6Addr::from(r.other_ip));
        if has_peer(dip.is_unspecified()) {
            (FdType::Ipv6Sock, FdDetail::Ipv6 { sip, dip, sport, dport, proto })
        } else if is_bare {
            bare_ipv6(proto)
        } else {
            (FdType::Ipv6ServSock, FdDetail::Ipv6Server { ip: sip, port: sport, proto })
        }
    }
}

/// The name of a unix socket as /proc prints it: a path, or an abstract name with `@` for each NUL.
fn unix_name(name: &[u8]) -> Vec<u8> {
    let end = if name.first() == Some(&0) { name.len() } else { name.len().saturating_sub(1) };
    name[..end].iter().map(|&b| if b == 0 { b'@' } else { b }).collect()
}
