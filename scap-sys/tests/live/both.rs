//! The probe and the module capture one scripted workload at the same time: their events are equal.

use std::collections::BTreeMap;

use crate::common::{Kept, Live, keep, on_kmod, skipped};
use driver::{EventType, SCS};
use scap_sys::engine::Status;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::kmod::{KmodEngine, KmodOptions};
use scap_sys::linux::Names;

/// Calls whose arguments here could end or change more than the child that makes them, or whose effect the other driver would miss.
const LEFT_OUT: &[&str] = &[
    "acct",
    "adjtimex",
    "clock_adjtime",
    "clock_settime",
    "clone",
    "clone3",
    "delete_module",
    "finit_module",
    "fork",
    "init_module",
    "kexec_file_load",
    "kexec_load",
    "kill",
    "mount",
    "move_mount",
    "pidfd_getfd",
    "pidfd_send_signal",
    "pivot_root",
    "process_vm_writev",
    "reboot",
    "rt_sigqueueinfo",
    "rt_sigreturn",
    "rt_tgsigqueueinfo",
    "setdomainname",
    "sethostname",
    "settimeofday",
    "swapoff",
    "swapon",
    "sync",
    "syslog",
    "tgkill",
    "tkill",
    "umount2",
    "vfork",
    "vhangup",
];

/// Whether the drivers report the path of a program in different ways on purpose: one that memfd_create(2) made is `memfd:NAME` from the probe, which
/// walks over the directories, and `/memfd:NAME (deleted)` from the module, which has d_path.
fn is_memfd(probe: &[u8], module: &[u8]) -> bool {
    let name = probe.strip_suffix(b"\0").filter(|name| name.starts_with(b"memfd:"));
    name.is_some_and(|name| module == [b"/", name, b" (deleted)\0"].concat())
}

/// How many calls of each system call a child makes.
const ROUNDS: usize = 12;

/// What the calls get as arguments: memory with contents that calls understand, fds, flags, and numbers that make no sense.
struct Memory(Box<[u64; 1024]>);

impl Memory {
    fn new() -> Memory {
        let mut memory = Memory(Box::new([0; 1024]));
        let at = memory.0.as_ptr() as u64;
        // A path, an Internet address, vectors, a header of a message.
        for (i, word) in [(0, *b"/tmp/sca"), (1, *b"p-both\0\0"), (2, [2, 0, 0, 9, 127, 0, 0, 1])] {
            memory.0[i] = u64::from_ne_bytes(word);
        }
        memory.0[4..8].copy_from_slice(&[at, 16, at + 256, 700]);
        memory.0[8..15].copy_from_slice(&[at + 16, 16, at + 32, 2, 0, 0, 0]);
        for (i, word) in memory.0[32..].iter_mut().enumerate() {
            *word = i as u64 % 7;
        }
        memory
    }

    /// The arguments of call `n`.
    fn arguments(&self, state: &mut u64) -> [u64; 6] {
        let at = self.0.as_ptr() as u64;
        let values = [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            16,
            64,
            4095,
            at,
            at + 16,
            at + 32,
            at + 64,
            at + 256,
            at + 2048,
            at + 8000,
            10,
            11,
            12,
            13,
            14,
            15,
            u64::MAX,
            -100i64 as u64,
            1 << 31,
            0o2102,
            0o644,
            0xffff_8000_0000_0000,
            0x1234_5678_9abc_def0,
            0x7fff_ffff,
        ];
        std::array::from_fn(|_| {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            values[(*state % values.len() as u64) as usize]
        })
    }
}

extern "C" fn wake(_: libc::c_int) {}

/// What a child does; it must not allocate.
type Body<'a> = &'a dyn Fn();

/// Runs `body` in a child with fds 10 to 15 for the calls and a timer that wakes calls that wait. Returns its pid once it has ended.
fn in_child(body: Body<'_>) -> i64 {
    // SAFETY: the child makes system calls on memory of its own, whatever they do to it, and ends without returning.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        // SAFETY: as above; the structures outlive the calls.
        unsafe {
            libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0);
            for fd in 0..3 {
                libc::close(fd);
                libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
            }
            let mut pair = [0; 2];
            libc::dup2(libc::open(c"/tmp/scap-both".as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600), 10);
            libc::dup2(libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0), 11);
            libc::socketpair(libc::AF_UNIX, libc::SOCK_DGRAM, 0, pair.as_mut_ptr());
            libc::dup2(pair[0], 12);
            libc::dup2(pair[1], 13);
            libc::pipe(pair.as_mut_ptr());
            libc::dup2(pair[1], 14);
            libc::dup2(libc::epoll_create1(0), 15);
            libc::syscall(libc::SYS_close_range, 3, 9, 0);
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = wake as *const () as usize;
            libc::sigaction(libc::SIGALRM, &action, std::ptr::null_mut());
            let interval = libc::timeval { tv_sec: 0, tv_usec: 50_000 };
            libc::setitimer(
                libc::ITIMER_REAL,
                &libc::itimerval { it_interval: interval, it_value: interval },
                std::ptr::null_mut(),
            );
            body();
            libc::_exit(0);
        }
    }
    // It may be stopped, or wait with the signal blocked.
    for n in 0.. {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        if unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } == pid && !libc::WIFSTOPPED(status) {
            break;
        }
        if n > 2000 || libc::WIFSTOPPED(status) && status != 0 {
            // SAFETY: the child is not reaped, so the pid is its.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    pid.into()
}

/// Reads the events of a process, up to its last, which it has made already.
fn read(engine: &mut Live, pid: i64, into: &mut BTreeMap<i64, Vec<Kept>>) {
    let start = std::time::Instant::now();
    let mut ended = false;
    while !ended && start.elapsed().as_secs() < 20 {
        if engine.next().unwrap() == Status::Event {
            let e = keep(engine);
            ended = e.tid == pid && e.ty == EventType::PROCEXIT_1_E;
            into.entry(e.tid).or_default().push(e);
        }
    }
    if !ended {
        let mut kinds = BTreeMap::<_, u32>::new();
        for e in into.values().flatten() {
            *kinds.entry((e.tid, name(e))).or_default() += 1;
        }
        let mut most: Vec<_> = kinds.into_iter().collect();
        most.sort_unstable_by_key(|(_, n)| std::cmp::Reverse(*n));
        most.truncate(8);
        panic!("{}: no end of the process {pid}; most events are {most:?}; {:?}", engine.name(), engine.stats());
    }
}

#[test]
fn probe_and_module_make_the_same_events() {
    if !on_kmod() {
        return skipped("needs the kernel module");
    }
    // Where the C library reads the clock by a system call, as on emulated machines, the engines' reading of events would make events without end.
    let endless = ["sched_switch", "page_fault_user", "page_fault_kernel", "clock_gettime"];
    let interesting = Some(
        SCS.iter().filter(|sc| sc.name.is_some_and(|n| !endless.contains(&n))).map(|sc| sc.sc).collect::<Vec<_>>(),
    );
    let probe = match BpfEngine::open(&BpfOptions { interesting: interesting.clone(), ..BpfOptions::default() }) {
        Ok(probe) => probe,
        Err(e) => return skipped(&e.to_string()),
    };
    let module = KmodEngine::open(&KmodOptions { interesting, ..KmodOptions::default() }, &Names::default()).unwrap();
    let mut engines: [Live; 2] = [Box::new(probe), Box::new(module)];
    for engine in &mut engines {
        engine.start().unwrap();
    }
    let memory = Memory::new();
    let mut events = [BTreeMap::new(), BTreeMap::new()];
    let mut pids = Vec::new();
    let mut run = |body: Body<'_>| {
        let pid = in_child(body);
        for (engine, into) in engines.iter_mut().zip(&mut events) {
            read(engine, pid, into);
        }
        pids.push(pid);
    };

    for sc in SCS.iter().filter(|sc| sc.name.is_some_and(|name| !LEFT_OUT.contains(&name))) {
        let Some(number) = sc.sc.native() else { continue };
        run(&|| {
            let mut state = 88_172_645_463_325_252 ^ number as u64;
            for _ in 0..ROUNDS {
                let a = memory.arguments(&mut state);
                // SAFETY: whatever it does to the child's memory, the parent has its own.
                unsafe { libc::syscall(number.into(), a[0], a[1], a[2], a[3], a[4], a[5]) };
            }
        });
    }
    // Programs, threads, signals.
    let script = c"echo a >/tmp/scap-both; cat /tmp/scap-both | cat; (mv /tmp/scap-both /tmp/scap-both2; rm /tmp/scap-both2); /no/such; kill -USR1 $$";
    run(&|| {
        let arguments = [c"/bin/sh".as_ptr(), c"-c".as_ptr(), script.as_ptr(), std::ptr::null()];
        let environment = [c"A=b".as_ptr(), c"PATH=/bin:/usr/bin".as_ptr(), std::ptr::null()];
        // SAFETY: the arrays end with null and outlive the call.
        unsafe { libc::execve(arguments[0], arguments.as_ptr(), environment.as_ptr()) };
    });
    // A program without a path.
    run(&|| {
        let arguments = [c"sh".as_ptr(), c"-c".as_ptr(), c"exit 3".as_ptr(), std::ptr::null()];
        // SAFETY: the array ends with null and outlives the call.
        unsafe {
            let (from, to) =
                (libc::open(c"/bin/sh".as_ptr(), libc::O_RDONLY), libc::memfd_create(c"scap-both".as_ptr(), 0));
            while libc::sendfile(to, from, std::ptr::null_mut(), 1 << 20) > 0 {}
            let no_environment = arguments.as_ptr().add(3);
            libc::syscall(
                libc::SYS_execveat,
                to,
                c"".as_ptr(),
                arguments.as_ptr(),
                no_environment,
                libc::AT_EMPTY_PATH,
            );
        }
    });
    let counts = engines.each_mut().map(|e| e.stats().unwrap());
    drop(engines);

    // Of a child's child the last events may be missing, since nothing waits for them here.
    let (mut differences, mut compared) = (BTreeMap::<String, (u32, String)>::new(), 0);
    for (tid, from_probe) in events[0].iter().filter(|(tid, _)| pids.contains(tid)) {
        let from_module = events[1].get(tid).map_or(&[][..], |e| e);
        for (i, a) in from_probe.iter().enumerate() {
            let Some(b) = from_module.get(i).filter(|b| b.ty == a.ty) else {
                let text = format!("event {i} of {}: {a:?} and {:?}", from_probe.len(), from_module.get(i));
                differences.entry(format!("{} alone", name(a))).or_insert((0, text)).0 += 1;
                break;
            };
            compared += 1;
            for (p, (x, y)) in a.params.iter().zip(&b.params).enumerate() {
                let parameter = a.ty.info().map_or("?", |info| info.params[p].name);
                if x != y && !is_memfd(x, y) {
                    let text = format!("{x:?} and {y:?} in {:?}", a.params);
                    differences.entry(format!("{} {parameter}", name(a))).or_insert((0, text)).0 += 1;
                }
            }
            if a.params.len() != b.params.len() {
                differences.entry(format!("{} has other parameters", name(a))).or_default().0 += 1;
            }
        }
    }
    eprintln!("{compared} events of {} processes compared; {counts:?}", pids.len());
    for (what, (n, example)) in &differences {
        eprintln!("{what}: {n} times, such as {}", example.chars().take(600).collect::<String>());
    }
    assert!(compared > 4000, "{compared}");
    assert!(differences.is_empty(), "{} kinds of differences", differences.len());
}

fn name(e: &Kept) -> &'static str {
    e.ty.info().map_or("?", |info| info.enum_name)
}
