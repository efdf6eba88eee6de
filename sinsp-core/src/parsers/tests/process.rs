use super::*;
use crate::state::{SignOfEnd, cl};

/// The parameters of a clone event that its parsers read.
struct Clone<'a> {
    ret: i64,
    pid: i64,
    ptid: i64,
    flags: u32,
    vtid: Option<i64>,
    vpid: i64,
    comm: &'a str,
}

impl Clone<'_> {
    fn params(&self) -> Vec<Value<'_>> {
        let ids = match self.vtid {
            Some(vtid) => [num(vtid), num(self.vpid)],
            None => [NONE, NONE],
        };
        let mut p =
            vec![num(self.ret), self.comm.into(), Value::Bytes(b"-c\0ls\0"), num(0), num(self.pid), num(self.ptid)];
        p.extend([NONE, num(1024), num(1), num(2), 3u32.into(), 4u32.into(), 5u32.into(), self.comm.into()]);
        p.extend([Value::Bytes(b"cpu=/x\0"), self.flags.into(), 7u32.into(), 8u32.into()]);
        p.extend(ids);
        p
    }
}

/// The parent's exit event of a clone that returned `ret`.
fn parents<'a>(ret: i64, pid: i64, ptid: i64, flags: u32) -> Clone<'a> {
    Clone { ret, pid, ptid, flags, vtid: Some(pid), vpid: pid, comm: "kid" }
}

/// The child's exit event.
fn childs<'a>(tid: i64, pid: i64, ptid: i64, flags: u32) -> Clone<'a> {
    Clone { ret: 0, pid, ptid, flags, vtid: Some(tid), vpid: pid, comm: "kid" }
}

fn fork_parent(w: &mut World, parent: i64, child: i64, flags: u32) {
    let event = parents(child, parent, w.thread(parent).ptid.get(), flags);
    w.event(parent, EventType::SYSCALL_CLONE_20_X, &event.params());
}

fn fork_child(w: &mut World, tid: i64, pid: i64, ptid: i64, flags: u32) {
    w.event(tid, EventType::SYSCALL_CLONE_20_X, &childs(tid, pid, ptid, flags).params());
}

fn exit(w: &mut World, tid: i64, reaper: i64) {
    w.event(tid, EventType::PROCEXIT_1_E, &[num(0), num(0), 0u8.into(), 0u8.into(), num(reaper)]);
}

fn exec<'a>(pid: i64, ptid: i64, path: Value<'a>) -> Vec<Value<'a>> {
    let mut p = vec![num(0), "prog".into(), Value::Bytes(b"-v\0"), num(pid), num(pid), num(ptid), NONE, num(77)];
    p.extend([
        num(0),
        num(0),
        0u32.into(),
        0u32.into(),
        0u32.into(),
        "prog".into(),
        NONE,
        Value::Bytes(b"A=1\0B= 2 \0"),
    ]);
    p.extend([9u32.into(), num(10), 11u32.into(), 3u32.into(), num(1), num(2), num(3), num(4), num(5), num(6)]);
    p.extend([12u32.into(), path, num(13), 14u32.into()]);
    p
}

fn children(w: &World, tid: i64) -> Vec<i64> {
    let mut tids: Vec<i64> = w.state().threads.children(w.thread(tid)).map(|t| t.tid.get()).collect();
    tids.sort_unstable();
    tids
}

#[test]
fn a_fork_gives_the_child_what_the_parent_has() {
    let mut w = World::new();
    w.open(10, 3, "/tmp/x");
    fork_parent(&mut w, 10, 30, 0);
    fork_child(&mut w, 30, 30, 10, 0);
    let t = w.thread(30);
    assert_eq!((t.pid.get(), t.ptid.get(), t.sid.get(), t.uid.get(), t.gid.get()), (30, 10, 1, 7, 8));
    assert_eq!((text(t.comm()), text(t.exepath()), text(t.own_cwd())), ("kid", "/bin/sh", "/home/"));
    assert_eq!((t.fdlimit.get(), t.vmswap_kb.get(), t.cgroup(b"cpu")), (1024, 5, Some(&b"/x"[..])));
    assert_eq!(w.fd_name(30, 3), "/tmp/x");
    assert_eq!((children(&w, 10), w.thread(10).not_expired_children.get()), (vec![20, 30], 2));
    // The child's fds are copies.
    w.event(30, EventType::SYSCALL_CLOSE_X, &[num(0), num(3)]);
    w.pass();
    assert!(!w.has_fd(30, 3) && w.has_fd(10, 3));
}

#[test]
fn the_child_may_come_first() {
    let mut w = World::new();
    fork_child(&mut w, 30, 30, 10, 0);
    let at = w.thread(30) as *const Thread;
    assert!(w.thread(30).has_flags(cl::CLONE_INVERTED));
    fork_parent(&mut w, 10, 30, 0);
    assert!(std::ptr::eq(at, w.thread(30)), "the parent's event makes no second child");
    assert_eq!(children(&w, 10), [20, 30]);
}

#[test]
fn threads_share_files_and_directory() {
    let mut w = World::new();
    w.open(10, 3, "/tmp/x");
    fork_parent(&mut w, 10, 11, cl::CLONE_THREAD);
    let threads = &w.state().threads;
    assert_eq!((w.thread(11).pid.get(), w.thread(11).ptid.get()), (10, 1));
    assert_eq!(threads.main_thread(w.thread(11)).unwrap().tid.get(), 10);
    assert_eq!((threads.thread_count(w.thread(10)), threads.secondary_thread_count(w.thread(10))), (2, 1));
    assert_eq!((w.fd_name(11, 3), text(threads.cwd(w.thread(11)))), ("/tmp/x", "/home/"));
    w.event(11, EventType::SYSCALL_CHDIR_X, &[num(0), "sub".into()]);
    assert_eq!(text(w.thread(10).own_cwd()), "/home/sub/");
}

#[test]
fn the_number_of_a_namespace_is_none_of_the_host() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 2, cl::CHILD_IN_PIDNS);
    assert!(!w.has(2));
    let event = Clone { ret: 0, pid: 40, ptid: 10, flags: cl::CHILD_IN_PIDNS, vtid: Some(2), vpid: 2, comm: "kid" };
    w.event(40, EventType::SYSCALL_CLONE_20_X, &event.params());
    assert_eq!((w.thread(40).vtid.get(), w.thread(40).ptid.get()), (2, 10));
}

#[test]
fn a_parent_that_nothing_is_known_of_learns_from_its_clone() {
    let mut w = World::new();
    let event = parents(60, 50, 1, 0);
    w.event(50, EventType::SYSCALL_CLONE_20_X, &event.params());
    let (parent, child) = (w.thread(50), w.thread(60));
    assert_eq!((parent.pid.get(), parent.ptid.get(), text(parent.comm())), (50, 1, "kid"));
    assert_eq!((child.pid.get(), child.ptid.get()), (60, 50));
    assert_eq!(w.state().threads.parent(child).unwrap().tid.get(), 50);
}

#[test]
fn an_old_capture_has_no_ids_within_the_namespace() {
    let mut w = World::new();
    let event = Clone { vtid: None, ..parents(60, 50, 1, 0) };
    w.event(50, EventType::SYSCALL_CLONE_20_X, &event.params());
    assert_eq!((w.thread(50).vtid.get(), w.thread(50).vpid.get()), (50, -1));
    assert!(w.has(60));
}

#[test]
fn a_reused_number_is_another_thread() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 30, 0);
    let id = w.thread(30).id();
    w.now += 3 * SECOND;
    // Its exit event was lost.
    fork_child(&mut w, 30, 30, 20, 0);
    assert_eq!(w.thread(30).ptid.get(), 20);
    assert!(w.state().threads.by_id(id).is_none(), "the handle of the old thread finds nothing");
    // If the child's event is lost, the parent's event replaces the old thread too.
    w.now += 3 * SECOND;
    w.inspector.state_mut().threads.get_mut(30).unwrap().flags.set(0);
    fork_parent(&mut w, 10, 30, 0);
    assert_eq!(w.thread(30).ptid.get(), 10);
    assert_eq!(w.current().thread.unwrap().tid.get(), 10);
}

#[test]
fn a_child_that_is_gone_does_not_come_back() {
    let mut w = World::new();
    fork_child(&mut w, 30, 30, 10, 0);
    exit(&mut w, 30, 0);
    fork_parent(&mut w, 10, 30, 0);
    assert!(!w.has(30));
    w.now += 3 * SECOND;
    fork_parent(&mut w, 10, 30, 0);
    assert!(w.has(30), "after a while the number is free again");
}

#[test]
fn the_parent_of_a_vfork_leaves_the_child_to_itself() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_VFORK_20_X, &parents(30, 10, 1, 0).params());
    assert!(!w.has(30));
}

#[test]
fn a_failed_clone_changes_nothing() {
    let mut w = World::new();
    fork_parent(&mut w, 10, -11, 0);
    assert_eq!((w.state().threads.len(), w.current().notes.errno), (3, -11));
}

#[test]
fn the_table_has_a_limit_that_holds() {
    let mut w = World::new();
    w.inspector.state_mut().threads.set_limit(4);
    fork_child(&mut w, 30, 30, 10, 0);
    fork_child(&mut w, 31, 31, 10, 0);
    assert!(w.has(30) && !w.has(31) && w.current().thread.is_none());
    w.event(99, EventType::SYSCALL_SETSID_X, &[num(99)]);
    assert!(!w.has(99) && w.current().thread.is_none());
    assert_eq!((w.state().threads.len(), w.state().stats.threads_dropped.get()), (4, 1));
}

#[test]
fn an_exit_takes_the_thread_with_the_next_event() {
    let mut w = World::new();
    exit(&mut w, 20, 0);
    assert!(w.current().thread.unwrap().is_dead());
    w.pass();
    assert!(!w.has(20));
    assert_eq!((children(&w, 10), w.thread(10).not_expired_children.get()), (vec![], 0));
}

#[test]
fn orphans_go_where_the_kernel_says() {
    let mut w = World::new();
    w.process(5, 1, "manager");
    exit(&mut w, 10, 5);
    w.pass();
    assert_eq!((w.thread(20).ptid.get(), children(&w, 5)), (5, vec![20]));
    assert!(w.state().threads.is_reaper(w.thread(5)));
}

#[test]
fn orphans_go_to_init_or_to_whoever_asked_for_them() {
    let mut w = World::new();
    w.process(30, 20, "deep");
    exit(&mut w, 20, 0);
    w.pass();
    assert_eq!(w.thread(30).ptid.get(), 1);
    let mut w = World::new();
    w.process(30, 20, "deep");
    w.event(10, EventType::SYSCALL_PRCTL_X, &[num(0), 36u32.into(), NONE, num(1)]);
    exit(&mut w, 20, 0);
    w.pass();
    assert_eq!(w.thread(30).ptid.get(), 10);
}

#[test]
fn orphans_stay_with_a_living_thread_of_their_process() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 11, cl::CLONE_THREAD);
    exit(&mut w, 10, 0);
    w.pass();
    assert!(w.has(10), "a main thread stays as long as its process");
    assert_eq!(w.thread(20).ptid.get(), 11);
    assert_eq!(w.fd_count_of(11), 0);
    exit(&mut w, 11, 0);
    w.pass();
    assert!(!w.has(10) && !w.has(11));
    assert_eq!(w.thread(20).ptid.get(), 1);
}

impl World {
    fn fd_count_of(&self, tid: i64) -> usize {
        self.state().threads.fd_count(self.thread(tid))
    }
}

#[test]
fn loops_in_the_ancestry_end() {
    let mut w = World::new();
    for (tid, ptid) in [(10, 20), (1, 1)] {
        w.thread(tid).ptid.set(ptid);
    }
    let threads = &w.state().threads;
    for tid in [1, 10, 20] {
        assert!(threads.ancestors(w.thread(tid)).count() <= 4);
        assert!(threads.parent_threads(w.thread(tid)).count() <= 4);
    }
    w.process(30, 20, "deep");
    exit(&mut w, 20, 0);
    w.pass();
    assert_eq!(w.thread(30).ptid.get(), 0, "nobody takes the orphans of a loop");
}

#[test]
fn exec_makes_another_program_of_the_process() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 11, cl::CLONE_THREAD);
    w.open(10, 3, "/kept");
    w.open(10, 4, "/closed");
    w.fd(10, 4).open_flags.set(crate::state::open::CLOEXEC);
    w.event(10, EventType::SYSCALL_EXECVE_19_X, &exec(10, 1, "/usr/bin/prog (deleted)".into()));
    let t = w.thread(10);
    assert_eq!((text(t.comm()), text(t.exe()), text(t.exepath())), ("prog", "prog", "/usr/bin/prog"));
    assert_eq!((t.args().get(0), t.own_env().len(), t.fdlimit.get()), (Some(&b"-v"[..]), 2, 77));
    assert_eq!(w.state().threads.env_var(t, b"B"), Some(&b"2"[..]));
    assert_eq!(
        (t.tty.get(), t.vpgid.get(), t.loginuid.get(), t.uid.get(), t.pgid.get(), t.gid.get()),
        (9, 10, 11, 12, 13, 14)
    );
    assert_eq!((t.cap_inheritable.get(), t.cap_permitted.get(), t.cap_effective.get()), (1, 2, 3));
    assert_eq!((t.exe_ino.get(), t.exe_ino_ctime.get(), t.exe_ino_mtime.get()), (4, 5, 6));
    assert!(t.exe_writable.get() && t.exe_upper_layer.get() && !t.exe_from_memfd.get());
    assert!(!w.has(11), "the other threads are gone");
    assert!(w.has_fd(10, 3) && !w.has_fd(10, 4));
    assert_eq!(w.thread(10).lastexec_ts.get(), w.now);
}

#[test]
fn a_failed_exec_changes_nothing() {
    let mut w = World::new();
    let mut params = exec(10, 1, "/x".into());
    params[0] = num(-2);
    w.event(10, EventType::SYSCALL_EXECVE_19_X, &params);
    assert_eq!((text(w.thread(10).comm()), w.current().notes.errno), ("sh", -2));
}

#[test]
fn exec_tells_who_an_unknown_thread_is() {
    let mut w = World::new();
    w.event(50, EventType::SYSCALL_EXECVE_19_X, &exec(50, 10, "/p".into()));
    let t = w.thread(50);
    assert_eq!((t.pid.get(), t.ptid.get(), t.vtid.get(), t.vpid.get()), (50, 10, 50, 50));
    assert_eq!(children(&w, 10), [20, 50]);
}

#[test]
fn exec_revives_a_main_thread_that_had_exited() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 11, cl::CLONE_THREAD);
    exit(&mut w, 10, 0);
    w.event(10, EventType::SYSCALL_EXECVE_19_X, &exec(10, 1, "/p".into()));
    assert!(!w.thread(10).is_dead() && !w.has(11));
    assert_eq!(w.state().threads.thread_count(w.thread(10)), 1);
}

#[test]
fn the_path_of_an_old_exec_follows_from_its_enter_event() {
    let mut w = World::new();
    let next = w.event(10, EventType::SYSCALL_EXECVE_19_E, &["../bin/prog".into()]);
    assert_eq!(next, Next::Filtered, "it comes for the exit event's sake");
    w.event(10, EventType::SYSCALL_EXECVE_19_X, &exec(10, 1, NONE));
    assert_eq!(text(w.thread(10).exepath()), "/bin/prog");
    let kept = scap_sys::Event::new(&w.current().notes.enter, 0, 0).map(|e| e.ty());
    assert_eq!(kept.unwrap(), EventType::SYSCALL_EXECVE_19_E, "whoever keeps the exit event needs it");
    w.event(10, EventType::SYSCALL_EXECVE_19_X, &exec(10, 1, "/bin/other".into()));
    assert!(w.current().notes.enter.is_empty());

    w.open(20, 7, "/opt/tool");
    w.event(20, EventType::SYSCALL_EXECVEAT_E, &[num(7), "sub/x".into(), 0u32.into()]);
    w.event(20, EventType::SYSCALL_EXECVE_19_X, &exec(20, 10, NONE));
    assert_eq!(text(w.thread(20).exepath()), "/opt/tool/sub/x");
    w.open(20, 7, "/opt/tool");
    w.event(20, EventType::SYSCALL_EXECVEAT_E, &[num(7), NONE, 1u32.into()]);
    w.event(20, EventType::SYSCALL_EXECVE_19_X, &exec(20, 10, NONE));
    assert_eq!(text(w.thread(20).exepath()), "/opt/tool");
    w.event(20, EventType::SYSCALL_EXECVEAT_E, &[num(9), "x".into(), 0u32.into()]);
    w.event(20, EventType::SYSCALL_EXECVE_19_X, &exec(20, 10, NONE));
    assert_eq!(text(w.thread(20).exepath()), "<NA>", "the directory is not known");
}

#[test]
fn an_enter_event_of_another_call_is_not_used() {
    let mut w = World::new();
    w.event(10, EventType::SYSCALL_EXECVE_19_E, &["/bin/other".into()]);
    // Its exit event was lost.
    w.event(10, EventType::SYSCALL_SETSID_X, &[num(10)]);
    w.event(10, EventType::SYSCALL_EXECVE_19_X, &exec(10, 1, NONE));
    assert_eq!(text(w.thread(10).exepath()), "/bin/sh");
    assert_eq!(w.state().stats.enter_events_missed.get(), 1);
}

#[test]
fn an_unknown_thread_is_invented_once() {
    let mut w = World::new();
    for _ in 0..2 {
        w.event(70, EventType::SYSCALL_SETSID_X, &[num(-1)]);
        let t = w.current().thread.unwrap();
        assert_eq!((t.tid.get(), t.pid.get(), text(t.comm())), (70, -1, "<NA>"));
    }
    assert_eq!(w.state().stats.threads_invented.get(), 1);
    assert!(w.state().threads.parent(w.thread(70)).is_none() && w.state().threads.fd_count(w.thread(70)) == 0);
    assert_eq!(w.state().threads.cwd(w.thread(70)), b"./");
}

#[test]
fn a_pinned_thread_outlives_its_removal() {
    let mut w = World::new();
    let id = w.thread(20).id();
    let threads = &w.state().threads;
    assert!(threads.pin(id) && threads.pin(id));
    let at = w.thread(20) as *const Thread;
    exit(&mut w, 20, 0);
    w.pass();
    assert!(!w.has(20) && w.state().threads.by_id(id).is_none());
    fork_child(&mut w, 20, 20, 10, 0);
    let kept = w.state().threads.pinned(id).unwrap();
    assert!(std::ptr::eq(at, kept) && text(kept.comm()) == "work");
    let threads = &mut w.inspector.state_mut().threads;
    threads.unpin(id);
    assert!(threads.pinned(id).is_some());
    threads.unpin(id);
    assert!(threads.pinned(id).is_none() && !threads.pin(id));
    threads.unpin(id);
}

#[test]
fn a_quiet_thread_with_another_name_is_another_thread_unless_events_are_left_out() {
    let own = i64::from(std::process::id());
    let mut w = World::new();
    let Ok(scanner) = scap_sys::linux::Scanner::new(&scap_sys::linux::ScanOptions::default()) else { return };
    w.inspector.state_mut().set_source(Some(Box::new(scanner)));
    w.event(own, EventType::SYSCALL_SETSID_X, &[num(-1)]);
    assert!(!w.thread(own).comm().is_empty(), "it comes from /proc");
    w.inspector.state_mut().threads.get_mut(own).unwrap().set_comm(b"an older name");
    let now = w.state().now;
    for (sign, stays) in [(SignOfEnd::NoSuchId, true), (SignOfEnd::NoSuchName, false)] {
        w.thread(own).lastaccess_ts.set(now - 2);
        w.inspector.state_mut().purge(1, sign);
        assert_eq!(w.has(own), stays, "{sign:?}");
    }
}

#[test]
fn a_purge_removes_what_nobody_knows() {
    let mut w = World::new();
    w.event(70, EventType::SYSCALL_SETSID_X, &[num(-1)]);
    let now = w.state().now;
    for tid in [1, 10, 20] {
        w.thread(tid).lastaccess_ts.set(now - 1);
    }
    w.inspector.state_mut().purge(1, SignOfEnd::NoSuchName);
    assert!(!w.has(70) && w.state().threads.len() == 3, "the others are not quiet for long enough");
    w.thread(20).lastaccess_ts.set(now - 2);
    w.inspector.state_mut().purge(1, SignOfEnd::NoSuchName);
    assert!(!w.has(20) && w.has(10) && w.has(1), "without a system to ask, a quiet thread is taken for gone");
    assert!(children(&w, 10).is_empty());
}

#[test]
fn the_thread_that_exits_is_known_until_it_leaves() {
    let mut w = World::new();
    assert_eq!(w.inspector.exiting_thread(), None);
    exit(&mut w, 20, 0);
    assert_eq!((w.inspector.exiting_thread(), w.has(20)), (Some(20), true));
    w.pass();
    assert_eq!((w.inspector.exiting_thread(), w.has(20)), (None, false));
}

#[test]
fn a_thread_without_its_group_is_in_no_process() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 11, cl::CLONE_THREAD);
    let id = w.thread(11).id();
    let threads = &mut w.inspector.state_mut().threads;
    let group = threads.group_of_pid(10).unwrap();
    assert!(threads.set_group(id, None));
    let t = threads.by_id(id).unwrap();
    assert_eq!((threads.thread_count(t), threads.secondary_thread_count(t)), (0, 0));
    assert!(threads.main_thread(t).is_none() && threads.fds(t).is_none());
    assert_eq!(threads.group(group).unwrap().members().count(), 2, "the list stays as it is");
    assert!(threads.set_group(id, Some(group)));
    assert_eq!(threads.main_thread(threads.by_id(id).unwrap()).unwrap().tid.get(), 10);
    // It is removed like any other thread of its process.
    w.inspector.state_mut().remove_thread(11);
    assert_eq!(w.state().threads.thread_count(w.thread(10)), 1);
}

#[test]
fn faults_and_memory_are_counted_at_a_switch() {
    let mut w = World::new();
    fork_parent(&mut w, 10, 11, cl::CLONE_THREAD);
    let params = [num(0), num(5), num(6), 7u32.into(), 8u32.into(), 9u32.into()];
    w.event(11, EventType::SCHEDSWITCH_6_E, &params);
    assert_eq!((w.thread(11).pfmajor.get(), w.thread(11).pfminor.get()), (5, 6));
    assert_eq!((w.thread(10).vmsize_kb.get(), w.thread(10).vmrss_kb.get(), w.thread(10).vmswap_kb.get()), (7, 8, 9));
    w.event(12, EventType::SCHEDSWITCH_6_E, &params);
    assert!(!w.has(12), "a switch invents no thread");
}
