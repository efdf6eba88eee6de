//! The /proc scan against the data that this process has about itself and its children.

use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scap_sys::linux::{self, ScanOptions, Scanner};
use scap_sys::{FdDetail, FdInfo, FdType, Interface, L4Proto, MachineInfo, SystemSink, ThreadInfo, UserList};

#[derive(Default)]
struct Reported {
    machine: Option<MachineInfo>,
    interfaces: Option<Vec<Interface>>,
    users: Option<UserList>,
    threads: Vec<ThreadInfo>,
    fds: Vec<(i64, FdInfo)>,
    progress: Vec<String>,
}

impl SystemSink for Reported {
    fn machine(&mut self, machine: &MachineInfo) {
        self.machine = Some(machine.clone());
    }
    fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = Some(interfaces);
    }
    fn users(&mut self, users: UserList) {
        self.users = Some(users);
    }
    fn thread(&mut self, thread: ThreadInfo) {
        self.threads.push(thread);
    }
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        assert!(self.threads.iter().any(|t| t.tid == pid) || self.threads.is_empty(), "an fd before its thread");
        self.fds.push((pid, fd));
    }
    fn progress(&mut self, message: &str) {
        self.progress.push(message.into());
    }
}

impl Reported {
    fn thread_of(&self, tid: i64) -> &ThreadInfo {
        let mut of_tid = self.threads.iter().filter(|t| t.tid == tid);
        let found = of_tid.next().unwrap_or_else(|| panic!("thread {tid} was not reported"));
        assert!(of_tid.next().is_none(), "thread {tid} was reported twice");
        found
    }

    fn fd_of(&self, fd: &impl AsRawFd) -> &FdInfo {
        let fd = i64::from(fd.as_raw_fd());
        &self
            .fds
            .iter()
            .find(|(p, i)| *p == pid() && i.fd == fd)
            .unwrap_or_else(|| panic!("fd {fd} was not reported"))
            .1
    }
}

fn pid() -> i64 {
    i64::from(std::process::id())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// An idle process, killed on drop.
struct Sleeper(Child);

impl Sleeper {
    fn new(command: &mut Command) -> Sleeper {
        command.stdin(Stdio::null());
        // A child that another test is just making can still have the copied executable open for writing.
        let child = loop {
            match command.spawn() {
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(1))
                }
                started => break Sleeper(started.unwrap()),
            }
        };
        // Until exec is done, /proc reports the name of this test.
        let comm = format!("/proc/{}/comm", child.0.id());
        while std::fs::read(&comm).unwrap() != b"sleep\n" {
            std::thread::sleep(Duration::from_millis(1));
        }
        child
    }

    fn pid(&self) -> i64 {
        i64::from(self.0.id())
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn scan(options: &ScanOptions) -> Reported {
    let mut reported = Reported::default();
    linux::scan(options, &mut reported).unwrap();
    reported
}

#[test]
fn a_child_with_known_arguments() {
    let dir = std::env::temp_dir().canonicalize().unwrap();
    let started = now();
    let child = Sleeper::new(
        Command::new("sleep").args(["100", "200.5"]).env_clear().env("A", "b c").env("EMPTY", "").current_dir(&dir),
    );
    let reported = scan(&ScanOptions::default());
    let t = reported.thread_of(child.pid());
    assert_eq!((t.pid, t.ptid, t.vtid, t.vpid), (child.pid(), pid(), child.pid(), child.pid()));
    assert_eq!((&t.comm[..], &t.exe[..], &t.args[..]), (&b"sleep"[..], &b"sleep"[..], &b"100\x00200.5\0"[..]));
    assert_eq!(t.env, b"A=b c\0EMPTY=\0");
    assert_eq!(t.cwd, dir.as_os_str().as_encoded_bytes());
    assert_eq!(t.root, b"/");
    let exe = std::fs::canonicalize(String::from_utf8(t.exepath.clone()).unwrap()).unwrap();
    let meta = std::fs::metadata(&exe).unwrap();
    assert!(exe.ends_with("sleep") || exe.ends_with("busybox") || exe.ends_with("coreutils"), "{exe:?}");
    assert_eq!(t.exe_ino, meta.ino());
    assert_eq!(t.exe_ino_mtime, meta.mtime() as u64 * 1_000_000_000 + meta.mtime_nsec() as u64);
    assert_eq!(t.exe_ino_ctime, meta.ctime() as u64 * 1_000_000_000 + meta.ctime_nsec() as u64);
    assert!(t.clone_ts.abs_diff(started) < 1_000_000_000, "{} {started}", t.clone_ts);
    assert_eq!(t.exe_ino_ctime_duration_clone_ts, t.clone_ts - t.exe_ino_ctime);
    // SAFETY: these functions take no pointers.
    let (uid, gid, pgid, sid) = unsafe { (libc::geteuid(), libc::getegid(), libc::getpgrp(), libc::getsid(0)) };
    assert_eq!((t.uid, t.gid), (uid, gid));
    assert_eq!((t.pgid, t.vpgid, t.sid), (i64::from(pgid), i64::from(pgid), i64::from(sid)));
    assert_eq!(t.flags, 0);
    assert!(t.vmsize_kb > 0 && t.vmrss_kb > 0 && t.pfminor > 0);
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a local variable of the type that getrlimit(2) writes.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) }, 0);
    assert_eq!(t.fdlimit as u64, limit.rlim_cur);
    let caps = |key: &str| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        u64::from_str_radix(status.lines().find_map(|l| l.strip_prefix(key)).unwrap().trim(), 16).unwrap()
    };
    assert_eq!(
        (t.cap_permitted, t.cap_effective, t.cap_inheritable),
        (caps("CapPrm:"), caps("CapEff:"), caps("CapInh:"))
    );
    assert!(t.cgroups.is_empty() || t.cgroups.ends_with(b"\0") && t.cgroups.contains(&b'='));
    assert!(t.pidns_init_start_ts == 0 || t.pidns_init_start_ts <= t.clone_ts);
}

#[test]
fn every_part_is_reported() {
    let reported = scan(&ScanOptions::default());
    assert!(reported.machine.is_some() && reported.interfaces.is_some() && reported.users.is_some());
    assert!(reported.threads.iter().all(|t| t.tid > 0 && t.pid > 0));
    let reported = scan(&ScanOptions { without_users: true, ..ScanOptions::default() });
    assert!(reported.users.is_none());
}

#[test]
fn long_arguments_are_cut_at_the_limit_and_end_with_a_nul() {
    let long = "9".repeat(linux::MAX_ARGS);
    // sleep(1) would reject a number of this length; `read` in a shell just waits.
    let child = Sleeper(Command::new("sh").args(["-c", "read x", &long]).stdin(Stdio::piped()).spawn().unwrap());
    let mut reported = Reported::default();
    while reported.threads.iter().all(|t| t.exe != b"sh") {
        linux::thread(child.pid(), false, &ScanOptions::default(), &mut reported).unwrap();
    }
    let t = reported.threads.last().unwrap();
    assert_eq!(t.exe.len() + 1 + t.args.len(), linux::MAX_ARGS);
    assert!(t.args.starts_with(b"-c\0read x\x009999") && t.args.ends_with(b"9\0"));
}

#[test]
fn threads_of_this_process() {
    let (tid_tx, tid_rx) = std::sync::mpsc::channel();
    let (done_tx, done_rx) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::Builder::new().name("a (thread) b".into()).spawn(move || {
        // SAFETY: gettid(2) takes no arguments.
        tid_tx.send(i64::from(unsafe { libc::gettid() })).unwrap();
        let _ = done_rx.recv();
    });
    let tid = tid_rx.recv().unwrap();
    let reported = scan(&ScanOptions::default());
    let mut single = Reported::default();
    linux::thread(tid, true, &ScanOptions::default(), &mut single).unwrap();
    let minimal = scan(&ScanOptions { minimal: true, ..ScanOptions::default() });
    let mut scanner = Scanner::new(&ScanOptions::default()).unwrap();
    assert_eq!(scanner.own_pid().unwrap(), pid());
    assert!(scanner.is_alive(pid(), tid, Some(b"a (thread) b")) && scanner.is_alive(pid(), tid, None));
    assert!(!scanner.is_alive(pid(), tid, Some(b"a (thread)")));
    assert!(scanner.thread_times().unwrap().iter().any(|t| t.tid == tid));
    drop(done_tx);
    thread.unwrap().join().unwrap();
    // After a join, the thread may still exist for a moment.
    let waited = std::time::Instant::now();
    while scanner.is_alive(pid(), tid, None) {
        assert!(waited.elapsed().as_secs() < 5);
    }
    assert!(!scanner.is_alive(pid(), tid, Some(b"a (thread) b")));

    let main = reported.thread_of(pid());
    let t = reported.thread_of(tid);
    assert_eq!((t.pid, &t.comm[..]), (pid(), &b"a (thread) b"[..]));
    assert_eq!(t.flags, 0x2001, "PPM_CL_CLONE_THREAD | PPM_CL_CLONE_FILES");
    assert_eq!((&t.exe, &t.args, &t.exepath), (&main.exe, &main.args, &main.exepath));
    assert!(t.clone_ts >= main.clone_ts);
    assert!(reported.fds.iter().all(|(p, _)| *p != tid), "the files are those of the main thread");

    assert_eq!(single.threads.len(), 1);
    assert!(single.fds.is_empty());
    let mut same = single.threads[0].clone();
    // These values change while the thread runs.
    (same.vmsize_kb, same.vmrss_kb, same.vmswap_kb) = (t.vmsize_kb, t.vmrss_kb, t.vmswap_kb);
    (same.pfmajor, same.pfminor) = (t.pfmajor, t.pfminor);
    assert!(same.clone_ts.abs_diff(t.clone_ts) < 100_000_000);
    same.clone_ts = t.clone_ts;
    same.exe_ino_ctime_duration_clone_ts = t.exe_ino_ctime_duration_clone_ts;
    same.pidns_init_start_ts = t.pidns_init_start_ts;
    same.exe_ino_ctime_duration_pidns_start = t.exe_ino_ctime_duration_pidns_start;
    assert_eq!(&same, t);

    assert!(minimal.threads.iter().any(|t| t.tid == pid()) && minimal.threads.iter().all(|t| t.tid == t.pid));
}

/// The fd that a system call returned, or a panic if it failed.
fn owned_fd(fd: libc::c_int) -> OwnedFd {
    assert!(fd >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: the call has just created the fd, and no other owner exists.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

#[test]
fn sockets_of_this_process() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let client_port = client.local_addr().unwrap().port();
    let (server, _) = listener.accept().unwrap();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let tcp6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok();
    let path = std::env::temp_dir().join(format!("scap scan {}", std::process::id()));
    let unix = UnixListener::bind(&path).unwrap();
    // SAFETY: socket(2) takes numbers only.
    let netlink = owned_fd(unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW, 0) });
    // Only a bound socket is in the kernel's table.
    // SAFETY: an all-zero `sockaddr_nl` with a family is valid; it outlives the call.
    unsafe {
        let mut address: libc::sockaddr_nl = std::mem::zeroed();
        address.nl_family = libc::AF_NETLINK as u16;
        let len = size_of_val(&address) as u32;
        assert_eq!(libc::bind(netlink.as_raw_fd(), (&raw const address).cast(), len), 0);
    }

    let mut reported = Reported::default();
    linux::thread(pid(), true, &ScanOptions::default(), &mut reported).unwrap();
    let mut without = Reported::default();
    linux::thread(pid(), false, &ScanOptions::default(), &mut without).unwrap();
    let minimal = scan(&ScanOptions { minimal: true, ..ScanOptions::default() });
    std::fs::remove_file(&path).unwrap();

    let (sip, dip) = (Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST);
    let proto = L4Proto::Tcp;
    let connected = |sport, dport| FdDetail::Ipv4 { sip, dip, sport, dport, proto };
    assert_eq!(
        (reported.fd_of(&client).ty, &reported.fd_of(&client).detail),
        (FdType::Ipv4Sock, &connected(client_port, port))
    );
    assert_eq!(reported.fd_of(&server).detail, connected(port, client_port));
    assert_eq!(reported.fd_of(&listener).detail, FdDetail::Ipv4Server { ip: sip, port, proto });
    let udp_port = udp.local_addr().unwrap().port();
    assert_eq!(reported.fd_of(&udp).detail, FdDetail::Ipv4Server { ip: sip, port: udp_port, proto: L4Proto::Udp });
    if let Some(tcp6) = tcp6 {
        let port = tcp6.local_addr().unwrap().port();
        assert_eq!(reported.fd_of(&tcp6).detail, FdDetail::Ipv6Server { ip: Ipv6Addr::LOCALHOST, port, proto });
    }
    let FdDetail::Unix { name, .. } = &reported.fd_of(&unix).detail else { panic!("{:?}", reported.fd_of(&unix)) };
    assert_eq!(name, path.as_os_str().as_encoded_bytes());
    assert_eq!(reported.fd_of(&netlink).ty, FdType::Netlink);
    let ino = std::fs::metadata(format!("/proc/self/fd/{}", client.as_raw_fd())).unwrap().ino();
    assert_eq!(reported.fd_of(&client).ino, ino);

    let is_socket = |d: &FdDetail| !matches!(d, FdDetail::Name(_) | FdDetail::File { .. });
    assert!(without.fds.iter().all(|(_, f)| !is_socket(&f.detail)));
    let ours: Vec<_> = minimal.fds.iter().filter(|(p, _)| *p == pid()).collect();
    assert!(ours.len() >= 6 && ours.iter().all(|(_, f)| is_socket(&f.detail) || f.ty == FdType::Netlink));
}

#[test]
fn files_of_this_process() {
    let path = std::env::temp_dir().join(format!("scap-scan-{}\u{e9}", std::process::id()));
    let file = std::fs::OpenOptions::new().create(true).read(true).append(true).open(&path).unwrap();
    let dir = File::open(std::env::temp_dir()).unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    // SAFETY: the arguments are numbers and strings that outlive the calls.
    let (memfd, eventfd, epoll, inotify, timer) = unsafe {
        (
            owned_fd(libc::memfd_create(c"scan me".as_ptr(), 0)),
            owned_fd(libc::eventfd(0, 0)),
            owned_fd(libc::epoll_create1(0)),
            owned_fd(libc::inotify_init1(0)),
            owned_fd(libc::timerfd_create(libc::CLOCK_MONOTONIC, 0)),
        )
    };
    // SAFETY: sigemptyset(3) initializes the signal set before signalfd(2) reads it.
    let signal = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        owned_fd(libc::signalfd(-1, &set, 0))
    };
    let mut reported = Reported::default();
    linux::thread(pid(), true, &ScanOptions::default(), &mut reported).unwrap();
    let mut one = Reported::default();
    Scanner::new(&ScanOptions::default()).unwrap().fd(pid(), i64::from(file.as_raw_fd()), &mut one).unwrap();
    std::fs::remove_file(&path).unwrap();
    drop(writer);
    reader.read_to_end(&mut Vec::new()).unwrap();

    let f = reported.fd_of(&file);
    let meta = file.metadata().unwrap();
    let FdDetail::File { open_flags, name, mount_id, dev } = &f.detail else { panic!("{f:?}") };
    assert_eq!((f.ty, f.ino, &name[..]), (FdType::FileV2, meta.ino(), path.as_os_str().as_encoded_bytes()));
    // PPM_O_RDWR | PPM_O_APPEND | PPM_O_CLOEXEC
    assert_eq!(*open_flags, 3 | 1 << 3 | 1 << 12);
    assert!(*mount_id > 0);
    assert!(*dev == meta.dev() as u32 || *dev != 0, "some file systems have devices of their own below");
    assert_eq!(one.fds, [(pid(), f.clone())]);

    let d = reported.fd_of(&dir);
    let name = std::env::temp_dir().canonicalize().unwrap();
    assert_eq!((d.ty, &d.detail), (FdType::Directory, &FdDetail::Name(name.as_os_str().as_encoded_bytes().into())));
    let p = reported.fd_of(&reader);
    assert_eq!((p.ty, &p.detail), (FdType::Fifo, &FdDetail::Name(format!("pipe:[{}]", p.ino).into_bytes())));
    let m = reported.fd_of(&memfd);
    assert_eq!((m.ty, &m.detail), (FdType::MemFd, &FdDetail::Name(b"/memfd:scan me (deleted)".to_vec())));
    assert_eq!(reported.fd_of(&eventfd).ty, FdType::Event);
    assert_eq!(reported.fd_of(&epoll).ty, FdType::EventPoll);
    assert_eq!(reported.fd_of(&inotify).ty, FdType::Inotify);
    assert_eq!(reported.fd_of(&timer).ty, FdType::TimerFd);
    assert_eq!(reported.fd_of(&signal).ty, FdType::SignalFd);
}

#[test]
fn the_number_of_fds_is_limited() {
    let reported = scan(&ScanOptions { fd_limit: 2, ..ScanOptions::default() });
    let ours = reported.fds.iter().filter(|(p, _)| *p == pid()).count();
    assert_eq!(ours, 2);
}

#[test]
fn a_long_scan_is_watched() {
    let options = ScanOptions { log_interval: Some(Duration::from_nanos(1)), ..ScanOptions::default() };
    let reported = scan(&options);
    assert!(reported.progress.len() >= 2);
    assert!(reported.progress.last().unwrap().starts_with("scap_proc_scan DONE: "), "{:?}", reported.progress.last());
    let options = ScanOptions { timeout: Some(Duration::from_nanos(1)), ..ScanOptions::default() };
    let reported = scan(&options);
    let processes = reported.threads.iter().filter(|t| t.tid == t.pid).count();
    assert_eq!(processes, 1, "the time was up after the first process");
    assert!(reported.progress[0].starts_with("scap_proc_scan TIMEOUT (0 ms): 1 proc in "), "{:?}", reported.progress);
}

#[test]
fn what_does_not_exist_is_an_error_that_names_it() {
    let ask =
        |tid| linux::thread(tid, false, &ScanOptions::default(), &mut Reported::default()).unwrap_err().to_string();
    assert_eq!(ask(0), "no thread has the id 0");
    assert_eq!(ask(-1), "no thread has the id -1");
    let message = ask(1 << 40);
    assert!(message.starts_with("/proc/1099511627776: "), "{message}");
    let mut scanner = Scanner::new(&ScanOptions::default()).unwrap();
    let message = scanner.fd(pid(), 1 << 30, &mut Reported::default()).unwrap_err().to_string();
    assert!(message.starts_with(&format!("/proc/{}/fd/1073741824: ", pid())), "{message}");
    assert!(scanner.fd(pid(), -1, &mut Reported::default()).is_err());
    let nowhere = ScanOptions { host_root: "/no/such/root".into(), ..ScanOptions::default() };
    let message = linux::scan(&nowhere, &mut Reported::default()).unwrap_err().to_string();
    assert!(message.starts_with("/no/such/root/proc: "), "{message}");
}

#[test]
fn an_executable_in_memory_is_reported_as_such() {
    use std::io::Write;
    use std::os::unix::process::CommandExt;
    // SAFETY: the name is a NUL-terminated literal.
    let memfd = owned_fd(unsafe { libc::memfd_create(c"sleep".as_ptr(), 0) });
    let sleep = ["/bin/sleep", "/usr/bin/sleep"].iter().find_map(|p| std::fs::read(p).ok());
    let Some(sleep) = sleep else { return };
    File::from(memfd.try_clone().unwrap()).write_all(&sleep).unwrap();
    let child =
        Sleeper(Command::new(format!("/proc/self/fd/{}", memfd.as_raw_fd())).arg0("sleep").arg("100").spawn().unwrap());
    let mut reported = Reported::default();
    while reported.threads.last().is_none_or(|t| t.exe != b"sleep") {
        linux::thread(child.pid(), false, &ScanOptions::default(), &mut reported).unwrap();
    }
    let t = reported.threads.last().unwrap();
    assert!(t.exe_from_memfd && t.exepath.starts_with(b"/memfd:sleep"), "{:?}", String::from_utf8_lossy(&t.exepath));
    assert!(t.exe_ino > 0);
}

/// Executables on an overlayfs in another mount namespace, as in a container.
#[test]
fn layers_of_an_overlayfs() {
    let dir = std::env::temp_dir().canonicalize().unwrap().join(format!("scap overlay {}", std::process::id()));
    for sub in ["lower", "upper", "work", "merged"] {
        std::fs::create_dir_all(dir.join(sub)).unwrap();
    }
    let sleep = ["/bin/sleep", "/usr/bin/sleep"].iter().find(|p| std::fs::exists(p).unwrap());
    let Some(sleep) = sleep else { return };
    std::fs::copy(sleep, dir.join("lower/below")).unwrap();
    std::fs::copy(sleep, dir.join("upper/above")).unwrap();
    let script = "cd \"$0\" && mount -t overlay -o lowerdir=lower,upperdir=\"$0/upper\",workdir=\"$0/work\" overlay merged \
                  && { merged/below 100 & merged/above 100 & echo $!; wait; }";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script]).arg(&dir).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut shell = Sleeper(command.spawn().unwrap());
    let mut pid = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(shell.0.stdout.take().unwrap()), &mut pid).unwrap();
    if pid.is_empty() {
        let mut why = String::new();
        shell.0.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        return eprintln!("SKIPPED: mounting an overlayfs: {why}");
    }
    let mut found = Vec::new();
    while found.len() < 2 {
        let reported = scan(&ScanOptions::default());
        let in_overlay = |t: &&ThreadInfo| t.exepath.starts_with(dir.join("merged").as_os_str().as_encoded_bytes());
        found = reported.threads.iter().filter(in_overlay).cloned().collect();
    }
    for t in &found {
        // SAFETY: kill(2) takes numbers only; the processes are children of this test.
        unsafe { libc::kill(t.pid as libc::pid_t, libc::SIGKILL) };
    }
    drop(shell);
    std::fs::remove_dir_all(&dir).unwrap();
    for t in found {
        let above = t.exepath.ends_with(b"above");
        let what = String::from_utf8_lossy(&t.exepath);
        assert_eq!((t.exe_upper_layer, t.exe_lower_layer), (above, !above), "{what}");
    }
}

/// A pid namespace whose processes see the /proc of another one, whose pid 1 started at another time.
#[test]
fn the_start_of_a_pid_namespace_without_a_proc_of_its_own() {
    // The shell is pid 1 of the new namespace; the test looks at its child.
    let script = "sleep 100 & exec sleep 101";
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--kill-child", "sh", "-c", script]).stdin(Stdio::null());
    let mut unshare = Sleeper(command.stderr(Stdio::piped()).spawn().unwrap());
    let inner = |reported: &Reported| -> Vec<ThreadInfo> {
        let own = reported.threads.iter().filter(|t| t.comm == b"sleep" && t.vpid < 3 && t.pid != t.vpid);
        own.filter(|t| {
            t.ptid == unshare.pid() || reported.threads.iter().any(|p| p.pid == t.ptid && p.ptid == unshare.pid())
        })
        .cloned()
        .collect()
    };
    let mut found = Vec::new();
    for _ in 0..100 {
        found = inner(&scan(&ScanOptions::default()));
        if found.len() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if found.len() != 2 {
        let _ = unshare.0.kill();
        let mut why = String::new();
        unshare.0.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        assert!(!why.is_empty(), "{found:?}");
        return eprintln!("SKIPPED: making a pid namespace: {why}");
    }
    let init = found.iter().find(|t| t.vpid == 1).unwrap();
    let other = found.iter().find(|t| t.vpid == 2).unwrap();
    assert_eq!((init.pidns_init_start_ts, other.pidns_init_start_ts), (init.clone_ts, init.clone_ts));
    let mut reported = Reported::default();
    linux::thread(other.tid, false, &ScanOptions::default(), &mut reported).unwrap();
    assert_eq!(reported.threads[0].pidns_init_start_ts, 0, "process 1 of the host's /proc is none of the namespace");
}

/// If this user may not read the executable of a process, the scan reports the process with the data that is public.
#[test]
fn a_process_without_a_readable_executable() {
    let child = Sleeper::new(Command::new("sleep").args(["100"]));
    let other = child.pid();
    let child_scan = std::thread::spawn(move || {
        const NOBODY: libc::uid_t = 65534;
        // SAFETY: the call takes numbers. As a system call of its own it changes this thread alone, which ends soon.
        if unsafe { libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) } != 0 {
            return None;
        }
        let readable = std::fs::read_link(format!("/proc/{other}/exe")).is_ok();
        (!readable).then(|| scan(&ScanOptions::default()))
    });
    let Some(reported) = child_scan.join().unwrap() else {
        return eprintln!("SKIPPED: this user cannot become another one, or sees all processes as that one");
    };
    let t = reported.thread_of(other);
    assert_eq!((&t.comm[..], &t.exe[..], &t.args[..]), (&b"sleep"[..], &b"sleep"[..], &b"100\0"[..]));
    assert_eq!((t.ptid, t.pid, t.exe_ino, t.exe_writable), (pid(), other, 0, false));
    assert!(t.exepath.is_empty() && t.env.is_empty() && t.vmsize_kb > 0);
    assert!(!reported.fds.iter().any(|(p, _)| *p == other));
}

/// A deleted executable of a process has an inode.
#[test]
fn a_deleted_executable() {
    let Some(sleep) = ["/bin/sleep", "/usr/bin/sleep"].iter().find(|p| std::fs::exists(p).unwrap()) else { return };
    let dir = std::env::temp_dir().join(format!("scap deleted {}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let copy = dir.join("sleep");
    std::fs::copy(sleep, &copy).unwrap();
    let ino = std::fs::metadata(&copy).unwrap().ino();
    let child = Sleeper::new(Command::new(&copy).arg("100"));
    std::fs::remove_dir_all(&dir).unwrap();
    let reported = scan(&ScanOptions::default());
    let t = reported.thread_of(child.pid());
    assert_eq!(t.exe_ino, ino);
    assert!(t.exe_ino_ctime > 0 && t.exe_ino_mtime > 0);
}
