//! Values that the probe assembles: scattered buffers, messages, string arrays, paths, reapers.

use std::ffi::CString;
use std::io::{IoSlice, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

use crate::common::{Kept, Live, codes, open, read_until, unused_path};
use driver::EventType;
use scap_sys::engine::Setting;
use scap_sys::engine::bpf::BpfOptions;

fn tid() -> i64 {
    // SAFETY: gettid(2) takes no arguments.
    i64::from(unsafe { libc::gettid() })
}

fn capture(names: &[&str]) -> Option<Live> {
    open(&BpfOptions { buffer_bytes: 1 << 20, interesting: Some(codes(names)), ..BpfOptions::default() })
}

/// The next `count` events of type `ty` by this thread.
fn own(engine: &mut Live, ty: EventType, count: usize) -> Vec<Kept> {
    let is = |e: &&Kept| e.ty == ty && e.tid == tid();
    let all = read_until(engine, |all| all.iter().filter(is).count() >= count);
    let own: Vec<Kept> = all.iter().filter(is).cloned().collect();
    assert_eq!(own.len(), count, "{:?}", engine.stats());
    own
}

fn slices<const N: usize>(pieces: [&[u8]; N]) -> [IoSlice<'_>; N] {
    pieces.map(IoSlice::new)
}

#[test]
fn pieces_one_behind_the_other() {
    let Some(mut engine) = capture(&["writev"]) else { return };
    let (_reader, mut writer) = std::io::pipe().unwrap();
    engine.start().unwrap();
    let long = [b'z'; 300];
    assert_eq!(writer.write_vectored(&slices([b"ab", b"", b"cdef", &long])).unwrap(), 306);
    let e = &own(&mut engine, EventType::SYSCALL_WRITEV_X, 1)[0];
    assert_eq!((e.number("res"), e.number("size")), (306, 306));
    assert_eq!(e.param("data"), [b"abcdef", &long[..74]].concat(), "as much as the default snaplen");
    assert_eq!(writer.write_vectored(&slices([b"", b"first", b"second"])).unwrap(), 11);
    let e = &own(&mut engine, EventType::SYSCALL_WRITEV_X, 1)[0];
    assert_eq!((e.param("data"), e.number("size")), (&b"firstsecond"[..], 11));
    engine.set(Setting::Snaplen(4)).unwrap();
    // More pieces than the probe reads.
    let many: Vec<IoSlice> = (0..40).map(|i| IoSlice::new(if i % 2 == 0 { b"12" } else { b"3" })).collect();
    assert_eq!(writer.write_vectored(&many).unwrap(), 60);
    let e = &own(&mut engine, EventType::SYSCALL_WRITEV_X, 1)[0];
    assert_eq!((e.param("data"), e.number("size")), (&b"1231"[..], 48));
    // SAFETY: the second piece is a null pointer, for which the kernel returns an error or a short count.
    unsafe {
        let pieces = [
            libc::iovec { iov_base: b"ok".as_ptr() as *mut _, iov_len: 2 },
            libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 5 },
        ];
        libc::writev(writer.as_raw_fd(), pieces.as_ptr(), 2);
    }
    let e = &own(&mut engine, EventType::SYSCALL_WRITEV_X, 1)[0];
    assert_eq!((e.param("data"), e.number("size")), (&b"ok"[..], 7));
}

#[test]
fn an_event_for_each_message() {
    let Some(mut engine) = capture(&["sendmmsg", "recvmmsg"]) else { return };
    let (left, right) = UnixDatagram::pair().unwrap();
    engine.start().unwrap();
    let (mut first, mut second) = (slices([b"one ", b"message"]), slices([b"another"]));
    let messages = |pieces: [&mut [IoSlice]; 2]| {
        pieces.map(|pieces| {
            // SAFETY: an all-zero `mmsghdr` is valid: no address, no pieces, no control data.
            let mut message: libc::mmsghdr = unsafe { std::mem::zeroed() };
            // `IoSlice` has the layout of `struct iovec`.
            message.msg_hdr.msg_iov = pieces.as_mut_ptr().cast();
            message.msg_hdr.msg_iovlen = pieces.len() as _;
            message
        })
    };
    let mut all = messages([&mut first, &mut second]);
    // SAFETY: the messages and their buffers outlive the call.
    assert_eq!(unsafe { libc::sendmmsg(left.as_raw_fd(), all.as_mut_ptr(), 2, 0) }, 2);
    let events = own(&mut engine, EventType::SOCKET_SENDMMSG_X, 2);
    let reported = |e: &Kept| (e.number("res"), e.number("size"), e.param("data").to_vec());
    assert_eq!(reported(&events[0]), (11, 11, b"one message".to_vec()));
    assert_eq!(reported(&events[1]), (7, 7, b"another".to_vec()));
    assert!(events.iter().all(|e| e.number("fd") == i64::from(left.as_raw_fd()) && e.param("tuple")[0] == 1));

    let mut buffers = [[0u8; 6], [0; 6], [0; 6]];
    let [a, b, c] = buffers.each_mut().map(|b| libc::iovec { iov_base: b.as_mut_ptr().cast(), iov_len: 6 });
    let (mut first, mut second) = ([a, b], [c]);
    // SAFETY: an all-zero `mmsghdr` is valid.
    let mut all: [libc::mmsghdr; 2] = unsafe { std::mem::zeroed() };
    (all[0].msg_hdr.msg_iov, all[0].msg_hdr.msg_iovlen) = (first.as_mut_ptr(), 2);
    (all[1].msg_hdr.msg_iov, all[1].msg_hdr.msg_iovlen) = (second.as_mut_ptr(), 1);
    // SAFETY: the messages and their buffers, with correct sizes, outlive the call.
    assert_eq!(unsafe { libc::recvmmsg(right.as_raw_fd(), all.as_mut_ptr(), 2, 0, std::ptr::null_mut()) }, 2);
    let events = own(&mut engine, EventType::SOCKET_RECVMMSG_X, 2);
    assert_eq!(reported(&events[0]), (11, 11, b"one message".to_vec()));
    assert_eq!(reported(&events[1]), (6, 6, b"anothe".to_vec()));
}

#[test]
fn the_strings_of_a_program_that_does_not_start() {
    let Some(mut engine) = capture(&["execve"]) else { return };
    engine.start().unwrap();
    let mut execve = |args: &[&std::ffi::CStr], env: &[&std::ffi::CStr]| {
        let pointers = |strings: &[&std::ffi::CStr]| {
            strings.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect::<Vec<_>>()
        };
        // SAFETY: the arrays end with a null pointer, and the strings outlive the call.
        unsafe { libc::execve(c"/no/such/program".as_ptr(), pointers(args).as_ptr(), pointers(env).as_ptr()) };
        own(&mut engine, EventType::SYSCALL_EXECVE_19_X, 1).remove(0)
    };
    let e = execve(&[c"name", c"b c", c"", c"d"], &[c"X=1", c"Y="]);
    assert_eq!((e.number("res"), e.param("filename")), (-2, &b"/no/such/program\0"[..]));
    assert_eq!((e.param("exe"), e.param("args")), (&b"name\0"[..], &b"b c\0\0d\0"[..]));
    assert_eq!(e.param("env"), b"X=1\0Y=\0");
    // Longer arguments are cut at a page, and at most 64 strings are read.
    let long = CString::new(vec![b'x'; 3000]).unwrap();
    let e = execve(&[&long, &long, &long], &[c"v"; 100]);
    let args = e.param("args");
    assert_eq!((e.param("exe").len(), args.len(), args.last()), (3001, 4096 - 3001, Some(&0)));
    assert_eq!(e.param("env"), b"v\0".repeat(64));
}

/// The call has no path; the probe reads it from the kernel.
#[test]
fn the_path_of_a_handle() {
    let Some(mut engine) = capture(&["open_by_handle_at"]) else { return };
    let dir = unused_path("handle").join("in a directory").join("x".repeat(200));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.canonicalize().unwrap().join("file");
    std::fs::write(&path, "").unwrap();
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    let mut handle = [0u32; 34];
    handle[0] = 128;
    let mut mount = 0;
    engine.start().unwrap();
    // SAFETY: `handle_bytes` is the size of the buffer after the two header words.
    let fd = unsafe {
        let at = handle.as_mut_ptr().cast::<libc::c_void>();
        let any = std::fs::File::open(&dir).unwrap();
        match libc::syscall(libc::SYS_name_to_handle_at, libc::AT_FDCWD, name.as_ptr(), at, &raw mut mount, 0) {
            0 => libc::syscall(libc::SYS_open_by_handle_at, any.as_raw_fd(), at, libc::O_RDONLY) as i32,
            _ => -1,
        }
    };
    let why = std::io::Error::last_os_error();
    std::fs::remove_dir_all(dir.ancestors().nth(2).unwrap()).unwrap();
    if fd < 0 {
        return crate::common::skipped(&format!("handles of files: {why}"));
    }
    // SAFETY: the call has just created the fd, and no other owner exists.
    let _file = unsafe { OwnedFd::from_raw_fd(fd) };
    let e = &own(&mut engine, EventType::SYSCALL_OPEN_BY_HANDLE_AT_X, 1)[0];
    assert_eq!(e.number("fd"), fd.into());
    assert_eq!(e.param("path"), [name.as_bytes(), b"\0"].concat());
}

/// The children of an exiting process go to the nearest subreaper: this process.
#[test]
fn who_inherits_children() {
    let Some(mut engine) = capture(&["sched_process_exit"]) else { return };
    let adopt = |on: libc::c_ulong| {
        // SAFETY: prctl(2) takes numbers only here.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, on, 0, 0, 0) }, 0);
    };
    adopt(1);
    engine.start().unwrap();
    let heirs = |engine: &mut Live, script: &str| {
        let child = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let pid = i64::from(child.id());
        let inherited = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let is = |e: &&Kept| e.tid == pid && e.ty == EventType::PROCEXIT_1_E;
        let all = read_until(engine, |all| all.iter().any(|e| is(&e)));
        if let Ok(pid) = inherited.trim().parse() {
            // SAFETY: the process is now a child of this one, and only this test waits for it.
            assert_eq!(unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) }, pid);
        }
        all.iter().find(is).expect("the event").number("reaper_tid")
    };
    assert_eq!(heirs(&mut engine, "exit 0"), 0, "it has no children");
    let heir = heirs(&mut engine, "sleep 0.1 >/dev/null & echo $!");
    assert!(std::fs::exists(format!("/proc/self/task/{heir}")).unwrap(), "{heir}");
    adopt(0);
}

/// The features of the kernel's rings do not depend on the headers that the probe was built with.
#[test]
fn features_of_io_uring() {
    let Some(mut engine) = capture(&["io_uring_setup"]) else { return };
    engine.start().unwrap();
    let mut params = [0u32; 30];
    // SAFETY: the parameters have the size that the kernel writes.
    let fd = unsafe { libc::syscall(libc::SYS_io_uring_setup, 4, params.as_mut_ptr()) } as i32;
    if fd < 0 {
        return crate::common::skipped(&format!("io_uring: {}", std::io::Error::last_os_error()));
    }
    // SAFETY: the call has just created the fd, and no other owner exists.
    let _ring = unsafe { OwnedFd::from_raw_fd(fd) };
    let e = &own(&mut engine, EventType::SYSCALL_IO_URING_SETUP_X, 1)[0];
    assert_ne!(params[5], 0);
    // Those that have a name in events.
    assert_eq!(e.number("features"), i64::from(params[5] & 0x7ff));
    assert_eq!((e.number("sq_entries"), e.number("cq_entries")), (params[0].into(), params[1].into()));
}

/// Of a message whose header cannot be read nothing is known, its size no more than its data.
#[test]
fn a_message_without_a_header() {
    let Some(mut engine) = capture(&["sendmsg"]) else { return };
    engine.start().unwrap();
    for header in [std::ptr::null::<libc::msghdr>(), std::ptr::without_provenance(8)] {
        // SAFETY: the kernel checks the fd and the address.
        assert_eq!(unsafe { libc::sendmsg(-1, header, 0) }, -1);
    }
    for e in own(&mut engine, EventType::SOCKET_SENDMSG_X, 2) {
        assert_eq!(e.number("res"), i64::from(-libc::EBADF));
        assert_eq!(["data", "size", "tuple"].map(|name| e.param(name).len()), [0; 3]);
    }
}

/// The snaplen is 80; with `DynamicSnaplen` it is larger for the ports of known protocols, of which statsd's is 8125 unless it is
/// set. A socket without a port has none of them, not even if statsd's is 0.
#[test]
fn messages_to_statsd() {
    let Some(mut engine) = capture(&["sendto"]) else { return };
    engine.set(Setting::DynamicSnaplen(true)).unwrap();
    engine.start().unwrap();
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let other = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (local, _peer) = UnixDatagram::pair().unwrap();
    let message = [b'.'; 200];
    client.send_to(&message, "127.0.0.1:8125").unwrap();
    client.send_to(&message, other.local_addr().unwrap()).unwrap();
    // SAFETY: the buffer lives as long as the call. UnixDatagram::send() would be a write(2).
    assert_eq!(unsafe { libc::send(local.as_raw_fd(), message.as_ptr().cast(), message.len(), 0) }, 200);
    engine.set(Setting::StatsdPort(other.local_addr().unwrap().port())).unwrap();
    client.send_to(&message, other.local_addr().unwrap()).unwrap();
    client.send_to(&message, "127.0.0.1:8125").unwrap();
    engine.set(Setting::StatsdPort(0)).unwrap();
    // SAFETY: as above.
    assert_eq!(unsafe { libc::send(local.as_raw_fd(), message.as_ptr().cast(), message.len(), 0) }, 200);
    let sizes =
        own(&mut engine, EventType::SOCKET_SENDTO_X, 6).iter().map(|e| e.param("data").len()).collect::<Vec<_>>();
    assert_eq!(sizes, [200, 80, 80, 200, 80, 80]);
}
