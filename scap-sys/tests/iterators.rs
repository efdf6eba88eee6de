//! The scan with BPF iterators against the scan of /proc: the same threads and fds, field by field.
//!
//! Fields that cannot be equal are compared with a tolerance: /proc has start times in clock ticks and no addresses of unix
//! sockets, and resident memory is counted per CPU.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use scap_sys::linux::{Reported as Kind, ScanOptions, Scanner, reported_by_iterators};
use scap_sys::{FdDetail, FdInfo, FdType, SystemSink, ThreadInfo};

#[derive(Default)]
struct Reported {
    threads: BTreeMap<i64, ThreadInfo>,
    fds: BTreeMap<(i64, i64), FdInfo>,
    progress: Vec<String>,
}

impl SystemSink for Reported {
    fn thread(&mut self, thread: ThreadInfo) {
        if thread.tid != thread.pid {
            assert!(self.threads.contains_key(&thread.pid), "thread {} before its main thread", thread.tid);
        }
        let tid = thread.tid;
        assert!(self.threads.insert(tid, thread).is_none(), "thread {tid} was reported twice");
    }
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        assert!(self.threads.contains_key(&pid) || self.threads.is_empty(), "an fd before its thread");
        assert!(self.fds.insert((pid, fd.fd), fd).is_none(), "an fd of {pid} was reported twice");
    }
    fn progress(&mut self, message: &str) {
        self.progress.push(message.into());
    }
}

impl Reported {
    fn of(&self, pid: i64) -> Vec<&FdInfo> {
        self.fds.range((pid, 0)..(pid + 1, 0)).map(|(_, fd)| fd).collect()
    }
}

fn options(iterators: bool) -> ScanOptions {
    ScanOptions { iterators, ..ScanOptions::default() }
}

fn scan(scanner: &mut Scanner) -> Reported {
    let mut reported = Reported::default();
    scanner.threads(&mut reported).unwrap();
    reported
}

/// Locked by each test while it runs: the tests open files, and one of them compares the fds of this process.
static ALONE: Mutex<()> = Mutex::new(());

/// A scanner with iterators, and the lock; `None` if the kernel or the user has no iterators.
fn iterators(options: ScanOptions) -> Option<(Scanner, MutexGuard<'static, ()>)> {
    let alone = ALONE.lock().unwrap_or_else(|failed| failed.into_inner());
    let mut scanner = Scanner::new(&ScanOptions { iterators: true, ..options }).unwrap();
    let reported = scan(&mut scanner);
    if reported.progress.is_empty() {
        return Some((scanner, alone));
    }
    eprintln!("SKIPPED: {}", reported.progress.join("; "));
    None
}

/// A child process, killed on drop.
struct IdleProcess(Child);

impl IdleProcess {
    fn new(command: &mut Command, comm: &str) -> IdleProcess {
        let child = IdleProcess(command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap());
        // Until exec is done, the kernel reports the name of this test.
        while std::fs::read_to_string(format!("/proc/{}/comm", child.0.id())).unwrap().trim() != comm {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(20));
        child
    }

    fn pid(&self) -> i64 {
        i64::from(self.0.id())
    }
}

impl Drop for IdleProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn owned_fd(fd: libc::c_int) -> OwnedFd {
    assert!(fd >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: the call has just created the fd, and no other owner exists.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// A thread without the fields that may differ a little.
fn exact(thread: &ThreadInfo) -> ThreadInfo {
    ThreadInfo {
        clone_ts: 0,
        pidns_init_start_ts: 0,
        exe_ino_ctime_duration_clone_ts: 0,
        exe_ino_ctime_duration_pidns_start: 0,
        vmrss_kb: 0,
        ..thread.clone()
    }
}

/// A clock tick, and the tolerance between two reads of the boot time, in nanoseconds.
const TICK: u64 = 10_000_000 + 2_000_000;

fn assert_same(by_proc: &ThreadInfo, by_iterator: &ThreadInfo) {
    let (p, i) = (by_proc, by_iterator);
    // The process has other privileges, so /proc hides parts of it.
    let hidden = std::fs::read_link(format!("/proc/{}/exe", p.pid)).is_err();
    if hidden {
        return assert_eq!((p.pid, p.ptid, &p.comm, p.uid, &p.args), (i.pid, i.ptid, &i.comm, i.uid, &i.args));
    }
    assert_eq!(exact(p), exact(i));
    let near = |a: u64, b: u64| a.abs_diff(b) <= TICK;
    assert!(near(p.clone_ts, i.clone_ts), "{} {}", p.clone_ts, i.clone_ts);
    assert!(near(p.exe_ino_ctime_duration_clone_ts, i.exe_ino_ctime_duration_clone_ts));
    if p.pidns_init_start_ts != 0 {
        assert!(near(p.pidns_init_start_ts, i.pidns_init_start_ts), "{p:?}\n{i:?}");
        assert!(near(p.exe_ino_ctime_duration_pidns_start, i.exe_ino_ctime_duration_pidns_start));
    }
    // Each CPU holds back up to this many pages of each of three counters.
    let cpus = std::thread::available_parallelism().map_or(1, usize::from) as u32;
    assert!(p.vmrss_kb.abs_diff(i.vmrss_kb) <= 3 * 4 * cpus * (2 * cpus).max(64), "{} {}", p.vmrss_kb, i.vmrss_kb);
}

fn assert_same_fd(pid: i64, by_proc: &FdInfo, by_iterator: &FdInfo) {
    let hidden = |fd: &FdInfo| {
        let mut fd = fd.clone();
        if let FdDetail::Unix { source, destination, .. } = &mut fd.detail {
            (*source, *destination) = (0, 0);
        }
        fd
    };
    let (p, mut i) = (hidden(by_proc), hidden(by_iterator));
    // A mount of another namespace than the process's is in no mountinfo that the /proc scan read.
    if let (FdDetail::File { dev: 0, .. }, FdDetail::File { dev, .. }) = (&p.detail, &mut i.detail) {
        *dev = 0;
    }
    assert_eq!(p, i, "process {pid}");
}

/// Every process that is equal in /proc scans before and after must be equal in the iterators' scan between them.
#[test]
fn iterators_and_proc_agree() {
    let Some((mut scanner, _alone)) = iterators(ScanOptions::default()) else { return };
    let long = "x".repeat(5000);
    let dir = std::env::temp_dir().canonicalize().unwrap();
    let kids = [
        IdleProcess::new(
            Command::new("sleep").args(["100", "200.5"]).env_clear().env("A", "b c").env("EMPTY", ""),
            "sleep",
        ),
        IdleProcess::new(Command::new("sleep").args(["1000"]).current_dir(&dir).env("LONG", &long), "sleep"),
        IdleProcess::new(Command::new("sh").args(["-c", "read x", &long, ""]), "sh"),
    ];
    let mut proc = Scanner::new(&options(false)).unwrap();
    let mut seen = HashMap::new();
    for _ in 0..20 {
        let before = scan(&mut proc);
        let between = scan(&mut scanner);
        let after = scan(&mut proc);
        assert_eq!(between.progress, [""; 0]);
        // The fds of this process include those of the scan itself.
        let own = i64::from(std::process::id());
        let same = |tid: &i64| match (before.threads.get(tid), after.threads.get(tid)) {
            (Some(a), Some(b)) if a.pid != own => {
                ThreadInfo { clone_ts: 0, ..exact(a) } == ThreadInfo { clone_ts: 0, ..exact(b) }
                    && a.vmrss_kb == b.vmrss_kb
                    && before.of(*tid) == after.of(*tid)
            }
            _ => false,
        };
        for tid in before.threads.keys().filter(|t| same(t)) {
            let reported = between.threads.get(tid);
            let reported =
                reported.unwrap_or_else(|| panic!("{:?} was not reported by the iterator", before.threads[tid]));
            assert_same(&before.threads[tid], reported);
            let (by_proc, by_iterator) = (before.of(*tid), between.of(*tid));
            let numbers = |fds: &[&FdInfo]| fds.iter().map(|f| f.fd).collect::<Vec<_>>();
            assert_eq!(numbers(&by_proc), numbers(&by_iterator), "{by_proc:?}\n{by_iterator:?}");
            by_proc.iter().zip(by_iterator).for_each(|(p, i)| assert_same_fd(*tid, p, i));
            seen.insert(*tid, by_proc.len());
        }
        for tid in between.threads.keys() {
            let known = before.threads.contains_key(tid) || after.threads.contains_key(tid);
            let gone = !std::fs::exists(format!("/proc/{tid}")).unwrap();
            assert!(known || gone, "{:?} is in no scan of /proc", between.threads[tid]);
        }
        if kids.iter().all(|k| seen.contains_key(&k.pid())) && seen.len() > kids.len() {
            return;
        }
    }
    panic!("the children never were the same twice: {seen:?}");
}

/// The fds of this process, of every type, in a full scan and in a scan of this process.
#[test]
fn files_of_every_kind() {
    let Some((mut scanner, _alone)) = iterators(ScanOptions::default()) else { return };
    let dir = std::env::temp_dir().canonicalize().unwrap();
    let path = |name: &str| dir.join(format!("scap iter {} {name}", std::process::id()));
    let name = path("file\u{e9}");
    let file = std::fs::OpenOptions::new().create(true).read(true).append(true).open(&name).unwrap();
    let gone = File::create(path("gone")).unwrap();
    std::fs::remove_file(path("gone")).unwrap();
    let unix = UnixListener::bind(path("unix")).unwrap();
    let client = UnixStream::connect(path("unix")).unwrap();
    let (server, _) = unix.accept().unwrap();
    let (left, _right) = UnixDatagram::pair().unwrap();
    let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(b"scap\0iter").unwrap()).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let udp_connected = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    udp_connected.connect(udp.local_addr().unwrap()).unwrap();
    let tcp6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok();
    let client6 = tcp6.as_ref().map(|l| TcpStream::connect(l.local_addr().unwrap()).unwrap());
    let udp6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).ok();
    let both = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).ok();
    let mapped =
        both.as_ref().map(|l| TcpStream::connect((Ipv4Addr::LOCALHOST, l.local_addr().unwrap().port())).unwrap());
    let mapped_end = both.as_ref().map(|l| l.accept().unwrap());
    let (_reader, writer) = std::io::pipe().unwrap();
    // SAFETY: the arguments are numbers and strings that outlive the calls.
    let others = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        let socket = |family, ty, proto| libc::socket(family, ty, proto);
        [
            libc::memfd_create(c"scan me".as_ptr(), 0),
            libc::eventfd(0, 0),
            libc::epoll_create1(0),
            libc::inotify_init1(0),
            libc::timerfd_create(libc::CLOCK_MONOTONIC, 0),
            libc::signalfd(-1, &set, 0),
            libc::open(c"/".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC),
            libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY | libc::O_NONBLOCK | libc::O_SYNC),
            libc::open(c"/proc/self/stat".as_ptr(), libc::O_RDONLY),
            libc::open(c"/".as_ptr(), libc::O_PATH),
            // In no table of /proc: neither bound nor connected.
            socket(libc::AF_INET, libc::SOCK_STREAM, 0),
            socket(libc::AF_INET, libc::SOCK_DGRAM, 0),
            socket(libc::AF_NETLINK, libc::SOCK_RAW, 0),
            socket(libc::AF_UNIX, libc::SOCK_SEQPACKET, 0),
        ]
        .map(owned_fd)
    };
    // SAFETY: the arguments are numbers. The calls may fail for lack of privileges or kernel support.
    let rare: Vec<OwnedFd> = unsafe {
        [
            libc::socket(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP),
            libc::socket(libc::AF_INET6, libc::SOCK_RAW, libc::IPPROTO_ICMPV6),
            libc::socket(libc::AF_INET, libc::SOCK_DGRAM, libc::IPPROTO_ICMP),
            libc::socket(libc::AF_PACKET, libc::SOCK_RAW, 0),
            libc::socket(libc::AF_INET, libc::SOCK_STREAM, 262 /* IPPROTO_MPTCP */),
            libc::syscall(libc::SYS_pidfd_open, std::process::id(), 0) as libc::c_int,
        ]
    }
    .into_iter()
    .filter(|&fd| fd >= 0)
    .map(owned_fd)
    .collect();
    let bound = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    // SAFETY: the path outlives the call. O_PATH opens a socket's file without making it a socket.
    let as_file = unsafe {
        let name = std::ffi::CString::new(path("unix").into_os_string().into_encoded_bytes()).unwrap();
        owned_fd(libc::open(name.as_ptr(), libc::O_PATH))
    };

    let pid = i64::from(std::process::id());
    let mut proc = Scanner::new(&options(false)).unwrap();
    let mut by_proc = Reported::default();
    proc.fds(pid, &mut by_proc).unwrap();
    let by_iterator = scan(&mut scanner);
    let mut alone = Reported::default();
    let counted = || {
        use Kind::*;
        [Pipe, Memfd, RegularFile, Directory, Ipv4Socket, UnixSocket, NetlinkSocket, AnonymousInode]
            .map(reported_by_iterators)
    };
    let before = counted();
    scanner.fds(pid, &mut alone).unwrap();
    let after = counted();
    assert!(before.iter().zip(&after).all(|(b, a)| a > b), "{before:?} {after:?}");
    assert!(reported_by_iterators(Kind::Thread) > 0);
    // The scan opens fds itself; their numbers are higher than those opened before.
    let mut before = [&by_proc, &by_iterator, &alone].map(|t| t.of(pid));
    before.iter_mut().for_each(|fds| fds.retain(|f| f.fd <= i64::from(as_file.as_raw_fd())));
    let [by_proc_before, by_iterator_before, alone_before] = before;
    assert_eq!(by_iterator_before, alone_before, "a full scan, and one of this process");
    assert_eq!(by_proc_before.len(), alone_before.len(), "{by_proc_before:?}\n{alone_before:?}");
    by_proc_before.iter().zip(alone_before).for_each(|(p, i)| assert_same_fd(pid, p, i));
    let ours = |fd: &dyn AsRawFd| alone.fds.get(&(pid, i64::from(fd.as_raw_fd())));
    let all: [&dyn AsRawFd; 16] = [
        &file,
        &gone,
        &unix,
        &client,
        &server,
        &left,
        &listener,
        &tcp,
        &accepted,
        &udp,
        &udp_connected,
        &writer,
        &bound,
        &as_file,
        &others[0],
        &others[8],
    ];
    for fd in all {
        let reported = ours(fd).unwrap_or_else(|| panic!("fd {} was not reported", fd.as_raw_fd()));
        assert_same_fd(pid, &by_proc.fds[&(pid, reported.fd)], reported);
    }
    for fd in [&tcp6, &both].into_iter().flatten() {
        assert!(ours(fd).is_some());
    }
    for fd in [client6.as_ref(), mapped_end.as_ref().map(|m| &m.0)].into_iter().flatten() {
        assert_eq!(ours(fd).unwrap().ty, FdType::Ipv6Sock);
    }
    assert!(mapped.is_none_or(|m| ours(&m).unwrap().ty == FdType::Ipv4Sock));
    assert!(udp6.is_none_or(|u| ours(&u).is_some()));
    for fd in others.iter().chain(&rare) {
        let number = i64::from(fd.as_raw_fd());
        let reported = ours(fd).unwrap_or_else(|| panic!("fd {number} was not reported"));
        assert_same_fd(pid, &by_proc.fds[&(pid, number)], reported);
    }
    let FdDetail::Unix { source, destination, name } = &ours(&server).unwrap().detail else { panic!() };
    let FdDetail::Unix { source: other, .. } = &ours(&client).unwrap().detail else { panic!() };
    assert_eq!((destination, name.is_empty()), (other, false), "the ends of a connection know each other");
    assert!(*source != 0 && source != other);
    let FdDetail::Unix { name, .. } = &ours(&hidden).unwrap().detail else { panic!() };
    assert_eq!(name, b"@scap@iter");

    let mut one = Reported::default();
    scanner.fd(pid, i64::from(file.as_raw_fd()), &mut one).unwrap();
    for name in ["file\u{e9}", "unix"] {
        std::fs::remove_file(path(name)).unwrap();
    }
    assert_eq!(one.of(pid), [ours(&file).unwrap()]);
    assert!(scanner.fd(pid, 1 << 30, &mut one).unwrap_err().to_string().contains("/fd/1073741824: "));
    let mut without = Reported::default();
    scanner.thread(pid, false, &mut without).unwrap();
    assert!(
        !without.of(pid).iter().any(|f| matches!(f.ty, FdType::UnixSock | FdType::Ipv4Sock | FdType::Ipv4ServSock))
    );
    assert!(without.of(pid).iter().any(|f| f.ty == FdType::MemFd));
}

/// Neither the iterators nor /proc report a zombie: it has neither files nor memory.
#[test]
fn zombies_are_not_reported() {
    let Some((mut scanner, _alone)) = iterators(ScanOptions::default()) else { return };
    let mut idle = Command::new("true").spawn().unwrap();
    let pid = i64::from(idle.id());
    let state = |pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    while !state(pid).contains(") Z ") {
        std::thread::sleep(Duration::from_millis(1));
    }
    let reported = scan(&mut scanner);
    let by_proc = scan(&mut Scanner::new(&options(false)).unwrap());
    assert!(std::fs::exists(format!("/proc/{pid}")).unwrap());
    idle.wait().unwrap();
    let own = i64::from(std::process::id());
    for way in [&reported, &by_proc] {
        assert!(way.threads.contains_key(&own) && !way.threads.contains_key(&pid));
    }
}
