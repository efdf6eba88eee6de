//! Calls of 32-bit callers whose arguments differ from those of 64-bit ones.

use crate::common::{Kept, Live, codes, open, read_until, skipped};
use crate::enter::compat::int80;
use driver::EventType;
use scap_sys::engine::bpf::BpfOptions;

/// Memory that a 32-bit process can point to.
struct Low(*mut libc::c_void);

impl Low {
    fn new() -> Low {
        // SAFETY: a new mapping touches nothing that exists.
        let at = unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
            libc::mmap(std::ptr::null_mut(), 4096, prot, flags, -1, 0)
        };
        assert_ne!(at, libc::MAP_FAILED);
        Low(at)
    }

    fn address(&self) -> u32 {
        self.0 as u32
    }

    /// Its first words.
    fn words(&mut self) -> &mut [u32; 8] {
        // SAFETY: the mapping is larger, aligned, and borrowed through this value alone.
        unsafe { &mut *self.0.cast() }
    }
}

impl Drop for Low {
    fn drop(&mut self) {
        // SAFETY: the mapping that `new` made.
        unsafe { libc::munmap(self.0, 4096) };
    }
}

/// An engine that captures some calls, where there are 32-bit callers.
fn capture(names: &[&str]) -> Option<Live> {
    if int80(20 /* getpid */, [0; 4]) as u32 != std::process::id() {
        skipped("the kernel does not serve 32-bit callers");
        return None;
    }
    let mut engine = open(&BpfOptions { interesting: Some(codes(names)), ..BpfOptions::default() })?;
    engine.start().unwrap();
    Some(engine)
}

/// The next event of a type by this thread.
fn one(engine: &mut Live, ty: EventType) -> Kept {
    // SAFETY: gettid(2) takes no arguments.
    let tid = i64::from(unsafe { libc::gettid() });
    let is = |e: &Kept| e.ty == ty && e.tid == tid;
    read_until(engine, |all| all.iter().any(is)).into_iter().find(is).unwrap_or_else(|| panic!("no event {}", ty.0))
}

/// They have a struct rlimit of 32-bit words, in which all ones are infinity.
#[test]
fn limits() {
    let Some(mut engine) = capture(&["getrlimit"]) else { return };
    let mut low = Low::new();
    const NOFILE: u32 = 7;
    for number in [76 /* getrlimit */, 191 /* ugetrlimit */] {
        low.words().fill(0);
        assert_eq!(int80(number, [NOFILE, low.address(), 0, 0]), 0);
        let (current, most) = (low.words()[0], low.words()[1]);
        let e = one(&mut engine, EventType::SYSCALL_GETRLIMIT_X);
        assert_eq!((e.number("cur"), e.number("max")), (current.into(), most.into()), "{number}");
        assert_eq!(e.number("resource"), NOFILE.into());
    }
}

/// Calls on sockets are one call, whose arguments are in memory.
#[test]
fn sockets() {
    let Some(mut engine) = capture(&["socket", "listen", "accept"]) else { return };
    let mut low = Low::new();
    low.words()[..3].copy_from_slice(&[libc::AF_INET as u32, libc::SOCK_STREAM as u32, 6]);
    let fd = int80(102, [1 /* socket */, low.address(), 0, 0]);
    assert!(fd >= 0);
    let e = one(&mut engine, EventType::SOCKET_SOCKET_X);
    assert_eq!((e.number("fd"), e.number("domain"), e.number("type"), e.number("proto")), (fd.into(), 2, 1, 6));
    low.words()[..3].copy_from_slice(&[fd as u32, 0, 0]);
    assert_eq!(int80(102, [5 /* accept */, low.address(), 0, 0]), -libc::EINVAL, "nothing listens yet");
    let e = one(&mut engine, EventType::SOCKET_ACCEPT_5_X);
    assert_eq!(e.number("fd"), i64::from(-libc::EINVAL));
    low.words()[..2].copy_from_slice(&[fd as u32, 5]);
    assert_eq!(int80(102, [4 /* listen */, low.address(), 0, 0]), 0);
    let e = one(&mut engine, EventType::SOCKET_LISTEN_X);
    assert_eq!((e.number("res"), e.number("fd"), e.number("backlog")), (0, fd.into(), 5));
    // SAFETY: the fd was made above, and nothing else uses it.
    unsafe { libc::close(fd) };
}

/// The older calls take ids of 16 bits, of which all ones leave an id as it is. The newer ones, which programs use, are reported too.
#[test]
fn ids() {
    let Some(mut engine) = capture(&["setresuid", "setresgid", "setreuid", "setregid"]) else { return };
    let (short, long) = (0xffff, u32::MAX);
    for (number, ty, same) in [
        (164, EventType::SYSCALL_SETRESUID_X, short),
        (208, EventType::SYSCALL_SETRESUID_X, long),
        (170, EventType::SYSCALL_SETRESGID_X, short),
        (210, EventType::SYSCALL_SETRESGID_X, long),
        (70, EventType::SYSCALL_SETREUID_X, short),
        (203, EventType::SYSCALL_SETREUID_X, long),
        (71, EventType::SYSCALL_SETREGID_X, short),
        (204, EventType::SYSCALL_SETREGID_X, long),
    ] {
        assert_eq!(int80(number, [same, same, same, 0]), 0);
        let e = one(&mut engine, ty);
        assert_eq!((&e.params[1][..], &e.params[2][..]), (&[0xff; 4][..], &[0xff; 4][..]), "{number}");
    }
}
