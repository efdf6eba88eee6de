//! Calls that are left out by their result.

use crate::common::{Kept as Event, codes, open, read_until};
use driver::{EventType, SCS, Sc};
use scap_sys::engine::Kept;
use scap_sys::engine::bpf::BpfOptions;

const ROUNDS: usize = 20;

fn tid() -> i64 {
    // SAFETY: gettid(2) takes no arguments.
    i64::from(unsafe { libc::gettid() })
}

/// Makes calls of each kind that succeed and that fail, then one that ends them.
fn call() {
    // SAFETY: the arguments are numbers, and paths that end with a NUL.
    unsafe {
        let file = libc::open(c"/proc/self/exe".as_ptr(), libc::O_RDONLY);
        for _ in 0..ROUNDS {
            libc::lseek(file, 0, libc::SEEK_SET);
            libc::lseek(-1, 0, libc::SEEK_SET);
            libc::umask(0o022);
            let address = libc::sockaddr_in {
                sin_family: libc::AF_INET as u16,
                sin_port: 9u16.to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
                sin_zero: [0; 8],
            };
            let length = size_of_val(&address) as libc::socklen_t;
            let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_NONBLOCK, 0);
            libc::connect(socket, (&raw const address).cast(), length);
            libc::connect(-1, (&raw const address).cast(), length);
            libc::close(socket);
        }
        libc::close(file);
        libc::chdir(c"/no-such-directory".as_ptr());
    }
}

/// How often each type of event came, with a result of 0 or more, and less.
fn counts(events: &[Event], ty: EventType) -> (usize, usize) {
    let results = || events.iter().filter(|e| e.ty == ty).map(|e| e.number("res"));
    (results().filter(|r| *r >= 0).count(), results().filter(|r| *r < 0).count())
}

#[test]
fn calls_are_left_out_by_their_result() {
    let names = ["lseek", "umask", "connect", "chdir"];
    let options = BpfOptions { buffer_bytes: 1 << 20, interesting: Some(codes(&names)), ..BpfOptions::default() };
    let Some(mut engine) = open(&options) else { return };
    let mut kept = vec![Kept::ALL; SCS.len()];
    kept[Sc::UMASK.0 as usize] = Kept::NONE;
    kept[Sc::LSEEK.0 as usize] = Kept { succeeded: false, failed: true };
    kept[Sc::CONNECT.0 as usize] = Kept { succeeded: true, failed: false };
    engine.keep(&kept).unwrap();
    engine.start().unwrap();
    let mut run = |kept: &[Kept]| {
        engine.keep(kept).unwrap();
        call();
        let last = |e: &Event| e.tid == tid() && e.ty == EventType::SYSCALL_CHDIR_X;
        let mut events = read_until(&mut engine, |all| all.iter().any(last));
        events.retain(|e| e.tid == tid());
        events
    };
    for kept in [&kept[..], &[], &kept[..]] {
        let events = run(kept);
        let all = kept.is_empty();
        let of = |wanted: bool| if wanted { ROUNDS } else { 0 };
        assert_eq!(counts(&events, EventType::SYSCALL_LSEEK_X), (of(all), ROUNDS));
        let umask = |e: &&Event| e.ty == EventType::GENERIC_X && e.number("ID") == i64::from(Sc::UMASK.0);
        assert_eq!(events.iter().filter(umask).count(), of(all));
        // A connection in progress counts as either result; nothing listens, so that it may also fail at once.
        let bad = events.iter().filter(|e| e.ty == EventType::SOCKET_CONNECT_X && e.number("res") == -9).count();
        assert_eq!(bad, of(all));
        let progress = events.iter().filter(|e| e.ty == EventType::SOCKET_CONNECT_X && e.number("res") == -115).count();
        assert!(all || progress == counts(&events, EventType::SOCKET_CONNECT_X).1);
    }
}
