use super::*;
use crate::state::cl;

#[test]
fn users_and_groups_change() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_SETUID_X, &[num(0), 0u32.into()]);
    w.event(10, EventType::SYSCALL_SETRESGID_X, &[num(0), 1u32.into(), 2u32.into(), 3u32.into()]);
    assert_eq!((w.thread(10).uid.get(), w.thread(10).gid.get()), (0, 2));
    assert_eq!(w.state().users.user(0).unwrap().name, b"root");
    w.event(10, EventType::SYSCALL_SETREUID_X, &[num(-1), 8u32.into(), 9u32.into()]);
    assert_eq!(w.thread(10).uid.get(), 0);
}

#[test]
fn ids_that_a_call_leaves_as_they_are() {
    const SAME: u32 = u32::MAX;
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_SETRESUID_X, &[num(0), 5u32.into(), 6u32.into(), 7u32.into()]);
    w.event(10, EventType::SYSCALL_SETRESGID_X, &[num(0), 5u32.into(), 8u32.into(), 7u32.into()]);
    w.event(10, EventType::SYSCALL_SETRESUID_X, &[num(0), 1u32.into(), SAME.into(), 1u32.into()]);
    w.event(10, EventType::SYSCALL_SETREUID_X, &[num(0), 1u32.into(), SAME.into()]);
    w.event(10, EventType::SYSCALL_SETRESGID_X, &[num(0), 1u32.into(), SAME.into(), 1u32.into()]);
    w.event(10, EventType::SYSCALL_SETREGID_X, &[num(0), 1u32.into(), SAME.into()]);
    assert_eq!((w.thread(10).uid.get(), w.thread(10).gid.get()), (6, 8));
    w.event(10, EventType::SYSCALL_SETREUID_X, &[num(0), SAME.into(), 9u32.into()]);
    w.event(10, EventType::SYSCALL_SETREGID_X, &[num(0), SAME.into(), 4u32.into()]);
    assert_eq!((w.thread(10).uid.get(), w.thread(10).gid.get()), (9, 4));
}

#[test]
fn user_events_tell_names() {
    let mut w = World::new();
    let user = |name: &'static str, container: &'static str| -> [Value<'static>; 6] {
        [500u32.into(), 6u32.into(), name.into(), "/h".into(), "/sh".into(), container.into()]
    };
    w.event(-1, EventType::USER_ADDED_E, &user("anna", ""));
    w.event(-1, EventType::USER_ADDED_E, &user("ben", "c1"));
    w.event(-1, EventType::GROUP_ADDED_E, &[7u32.into(), "staff".into(), "".into()]);
    assert!(w.current().thread.is_none());
    let users = &w.state().users;
    assert_eq!((&users.user(500).unwrap().name[..], &users.user(500).unwrap().shell[..]), (&b"anna"[..], &b"/sh"[..]));
    assert_eq!(
        (&users.user_in(b"c1", 500).unwrap().name[..], &users.group(7).unwrap().name[..]),
        (&b"ben"[..], &b"staff"[..])
    );
    w.event(-1, EventType::USER_DELETED_E, &user("anna", ""));
    assert!(w.state().users.user(500).is_none());
}

#[test]
fn directories_and_roots() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_CHDIR_X, &[num(0), "a/b".into()]);
    assert_eq!(text(w.thread(10).own_cwd()), "/home/a/b/");
    w.event(10, EventType::SYSCALL_CHDIR_X, &[num(-2), "c".into()]);
    w.event(10, EventType::SYSCALL_CHROOT_X, &[num(0), "jail".into()]);
    assert_eq!((text(w.thread(10).own_cwd()), text(w.thread(10).root())), ("/home/a/b/", "/home/a/b/jail"));
    w.open(10, 4, "/srv");
    w.event(10, EventType::SYSCALL_FCHDIR_X, &[num(0), num(4)]);
    assert_eq!(text(w.thread(10).own_cwd()), "/srv/");
    w.event(10, EventType::SYSCALL_FCHDIR_X, &[num(0), num(5)]);
    assert_eq!(text(w.thread(10).own_cwd()), "/srv/", "an fd that is not known leads nowhere");
    w.event(10, EventType::SYSCALL_GETCWD_X, &[num(5), "/real".into()]);
    assert_eq!(text(w.thread(10).own_cwd()), "/real/");
}

#[test]
fn limits_are_those_of_the_process() {
    let mut w = World::new();
    w.info(ThreadInfo { flags: cl::CLONE_THREAD | cl::CLONE_FILES, ..info(11, 10, 1, "sh") });
    w.event(11, EventType::SYSCALL_SETRLIMIT_X, &[num(0), num(100), num(200), 7u8.into()]);
    assert_eq!(w.thread(10).fdlimit.get(), 100);
    w.event(11, EventType::SYSCALL_SETRLIMIT_X, &[num(0), num(5), num(200), 3u8.into()]);
    let prlimit = |res: i64, pid: i64| [num(res), num(300), num(0), num(0), num(0), num(pid), 7u8.into()];
    w.event(1, EventType::SYSCALL_PRLIMIT_X, &prlimit(0, 20));
    w.event(11, EventType::SYSCALL_PRLIMIT_X, &prlimit(-1, 0));
    assert_eq!((w.thread(10).fdlimit.get(), w.thread(20).fdlimit.get()), (100, 300));
    w.event(11, EventType::SYSCALL_PRLIMIT_X, &prlimit(0, 0));
    assert_eq!(w.state().threads.fd_limit(w.thread(11)), 300);
}

#[test]
fn sessions_and_capabilities() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_SETSID_X, &[num(10)]);
    w.event(10, EventType::SYSCALL_CAPSET_X, &[num(0), num(1), num(2), num(3)]);
    let t = w.thread(10);
    assert_eq!((t.sid.get(), t.cap_inheritable.get(), t.cap_permitted.get(), t.cap_effective.get()), (10, 1, 2, 3));
    w.event(10, EventType::SYSCALL_UNSHARE_X, &[num(0), cl::CLONE_NEWUSER.into()]);
    assert_eq!(w.thread(10).cap_effective.get(), (1 << 41) - 1);
}

#[test]
fn filters_see_what_an_event_made_of_the_state() {
    let mut w = World::new();
    w.inspector.set_filter(Some(Box::new(|c| Ok(c.thread.is_some_and(|t| t.sid.get() == 77)))));
    let setsid = |w: &mut World, sid: i64| w.event(10, EventType::SYSCALL_SETSID_X, &[num(sid)]);
    let changes_state = EventType::SYSCALL_SETSID_X.info().unwrap().flags.has(driver::EventFlags::MODIFIES_STATE);
    assert_eq!(setsid(&mut w, 77) == Next::Event, changes_state);
    w.thread(10).sid.set(77);
    assert_eq!(w.event(10, EventType::SYSCALL_UNLINK_2_X, &[num(0), "/x".into()]), Next::Event);
    assert_eq!(w.event(20, EventType::SYSCALL_UNLINK_2_X, &[num(0), "/x".into()]), Next::Filtered);
    assert_eq!(w.current().num, w.inspector.event_count());
}

#[test]
fn another_processor_ends_a_live_capture_alone() {
    let mut w = World::new();
    assert_eq!(w.event(0, EventType::CPU_HOTPLUG_E, &[1u32.into(), 1u32.into()]), Next::Event);
}
