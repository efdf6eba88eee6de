//! The flags with which threads are made.

use std::collections::BTreeMap;

use crate::common::{codes, open, read_until};
use driver::EventType;
use scap_sys::engine::bpf::BpfOptions;

/// The arguments of clone3(2).
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct CloneArgs([u64; 11]);

const FLAGS: usize = 0;
const EXIT_SIGNAL: usize = 4;

const CLONE_VM: u64 = libc::CLONE_VM as u64;
const CLONE_FS: u64 = libc::CLONE_FS as u64;
const CLONE_FILES: u64 = libc::CLONE_FILES as u64;
const CLONE_SYSVSEM: u64 = libc::CLONE_SYSVSEM as u64;

/// The same flags in events.
fn in_event(flags: u64) -> i64 {
    use driver::flags as ppm;
    [
        (CLONE_VM, ppm::CL_CLONE_VM),
        (CLONE_FS, ppm::CL_CLONE_FS),
        (CLONE_FILES, ppm::CL_CLONE_FILES),
        (CLONE_SYSVSEM, ppm::CL_CLONE_SYSVSEM),
    ]
    .iter()
    .filter(|(bit, _)| flags & bit != 0)
    .map(|(_, ppm)| i64::from(*ppm))
    .sum()
}

/// Creates a process that exits at once; returns its pid.
fn make(args: &mut CloneArgs) -> i32 {
    // SAFETY: `args` has the size that is passed; the child has a copy of this process's memory and only ends.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw mut *args, size_of::<CloneArgs>()) } as i32;
    if pid == 0 {
        // SAFETY: `_exit` runs no destructors or handlers of this process.
        unsafe { libc::_exit(0) };
    }
    assert!(pid > 0, "clone3: {}", std::io::Error::last_os_error());
    pid
}

/// Memory that is not mapped in a child before it accesses it: a shared page.
struct SharedPage(*mut CloneArgs);

impl SharedPage {
    fn new() -> SharedPage {
        // SAFETY: mmap(2) maps new memory, without an address of the caller's.
        let at = unsafe {
            let (prot, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
            libc::mmap(std::ptr::null_mut(), 4096, prot, flags, -1, 0)
        };
        assert_ne!(at, libc::MAP_FAILED);
        SharedPage(at.cast())
    }
}

impl Drop for SharedPage {
    fn drop(&mut self) {
        // SAFETY: the memory that `new` made, to which there are no references any more.
        unsafe { libc::munmap(self.0.cast(), 4096) };
    }
}

/// The caller's memory may have changed, or its page be absent, when the new process returns from the call. Still the exit events of both
/// processes have the flags that were passed to the kernel.
#[test]
fn flags_are_those_that_were_passed_to_the_kernel() {
    const ROUNDS: usize = 300;
    let options = BpfOptions { interesting: Some(codes(&["clone3"])), ..BpfOptions::default() };
    let Some(mut engine) = open(&options) else { return };
    engine.start().unwrap();
    let combinations = [0, CLONE_FS, CLONE_FILES, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM];
    let page = SharedPage::new();
    let mut passed = BTreeMap::new();
    for round in 0..ROUNDS {
        let flags = combinations[round % combinations.len()];
        // SAFETY: the page is large enough and this is the only reference to it.
        let args = unsafe { &mut *page.0 };
        *args = CloneArgs::default();
        args.0[FLAGS] = flags;
        args.0[EXIT_SIGNAL] = libc::SIGCHLD as u64;
        let pid = make(args);
        args.0[FLAGS] = CLONE_VM;
        // SAFETY: a child of this process; only this test waits for it.
        assert_eq!(unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) }, pid);
        passed.insert(i64::from(pid), in_event(flags));
    }
    // Where a new process does not return through the exit of its call, the tracepoint makes its event, always of this type.
    let by_tracepoint = driver::TRACEPOINT_PROGRAMS.iter().any(|(_, name)| *name == "sched_process_fork");
    let of_child = if by_tracepoint { EventType::SYSCALL_CLONE_20_X } else { EventType::SYSCALL_CLONE3_X };
    let ours = |e: &crate::common::Kept| {
        let child = match e.ty {
            ty if ty == of_child && e.number("res") == 0 => e.tid,
            EventType::SYSCALL_CLONE3_X => e.number("res"),
            _ => return None,
        };
        passed.get(&child).map(|flags| (child, *flags))
    };
    let events = read_until(&mut engine, |all| all.iter().filter(|e| ours(e).is_some()).count() >= 2 * ROUNDS);
    engine.stop().unwrap();
    let mut seen = 0;
    for e in &events {
        let Some((child, flags)) = ours(e) else { continue };
        seen += 1;
        // The tracepoint does not have the call's flags, but what the two processes share.
        let known = if by_tracepoint && e.tid == child { in_event(CLONE_FILES) } else { -1 };
        assert_eq!(e.number("flags"), flags & known, "of {child}, in the event of {}", e.tid);
    }
    assert_eq!(seen, 2 * ROUNDS, "one event of each maker and of each child");
}
