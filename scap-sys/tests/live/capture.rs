//! Captured events and their contents.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::common::{Kept, Live, allowed_cpus, codes, drain, on_kmod, open, read_until, run_on, skipped, unused_path};
use driver::EventType;
use scap_sys::engine::Setting;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::linux::{self, ScanOptions};
use scap_sys::{SystemSink, ThreadInfo};

fn tid() -> i64 {
    // SAFETY: gettid(2) takes no arguments.
    i64::from(unsafe { libc::gettid() })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

fn capture(names: &[&str]) -> Option<Live> {
    open(&BpfOptions { buffer_bytes: 1 << 20, interesting: Some(codes(names)), ..BpfOptions::default() })
}

/// Whether it is an exit event with a parameter that contains `text`.
fn mentions(e: &Kept, text: &[u8]) -> bool {
    e.ty.0 % 2 == 1 && e.params.iter().any(|p| p.windows(text.len()).any(|w| w == text))
}

#[test]
fn opening_a_file() {
    let Some(mut engine) = capture(&["open", "openat"]) else { return };
    let path = unused_path("openat");
    engine.start().unwrap();
    let before = now();
    let file = File::create(&path).unwrap();
    let after = now();
    let path_bytes = path.as_os_str().as_bytes().to_vec();
    let ours = |e: &Kept| e.tid == tid() && mentions(e, &path_bytes);
    let events = read_until(&mut engine, |all| all.iter().any(ours));
    engine.stop().unwrap();
    std::fs::remove_file(&path).unwrap();

    let e = events.iter().find(|e| ours(e)).expect("the event of openat");
    assert_eq!(e.ty, EventType::SYSCALL_OPENAT_2_X);
    assert_eq!(e.number("fd"), i64::from(file.as_raw_fd()));
    assert_eq!(e.param("name"), [&path_bytes[..], b"\0"].concat());
    assert!((before - 5_000_000..=after + 5_000_000).contains(&e.ts), "{before} {} {after}", e.ts);
    let stats = engine.stats().unwrap();
    assert!(stats.n_evts >= events.len() as u64);
    assert_eq!((stats.n_drops, stats.n_drops_bug), (0, 0));
}

#[test]
fn nothing_comes_before_start_and_after_stop() {
    let Some(mut engine) = capture(&["openat"]) else { return };
    let touch = || drop(File::open("/dev/null").unwrap());
    let ours = |all: &[Kept]| all.iter().filter(|e| e.tid == tid() && mentions(e, b"/dev/null\0")).count();
    touch();
    assert_eq!(ours(&drain(&mut engine)), 0);
    engine.start().unwrap();
    touch();
    assert_eq!(ours(&read_until(&mut engine, |all| ours(all) > 0)), 1);
    engine.stop().unwrap();
    touch();
    assert_eq!(ours(&drain(&mut engine)), 0);
    engine.start().unwrap();
    touch();
    assert_eq!(ours(&read_until(&mut engine, |all| ours(all) > 0)), 1);
}

#[test]
fn system_calls_are_selected_while_it_captures() {
    let Some(mut engine) = capture(&["close"]) else { return };
    let openat = codes(&["openat"])[0];
    let touch = || drop(File::open("/dev/null").unwrap());
    let opened = |e: &&Kept| e.tid == tid() && mentions(e, b"/dev/null\0");
    let closed = |e: &&Kept| e.tid == tid() && e.ty == EventType::SYSCALL_CLOSE_X;
    engine.start().unwrap();
    touch();
    let all = read_until(&mut engine, |all| all.iter().any(|e| closed(&e)));
    assert_eq!(all.iter().filter(opened).count(), 0);
    engine.set_interesting(openat, true).unwrap();
    touch();
    let all = read_until(&mut engine, |all| all.iter().filter(|e| closed(e)).count() > 0);
    assert_eq!(all.iter().filter(opened).count(), 1);
    engine.set_interesting(openat, false).unwrap();
    touch();
    let all = read_until(&mut engine, |all| all.iter().filter(|e| closed(e)).count() > 0);
    assert_eq!(all.iter().filter(opened).count(), 0);
    assert!(engine.set_interesting(driver::Sc(u16::MAX), true).is_err());
}

#[test]
fn data_is_cut_at_the_snaplen() {
    let Some(mut engine) = capture(&["write"]) else { return };
    engine.set(Setting::Snaplen(100)).unwrap();
    assert!(engine.set(Setting::Snaplen(1 << 20)).is_err());
    engine.start().unwrap();
    let data: Vec<u8> = (0..400u32).map(|i| (i * 7) as u8).collect();
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&data).unwrap();
    let ours = |e: &&Kept| e.tid == tid() && e.ty == EventType::SYSCALL_WRITE_X && e.number("res") == 400;
    let all = read_until(&mut engine, |all| all.iter().any(|e| ours(&e)));
    let e = all.iter().find(ours).expect("the event of write");
    assert_eq!(e.param("data"), &data[..100]);
    assert_eq!(e.number("fd"), i64::from(writer.as_raw_fd()));
    reader.read_exact(&mut [0; 400]).unwrap();
}

#[test]
fn calls_that_fail_can_be_left_out() {
    let Some(mut engine) = capture(&["openat", "close"]) else { return };
    engine.set(Setting::DropFailed(true)).unwrap();
    engine.start().unwrap();
    assert!(File::open("/no/such/file/as/this").is_err());
    drop(File::open("/dev/null").unwrap());
    let closed = |e: &Kept| e.tid == tid() && e.ty == EventType::SYSCALL_CLOSE_X;
    let all = read_until(&mut engine, |all| all.iter().any(closed));
    assert!(all.iter().any(|e| mentions(e, b"/dev/null\0")));
    assert!(!all.iter().any(|e| mentions(e, b"/no/such/file/as/this\0")));
}

/// Threads on all CPUs make numbered events: none is lost, and all come in the order of time.
#[test]
fn events_of_all_cpus_come_in_the_order_of_time() {
    const EACH: usize = 5000;
    let options = BpfOptions { interesting: Some(codes(&["openat"])), ..BpfOptions::default() };
    let Some(mut engine) = open(&options) else { return };
    engine.start().unwrap();
    let cpus = allowed_cpus();
    let threads: Vec<_> = (0..4)
        .map(|n| {
            let cpu = cpus[n % cpus.len()];
            std::thread::spawn(move || {
                run_on(cpu);
                for i in 0..EACH {
                    let _ = File::open(format!("/no/such/thread-{n}/{i:05}"));
                }
                tid()
            })
        })
        .collect();
    let is_ours = |e: &Kept| mentions(e, b"/no/such/thread-");
    let (mut seen, mut looked_at) = (0, 0);
    let all = read_until(&mut engine, |all| {
        seen += all[looked_at..].iter().filter(|e| is_ours(e)).count();
        looked_at = all.len();
        seen >= 4 * EACH
    });
    let tids: Vec<i64> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let stats = engine.stats().unwrap();
    assert_eq!((stats.n_drops_buffer, stats.n_drops), (0, stats.n_preemptions));
    if stats.n_preemptions > 0 {
        // The missed calls are counted, so the test cannot expect them.
        return eprintln!("{} calls were missed while the probe was preempted", stats.n_preemptions);
    }
    for (n, tid) in tids.iter().enumerate() {
        let names: Vec<_> = all.iter().filter(|e| e.tid == *tid && is_ours(e)).map(|e| e.param("name")).collect();
        let expected: Vec<_> = (0..EACH).map(|i| format!("/no/such/thread-{n}/{i:05}\0")).collect();
        let missing = expected.iter().filter(|s| !names.contains(&s.as_bytes())).collect::<Vec<_>>();
        assert!(
            names == expected.iter().map(|s| s.as_bytes()).collect::<Vec<_>>(),
            "thread {n}: {} events, {} missing, the first {:?}",
            names.len(),
            missing.len(),
            missing.first()
        );
    }
    assert!(all.is_sorted_by_key(|e| e.ts));
    let seen: BTreeSet<usize> = all.iter().filter(|e| is_ours(e)).map(|e| e.cpu.into()).collect();
    assert_eq!(seen, cpus.iter().copied().take(4).collect());
}

#[test]
fn one_ring_for_all_cpus() {
    let options = BpfOptions {
        buffer_bytes: 256 << 10,
        cpus_per_buffer: 0,
        interesting: Some(codes(&["openat"])),
        ..BpfOptions::default()
    };
    let Some(mut engine) = open(&options) else { return };
    assert_eq!(engine.as_bpf().map(|bpf| bpf.rings()), Some(1));
    engine.start().unwrap();
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(|| File::open("/no/such/one-ring").is_err())).collect();
    assert!(threads.into_iter().all(|t| t.join().unwrap()));
    let ours = |all: &[Kept]| all.iter().filter(|e| mentions(e, b"/no/such/one-ring\0")).count();
    assert_eq!(ours(&read_until(&mut engine, |all| ours(all) == 3)), 3);
}

#[test]
fn a_full_ring_counts_what_it_drops() {
    let page = rustix::param::page_size();
    let options = BpfOptions { buffer_bytes: page, interesting: Some(codes(&["openat"])), ..BpfOptions::default() };
    let Some(mut engine) = open(&options) else { return };
    engine.start().unwrap();
    for _ in 0..page {
        drop(File::open("/no/such/file/for/a/full/ring"));
    }
    engine.stop().unwrap();
    let read = drain(&mut engine).len() as u64;
    let stats = engine.stats().unwrap();
    assert!(stats.n_drops_buffer > 0 && stats.n_drops_buffer + stats.n_preemptions == stats.n_drops);
    assert!(stats.n_drops_buffer_open_exit >= page as u64 / 2);
    assert_eq!(stats.n_evts, read + stats.n_drops_buffer);
}

#[test]
fn a_connection() {
    let Some(mut engine) = capture(&["connect"]) else { return };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    engine.start().unwrap();
    let client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let ours = |e: &&Kept| e.tid == tid() && e.ty == EventType::SOCKET_CONNECT_X;
    let all = read_until(&mut engine, |all| all.iter().any(|e| ours(&e)));
    let e = all.iter().find(ours).expect("the event of connect");
    assert_eq!((e.number("res"), e.number("fd")), (0, i64::from(client.as_raw_fd())));
    // PPM_AF_INET, then source and destination: addresses in network byte order, ports in the machine's.
    let from = client.local_addr().unwrap().port().to_ne_bytes();
    let tuple = [&[2][..], &[127, 0, 0, 1], &from, &[127, 0, 0, 1], &port.to_ne_bytes()].concat();
    assert_eq!(e.param("tuple"), tuple);
    assert_eq!(e.param("addr"), [&[2][..], &[127, 0, 0, 1], &port.to_ne_bytes()].concat());
}

/// The life of a child; its execve event must agree with /proc.
#[test]
fn a_child_process() {
    let names = ["clone", "clone3", "fork", "vfork", "execve", "sched_process_exit"];
    let Some(mut engine) = capture(&names) else { return };
    engine.start().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "read x; exit 7", "a b"]).env_clear().env("PATH", "/bin:/usr/bin").env("SCAP_LIVE", "1");
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let pid = i64::from(child.id());
    let of_child = |all: &[Kept], ty| all.iter().filter(|e| e.tid == pid && e.ty == ty).count() > 0;
    let starts = [
        EventType::SYSCALL_CLONE_20_X,
        EventType::SYSCALL_CLONE3_X,
        EventType::SYSCALL_FORK_20_X,
        EventType::SYSCALL_VFORK_20_X,
    ];
    let birth = |e: &&Kept| starts.contains(&e.ty) && e.tid == tid() && e.number("res") == pid;
    // The parent's event may come after the child's.
    let all =
        read_until(&mut engine, |all| of_child(all, EventType::SYSCALL_EXECVE_19_X) && all.iter().any(|e| birth(&e)));
    let mut reported = OneThread::default();
    linux::thread(pid, false, &ScanOptions::default(), &mut reported).unwrap();
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(7));
    let end = read_until(&mut engine, |all| of_child(all, EventType::PROCEXIT_1_E));
    assert_eq!(engine.stats().unwrap().n_drops, 0);

    let parent = all.iter().find(birth);
    assert!(parent.is_some(), "the parent's side of the child's birth");

    let e = all.iter().find(|e| e.tid == pid && e.ty == EventType::SYSCALL_EXECVE_19_X).expect("the event of execve");
    let t = reported.0.expect("the child in /proc");
    let text = |name: &str| e.param(name).strip_suffix(b"\0").unwrap().to_vec();
    assert_eq!(e.param("args"), b"-c\0read x; exit 7\0a b\0");
    assert!(e.param("env").windows(12).any(|w| w == b"SCAP_LIVE=1\0"));
    assert_eq!((text("exe"), e.param("args").to_vec(), e.param("env").to_vec()), (t.exe, t.args, t.env));
    assert_eq!((text("comm"), text("trusted_exepath")), (t.comm, t.exepath));
    assert_eq!((e.number("res"), e.number("tid"), e.number("pid")), (0, t.tid, t.pid));
    // `ptid` is the parent thread in the event, the parent process in /proc.
    assert_eq!((e.number("ptid"), t.ptid), (tid(), i64::from(std::process::id())));
    assert_eq!((e.number("vpgid"), e.number("fdlimit")), (t.vpgid, t.fdlimit));
    assert_eq!((e.number("uid") as u32, e.number("loginuid") as u32), (t.uid, t.loginuid));
    assert_eq!(e.number("tty") as u32, t.tty);
    let caps = [e.number("cap_permitted"), e.number("cap_effective"), e.number("cap_inheritable")];
    assert_eq!(caps.map(|c| c as u64), [t.cap_permitted, t.cap_effective, t.cap_inheritable]);
    let file = [e.number("exe_ino"), e.number("exe_ino_ctime"), e.number("exe_ino_mtime")];
    assert_eq!(file.map(|n| n as u64), [t.exe_ino, t.exe_ino_ctime, t.exe_ino_mtime]);
    // The event has fewer controllers, and uses the kernel's own names for some.
    let scanned: BTreeSet<&[u8]> = t.cgroups.split(|&b| b == 0).collect();
    let by_name = |c: &[u8]| c.splitn(2, |&b| b == b'=').next().map(<[u8]>::to_vec);
    for cgroup in e.param("cgroups").split(|&b| b == 0).filter(|c| !c.is_empty()) {
        let known = scanned.iter().any(|s| by_name(s) == by_name(cgroup));
        assert!(!known || scanned.contains(cgroup), "{}", String::from_utf8_lossy(cgroup));
    }
    // PPM_EXE_WRITABLE
    assert_eq!(e.number("flags") & 1 != 0, t.exe_writable);
    assert!(e.ts.abs_diff(t.clone_ts) < 1_000_000_000, "{} {}", e.ts, t.clone_ts);

    let e = end.iter().find(|e| e.tid == pid && e.ty == EventType::PROCEXIT_1_E).expect("the event of its end");
    assert_eq!((e.number("status"), e.number("ret"), e.number("sig")), (7 << 8, 7, 0));
}

#[derive(Default)]
struct OneThread(Option<ThreadInfo>);

impl SystemSink for OneThread {
    fn thread(&mut self, thread: ThreadInfo) {
        self.0 = Some(thread);
    }
}

/// Raising RLIMIT_MEMLOCK needs CAP_SYS_RESOURCE, which containers lack.
#[test]
fn the_limit_of_locked_memory_stays() {
    let limit = || {
        std::fs::read_to_string("/proc/self/limits")
            .unwrap()
            .lines()
            .find(|l| l.starts_with("Max locked memory"))
            .unwrap()
            .to_string()
    };
    let before = limit();
    let Some(_engine) = capture(&["openat"]) else { return };
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(['.', '-']).map(|n| n.parse().unwrap_or(0));
    if (numbers.next(), numbers.next()) >= (Some(5), Some(11)) {
        assert_eq!(limit(), before);
    }
}

#[test]
fn options_that_make_no_sense() {
    if on_kmod() {
        return skipped("the options are those of the BPF engine");
    }
    let wrong = |options: BpfOptions| BpfEngine::open(&options).err().expect("it was taken").to_string();
    let message = wrong(BpfOptions { buffer_bytes: 5000, ..BpfOptions::default() });
    assert!(message.starts_with("a buffer of 5000 bytes: "), "{message}");
    if open(&BpfOptions::default()).is_some() {
        let message = wrong(BpfOptions { cpus_per_buffer: 60000, ..BpfOptions::default() });
        assert!(message.starts_with("a ring buffer for every 60000 CPUs: "), "{message}");
    }
}
