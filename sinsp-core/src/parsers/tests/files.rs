use super::*;
use crate::state::{FdFlags, MAX_FDS, cl, open};

const AT_FDCWD: i64 = -100;

fn openat<'a>(fd: i64, dirfd: i64, name: &'a str, flags: u32) -> [Value<'a>; 7] {
    [num(fd), num(dirfd), name.into(), flags.into(), 0u32.into(), 0x801u32.into(), num(99)]
}

#[test]
fn a_path_starts_where_the_call_says() {
    let mut w = World::new();
    w.open(10, 5, "/srv/data");
    for (dirfd, name, want) in [
        (AT_FDCWD, "a/../b", "/home/b"),
        (AT_FDCWD, "/etc/x", "/etc/x"),
        (5, "c", "/srv/data/c"),
        (5, "/etc/y", "/etc/y"),
        (6, "/etc/z", "/etc/z"),
        (6, "d", "<UNKNOWN>d"),
    ] {
        w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(3, dirfd, name, 0));
        let c = w.current();
        assert_eq!((text(c.fd.unwrap().name()), c.notes.fd_num), (want, 3));
        assert!(c.notes.fd_name_changed);
    }
    let fd = w.fd(10, 3);
    assert_eq!((text(fd.name_raw()), fd.dev.get(), fd.ino.get(), fd.is_file()), ("d", 0x801, 99, true));
}

#[test]
fn flags_tell_directories_and_layers() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(3, AT_FDCWD, "/d", open::DIRECTORY | open::UPPER_LAYER));
    assert!(w.fd(10, 3).is_directory() && w.fd(10, 3).has_flags(FdFlags::OVERLAY_UPPER));
    let creat = [num(4), "/e".into(), 0u32.into(), 1u32.into(), num(2), 2u16.into()];
    w.event(10, EventType::SYSCALL_CREAT_X, &creat);
    assert!(w.fd(10, 4).has_flags(FdFlags::OVERLAY_LOWER) && w.fd(10, 4).ino.get() == 2);
}

#[test]
fn a_failed_open_opens_nothing() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(-2, AT_FDCWD, "/x", 0));
    let c = w.current();
    assert!(c.fd.is_none() && c.notes.errno == -2 && w.state().threads.fd_count(w.thread(10)) == 0);
}

#[test]
fn what_the_kernel_was_asked_counts_more_than_what_the_memory_says_later() {
    let mut w = World::new();
    let enter: [Value<'_>; 4] = [num(AT_FDCWD), "/asked".into(), 1u32.into(), 0u32.into()];
    assert_eq!(w.event(10, EventType::SYSCALL_OPENAT_2_E, &enter), Next::Filtered);
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(3, AT_FDCWD, "/changed", open::F_CREATED | 1));
    assert_eq!((w.fd_name(10, 3), w.fd(10, 3).open_flags.get()), ("/asked", open::F_CREATED | 1));
    assert!(!w.current().notes.enter.is_empty(), "whoever keeps the exit event needs the other");
    w.event(10, EventType::SYSCALL_OPENAT_2_E, &enter);
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(3, AT_FDCWD, "/asked", 1));
    assert!(w.current().notes.enter.is_empty(), "it tells no more");
    // The enter event does not apply to the next call.
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(4, AT_FDCWD, "/other", 0));
    assert_eq!(w.fd_name(10, 4), "/other");
}

/// Each call with an enter event before it that has other values in the registers, then one with the same: the enter event
/// counts only if both are of the same call.
#[test]
fn an_enter_event_with_other_registers_is_of_another_call() {
    use EventType as E;
    let mut w = World::new();
    let asked = |w: &mut World, ty: E, enter: &[Value<'_>], exit: &[Value<'_>]| {
        w.event(10, ty, enter);
        w.event(10, E(ty.0 + 1), exit);
        w.fd_name(10, 3) == "/asked"
    };
    let openat_enter = |dirfd: i64, flags: u32| [num(dirfd), "/asked".into(), flags.into(), 0u32.into()];
    let added = open::F_CREATED | open::UPPER_LAYER | open::LOWER_LAYER;
    for (dirfd, flags, want) in [(AT_FDCWD, 5, false), (4, 5, false), (3, 7, false), (3, 5, true)] {
        let exit = openat(3, 3, "/own", 5 | added);
        assert_eq!(asked(&mut w, E::SYSCALL_OPENAT_2_E, &openat_enter(dirfd, flags), &exit), want, "{dirfd} {flags}");
    }
    // An old driver wrote the two with different extensions to 64 bits.
    let exit = openat(3, 0xffff_ffff, "/own", 5);
    assert!(asked(&mut w, E::SYSCALL_OPENAT_2_E, &openat_enter(-1, 5), &exit));
    let exit = [num(3), "/own".into(), 5u32.into(), 0u32.into(), 0u32.into(), num(0)];
    for (flags, want) in [(1u32, false), (5, true)] {
        let enter = ["/asked".into(), flags.into(), 0u32.into()];
        assert_eq!(asked(&mut w, E::SYSCALL_OPEN_E, &enter, &exit), want, "{flags}");
    }
    let exit = [num(3), "/own".into(), 0o600u32.into(), 0u32.into(), num(0), 0u16.into()];
    for (mode, want) in [(0o644u32, false), (0o600, true)] {
        assert_eq!(asked(&mut w, E::SYSCALL_CREAT_E, &["/asked".into(), mode.into()], &exit), want, "{mode:o}");
    }
    // The flags of openat2 are in memory, where another thread may change them.
    let exit = [num(3), num(6), "/own".into(), 2u32.into(), 0u32.into(), 0u32.into(), 0u32.into(), num(0)];
    for (dirfd, want) in [(5, false), (6, true)] {
        let enter = [num(dirfd), "/asked".into(), 1u32.into(), 0u32.into(), 0u32.into()];
        assert_eq!(asked(&mut w, E::SYSCALL_OPENAT2_E, &enter, &exit), want, "{dirfd}");
    }
    assert_eq!(w.fd(10, 3).open_flags.get(), 1);
}

#[test]
fn paths_that_are_not_known_have_a_name_for_it() {
    let mut w = World::new();
    let params = [num(3), num(AT_FDCWD), NONE, 0u32.into(), 0u32.into(), NONE, NONE];
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &params);
    assert_eq!(w.fd_name(10, 3), "/home/<NA>");
    let params = [num(3), num(7), 0u32.into(), "/by/handle".into()];
    w.event(10, EventType::SYSCALL_OPEN_BY_HANDLE_AT_X, &params);
    assert_eq!(w.fd_name(10, 3), "/by/handle");
}

#[test]
fn a_closed_file_goes_with_the_next_event() {
    let mut w = World::new();
    w.open(10, 3, "/x");
    w.event(10, EventType::SYSCALL_CLOSE_X, &[num(-9), num(3)]);
    w.pass();
    assert!(w.has_fd(10, 3));
    w.event(10, EventType::SYSCALL_CLOSE_X, &[num(0), num(3)]);
    assert_eq!(text(w.current().fd.unwrap().name()), "/x");
    w.pass();
    assert!(!w.has_fd(10, 3));
    w.event(10, EventType::SYSCALL_CLOSE_X, &[num(0), num(3)]);
    assert_eq!((w.current().fd.is_none(), w.current().notes.fd_num), (true, 3));
}

#[test]
fn ranges_are_closed_or_marked() {
    let mut w = World::new();
    (3..9).for_each(|n| w.open(10, n, "/x"));
    w.event(10, EventType::SYSCALL_CLOSE_RANGE_X, &[num(0), 4u32.into(), 5u32.into(), 4u32.into()]);
    assert!(w.fd(10, 5).is_close_on_exec() && !w.fd(10, 6).is_close_on_exec());
    w.event(10, EventType::SYSCALL_CLOSE_RANGE_X, &[num(0), 5u32.into(), u32::MAX.into(), 0u32.into()]);
    assert_eq!(w.state().threads.fd_count(w.thread(10)), 2);
    w.event(10, EventType::SYSCALL_CLOSE_RANGE_X, &[num(-22), 0u32.into(), u32::MAX.into(), 0u32.into()]);
    assert_eq!(w.state().threads.fd_count(w.thread(10)), 2);
}

#[test]
fn copies_keep_the_name_and_not_the_mark() {
    let mut w = World::new();
    w.open(10, 3, "/x");
    w.fd(10, 3).open_flags.set(open::CLOEXEC | 2);
    w.event(10, EventType::SYSCALL_DUP2_X, &[num(1), num(3), num(1)]);
    assert_eq!((w.fd_name(10, 1), w.fd(10, 1).open_flags.get()), ("/x", 2));
    assert!(w.thread(10).has_flags(cl::PIPE_SRC) && !w.current().notes.fd_name_changed);
    w.event(10, EventType::SYSCALL_DUP3_X, &[num(5), num(3), num(5), open::CLOEXEC.into()]);
    assert!(w.fd(10, 5).is_close_on_exec());
    w.event(10, EventType::SYSCALL_FCNTL_X, &[num(6), num(3), 1u8.into(), num(0)]);
    w.event(10, EventType::SYSCALL_FCNTL_X, &[num(7), num(3), 26u8.into(), num(0)]);
    assert!(!w.fd(10, 6).is_close_on_exec() && w.fd(10, 7).is_close_on_exec());
    w.event(10, EventType::SYSCALL_FCNTL_X, &[num(0), num(6), 3u8.into(), num(1)]);
    assert!(w.fd(10, 6).is_close_on_exec() && !w.has_fd(10, 0));
    w.event(10, EventType::SYSCALL_DUP_1_X, &[num(9), num(8)]);
    assert!(!w.has_fd(10, 9), "a copy of what is not known is not known");
}

#[test]
fn every_kind_of_file_has_its_type() {
    let mut w = World::new();
    let cases: &[(EventType, &[Value<'_>], &str, bool)] = &[
        (EventType::SYSCALL_EVENTFD2_X, &[num(3), 0u16.into()], "event", false),
        (EventType::SYSCALL_SIGNALFD4_X, &[num(3), 0x1000u16.into()], "signalfd", true),
        (EventType::SYSCALL_TIMERFD_CREATE_X, &[num(3), 0u8.into(), 0u8.into()], "timerfd", false),
        (EventType::SYSCALL_INOTIFY_INIT1_X, &[num(3), 0x1000u16.into()], "inotify", true),
        (EventType::SYSCALL_EPOLL_CREATE1_X, &[num(3), 1u32.into()], "eventpoll", true),
        (EventType::SYSCALL_USERFAULTFD_X, &[num(3)], "userfaultfd", false),
        (EventType::SYSCALL_IO_URING_SETUP_X, &[num(3)], "io_uring", false),
        (EventType::SYSCALL_BPF_2_X, &[num(3)], "bpf", false),
        (EventType::SYSCALL_MEMFD_CREATE_X, &[num(3), "mem".into(), 1u32.into()], "memfd", true),
    ];
    for (ty, params, kind, close_on_exec) in cases {
        w.event(10, *ty, params);
        let fd = w.current().fd.unwrap();
        assert_eq!((fd.type_name(), fd.is_close_on_exec()), (*kind, *close_on_exec), "{ty:?}");
        let mut failed = params.to_vec();
        failed[0] = num(-1);
        w.event(20, *ty, &failed);
        assert_eq!(w.state().threads.fd_count(w.thread(20)), 0, "{ty:?}");
    }
}

#[test]
fn both_ends_of_a_pipe() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_PIPE2_X, &[num(0), num(3), num(4), num(55), open::CLOEXEC.into()]);
    assert!(w.fd(10, 3).is_pipe() && w.fd(10, 4).ino.get() == 55 && w.fd(10, 4).is_close_on_exec());
    assert_eq!(w.current().notes.fd_num, 4);
}

#[test]
fn a_pidfd_leads_to_another_process() {
    let mut w = World::new();
    w.open(20, 8, "/secret");
    w.event(10, EventType::SYSCALL_PIDFD_OPEN_X, &[num(3), num(20), 0u32.into()]);
    assert_eq!(w.fd_name(10, 3), "/proc/20");
    w.event(10, EventType::SYSCALL_PIDFD_GETFD_X, &[num(4), num(3), num(8), 0u32.into()]);
    assert!(w.fd_name(10, 4) == "/secret" && w.fd(10, 4).is_close_on_exec());
    w.event(10, EventType::SYSCALL_PIDFD_GETFD_X, &[num(5), num(3), num(9), 0u32.into()]);
    w.event(10, EventType::SYSCALL_PIDFD_GETFD_X, &[num(6), num(4), num(8), 0u32.into()]);
    assert!(!w.has_fd(10, 5) && !w.has_fd(10, 6));
}

#[test]
fn a_full_table_takes_no_more_files() {
    let mut w = World::new();
    (0..MAX_FDS as i64).for_each(|n| w.open(10, n, "/x"));
    w.event(10, EventType::SYSCALL_OPENAT_2_X, &openat(9999, AT_FDCWD, "/y", 0));
    assert!(!w.has_fd(10, 9999) && w.current().fd.is_none() && w.current().notes.fd_num == 9999);
}

#[test]
fn events_with_too_few_or_odd_parameters_do_no_harm() {
    for ty in (0..driver::EVENT_COUNT as u16).map(EventType) {
        let mut w = World::new();
        w.open(10, 0, "/x");
        let params = ty.info().unwrap().params.len();
        for n in 0..=params {
            w.event(10, ty, &vec![NONE; n]);
        }
        for byte in [0u8, 1, 3, 0x7F, 0xFF] {
            let bytes = [byte; 8];
            let odd: Vec<Value<'_>> = ty
                .info()
                .unwrap()
                .params
                .iter()
                .map(|p| Value::Bytes(&bytes[..encode::fixed_size(p.ty).unwrap_or(5)]))
                .collect();
            w.event(10, ty, &odd);
        }
        w.pass();
    }
}
