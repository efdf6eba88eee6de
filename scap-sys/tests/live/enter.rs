//! Enter events of calls whose arguments another thread can change during the call.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;

use crate::common::{Kept, Live, codes, open, read_until, unused_path};
use driver::EventType;
use scap_sys::engine::bpf::BpfOptions;

const CALLS: [&str; 5] = ["open", "openat", "openat2", "creat", "connect"];

fn tid() -> i64 {
    // SAFETY: gettid(2) takes no arguments.
    i64::from(unsafe { libc::gettid() })
}

fn capture(names: &[&str]) -> Option<Live> {
    open(&BpfOptions { buffer_bytes: 1 << 20, interesting: Some(codes(names)), ..BpfOptions::default() })
}

/// The events of this thread, up to one of type `last`.
fn own_until(engine: &mut Live, last: EventType) -> Vec<Kept> {
    let mut all = read_until(engine, |all| all.iter().any(|e| e.tid == tid() && e.ty == last));
    all.retain(|e| e.tid == tid());
    all
}

/// Makes a call; returns its enter event, which must come before its exit event.
fn enter_event(engine: &mut Live, ty: EventType, call: impl FnOnce()) -> Kept {
    call();
    let all = own_until(engine, EventType(ty.0 + 1));
    let types: Vec<_> = all.iter().map(|e| e.ty).collect();
    assert_eq!(types, [ty, EventType(ty.0 + 1)], "{:?}", engine.stats());
    assert!(all[0].ts <= all[1].ts);
    all[0].clone()
}

fn name(path: &std::path::Path) -> (CString, Vec<u8>) {
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    let bytes = name.as_bytes_with_nul().to_vec();
    (name, bytes)
}

/// An address without a server, and its encoding in events.
fn unused_address() -> (libc::sockaddr_in, [u8; 7]) {
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: 9u16.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
        sin_zero: [0; 8],
    };
    (address, [2, 127, 0, 0, 1, 9, 0])
}

#[test]
fn arguments_of_calls_that_begin() {
    let Some(mut engine) = capture(&CALLS) else { return };
    let (path, bytes) = name(&unused_path("enter"));
    let at = path.as_ptr() as libc::c_long;
    // SAFETY: pointer arguments are null or point to strings that outlive the calls; otherwise the kernel returns an error.
    let call = |number, a: [libc::c_long; 4]| unsafe { libc::syscall(number, a[0], a[1], a[2], a[3]) };
    engine.start().unwrap();

    // O_WRONLY | O_CREAT | O_EXCL become PPM_O_* flags; fd -1 is not open.
    let flags = i64::from(libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL);
    let e = enter_event(&mut engine, EventType::SYSCALL_OPENAT_2_E, || {
        call(libc::SYS_openat, [-1, c"relative".as_ptr() as libc::c_long, flags, 0o640]);
    });
    assert_eq!((e.number("dirfd"), e.param("name")), (-1, &b"relative\0"[..]));
    assert_eq!((e.number("flags"), e.number("mode")), (2 | 4 | 32, 0o640));
    let e = enter_event(&mut engine, EventType::SYSCALL_OPENAT_2_E, || {
        call(libc::SYS_openat, [libc::AT_FDCWD.into(), 0, 0, 0o640]);
    });
    assert_eq!((e.number("dirfd"), e.param("name")), (-100, &b""[..]));
    assert_eq!((e.number("flags"), e.number("mode")), (1, 0));

    let how = [flags as u64, 0o600, 8 /* RESOLVE_BENEATH */];
    let e = enter_event(&mut engine, EventType::SYSCALL_OPENAT2_E, || {
        call(libc::SYS_openat2, [libc::AT_FDCWD.into(), at, how.as_ptr() as libc::c_long, 24]);
    });
    assert_eq!((e.number("dirfd"), e.param("name")), (-100, &bytes[..]));
    assert_eq!((e.number("flags"), e.number("mode"), e.number("resolve")), (2 | 4 | 32, 0o600, 1));

    #[cfg(target_arch = "x86_64")]
    {
        let e = enter_event(&mut engine, EventType::SYSCALL_OPEN_E, || {
            call(libc::SYS_open, [at, libc::O_RDWR.into(), 0o600, 0]);
        });
        assert_eq!((e.param("name"), e.number("flags"), e.number("mode")), (&bytes[..], 3, 0));
        let e = enter_event(&mut engine, EventType::SYSCALL_CREAT_E, || {
            call(libc::SYS_creat, [c"/no/such/directory/file".as_ptr() as libc::c_long, 0o4755, 0, 0]);
        });
        assert_eq!((e.param("name"), e.number("mode")), (&b"/no/such/directory/file\0"[..], 0o4755));
    }

    let (address, shown) = unused_address();
    let e = enter_event(&mut engine, EventType::SOCKET_CONNECT_E, || {
        call(libc::SYS_connect, [-1, (&raw const address) as libc::c_long, size_of_val(&address) as libc::c_long, 0]);
    });
    assert_eq!((e.number("fd"), e.param("addr")), (-1, &shown[..]));
    let e = enter_event(&mut engine, EventType::SOCKET_CONNECT_E, || _ = call(libc::SYS_connect, [7, 0, 0, 0]));
    assert_eq!((e.number("fd"), e.param("addr")), (7, &b""[..]));

    let stats = engine.stats().unwrap();
    assert_eq!((stats.n_drops, stats.n_drops_bug), (0, 0));
}

/// If the path changes during the call, the enter event has the old path and the exit event the new one. The call must
/// block for that: opening a FIFO without a writer does.
#[test]
fn what_a_call_was_given_stays_in_its_enter_event() {
    let Some(mut engine) = capture(&["openat"]) else { return };
    let path = unused_path("fifo");
    let (fifo, before) = name(&path);
    // SAFETY: `fifo` is a NUL-terminated string.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    let given = fifo.into_raw();
    engine.start().unwrap();
    let changed = given as usize;
    let other = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        // SAFETY: the main thread frees the string after `join`; until then only the kernel reads it.
        unsafe { (changed as *mut u8).add(1).write_volatile(b'X') };
        std::fs::OpenOptions::new().write(true).open(path).map(|_| ()).unwrap();
    });
    // SAFETY: the string stays NUL-terminated whatever the other thread writes at index 1.
    let fd = unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, given, libc::O_RDONLY) };
    let is = |e: &Kept, ty| e.ty == ty && e.tid == tid() && e.param("name").ends_with(&before[2..]);
    let all = read_until(&mut engine, |all| all.iter().any(|e| is(e, EventType::SYSCALL_OPENAT_2_X)));
    other.join().unwrap();
    // SAFETY: `given` came from `into_raw`; the other thread has ended.
    drop(unsafe { CString::from_raw(given) });
    // SAFETY: openat(2) returned the fd; nothing else uses it.
    unsafe { libc::close(fd as i32) };
    std::fs::remove_file(std::ffi::OsStr::from_bytes(&before[..before.len() - 1])).unwrap();

    let of = |ty| all.iter().find(|e| is(e, ty)).expect("the event");
    assert_eq!(of(EventType::SYSCALL_OPENAT_2_E).param("name"), before);
    let mut after = before.clone();
    after[1] = b'X';
    assert_eq!(of(EventType::SYSCALL_OPENAT_2_X).param("name"), after);
}

#[test]
fn a_call_that_is_not_selected_has_none() {
    let Some(mut engine) = capture(&["openat", "close"]) else { return };
    engine.start().unwrap();
    // SAFETY: the arguments are invalid, so the calls fail without an access to memory.
    let touch = || unsafe {
        libc::syscall(libc::SYS_connect, -1, 0, 0);
        libc::syscall(libc::SYS_openat, -1, 0, 0);
        libc::syscall(libc::SYS_close, -1);
    };
    let mut taken = || {
        touch();
        own_until(&mut engine, EventType::SYSCALL_CLOSE_X).iter().map(|e| e.ty).collect::<Vec<_>>()
    };
    let (enter, exit) = (EventType::SYSCALL_OPENAT_2_E, EventType::SYSCALL_OPENAT_2_X);
    assert_eq!(taken(), [enter, exit, EventType::SYSCALL_CLOSE_X]);
    engine.set_interesting(codes(&["openat"])[0], false).unwrap();
    let mut taken = || {
        touch();
        own_until(&mut engine, EventType::SYSCALL_CLOSE_X).iter().map(|e| e.ty).collect::<Vec<_>>()
    };
    assert_eq!(taken(), [EventType::SYSCALL_CLOSE_X]);
}

/// A 64-bit process makes 32-bit calls, whose pointers must be below 4 GiB.
#[cfg(target_arch = "x86_64")]
pub mod compat {
    use super::*;

    /// Makes a call as a 32-bit process does; it reads and writes nothing above 4 GiB.
    pub fn int80(number: u32, a: [u32; 4]) -> i32 {
        let answer: u32;
        // SAFETY: the arguments are those of calls that only read memory. rbx, which the compiler reserves, is restored.
        unsafe {
            std::arch::asm!(
                "xchg {b:r}, rbx", "int 0x80", "xchg {b:r}, rbx",
                b = inout(reg) u64::from(a[0]) => _,
                inlateout("eax") number => answer,
                in("ecx") a[1], in("edx") a[2], in("esi") a[3],
                out("r8") _, out("r9") _, out("r10") _, out("r11") _,
            );
        }
        answer as i32
    }

    #[test]
    fn calls_of_32_bit_callers() {
        let Some(mut engine) = capture(&CALLS) else { return };
        // SAFETY: a new mapping at an address that the kernel chooses does not change existing memory.
        let low = unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
            libc::mmap(std::ptr::null_mut(), 4096, prot, flags, -1, 0)
        };
        assert_ne!(low, libc::MAP_FAILED);
        let at = low as u32;
        // SAFETY: all offsets and lengths in this test are within the 4096 bytes of the mapping.
        let put = |offset: usize, bytes: &[u8]| unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), low.cast::<u8>().add(offset), bytes.len());
        };
        put(0, b"/no/such/file\0");
        const EBADF: i32 = -9;
        engine.start().unwrap();
        if int80(20 /* getpid */, [0; 4]) as u32 != std::process::id() {
            crate::common::skipped("the kernel does not serve 32-bit callers");
            return;
        }
        let e = enter_event(&mut engine, EventType::SYSCALL_OPEN_E, || assert_eq!(int80(5, [at, 2, 0, 0]), -2));
        assert_eq!((e.param("name"), e.number("flags")), (&b"/no/such/file\0"[..], 3));
        let e = enter_event(&mut engine, EventType::SYSCALL_CREAT_E, || assert_eq!(int80(8, [at, 0o600, 0, 0]), -2));
        assert_eq!((e.param("name"), e.number("mode")), (&b"/no/such/file\0"[..], 0o600));
        let e = enter_event(&mut engine, EventType::SYSCALL_OPENAT_2_E, || {
            assert_eq!(int80(295, [-100i32 as u32, at, 0, 0]), -2);
        });
        assert_eq!((e.number("dirfd"), e.param("name")), (-100, &b"/no/such/file\0"[..]));

        let (address, shown) = unused_address();
        // SAFETY: `address` is plain data of that size.
        put(64, unsafe { std::slice::from_raw_parts((&raw const address).cast(), size_of_val(&address)) });
        let connect = [-1i32 as u32, at + 64, 16];
        let e = enter_event(&mut engine, EventType::SOCKET_CONNECT_E, || {
            assert_eq!(int80(362, [connect[0], connect[1], connect[2], 0]), EBADF);
        });
        assert_eq!((e.number("fd"), e.param("addr")), (-1, &shown[..]));
        put(128, &connect.map(u32::to_ne_bytes).concat());
        let e = enter_event(&mut engine, EventType::SOCKET_CONNECT_E, || {
            assert_eq!(int80(102, [3, at + 128, 0, 0]), EBADF);
        });
        assert_eq!((e.number("fd"), e.param("addr")), (-1, &shown[..]));
        // SAFETY: the mapping was made above and is not used any more.
        unsafe { libc::munmap(low, 4096) };
    }
}
