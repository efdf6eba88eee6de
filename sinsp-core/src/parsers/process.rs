//! The life of threads: clone and similar calls, exec, exit, and scheduler switches.

use super::{Args, Notice, Parser};
use crate::state::store::{ThreadList, ThreadText};
use crate::state::{Thread, ThreadId, cl};
use driver::EventType;

/// If a thread was added longer ago than this when its clone event comes, it is an older thread with the same tid. In
/// nanoseconds.
const STALE: u64 = 2_000_000_000;

/// The value of `collision` if the new thread replaced none.
const NO_COLLISION: i64 = -1;

/// The positions of the parameters that clone, fork, vfork and exec events share.
mod at {
    pub const EXE: usize = 1;
    pub const ARGS: usize = 2;
    pub const PID: usize = 4;
    pub const PTID: usize = 5;
    pub const FDLIMIT: usize = 7;
    pub const PGFT_MAJ: usize = 8;
    pub const PGFT_MIN: usize = 9;
    pub const VM_SIZE: usize = 10;
    pub const VM_RSS: usize = 11;
    pub const VM_SWAP: usize = 12;
    pub const COMM: usize = 13;
    pub const CGROUPS: usize = 14;
}

/// The positions of the parameters of clone, fork and vfork events.
mod clone {
    pub const FLAGS: usize = 15;
    pub const UID: usize = 16;
    pub const GID: usize = 17;
    pub const VTID: usize = 18;
    pub const VPID: usize = 19;
    pub const PIDNS_START: usize = 20;
}

/// The positions of the parameters of exec events.
mod exec {
    pub const ENV: usize = 15;
    pub const TTY: usize = 16;
    pub const VPGID: usize = 17;
    pub const LOGINUID: usize = 18;
    pub const FLAGS: usize = 19;
    pub const CAP_INHERITABLE: usize = 20;
    pub const CAP_PERMITTED: usize = 21;
    pub const CAP_EFFECTIVE: usize = 22;
    pub const EXE_INO: usize = 23;
    pub const EXE_INO_CTIME: usize = 24;
    pub const EXE_INO_MTIME: usize = 25;
    pub const UID: usize = 26;
    pub const EXEPATH: usize = 27;
    pub const PGID: usize = 28;
    pub const GID: usize = 29;

    pub const EXE_WRITABLE: u32 = 1;
    pub const EXE_UPPER_LAYER: u32 = 1 << 1;
    pub const EXE_FROM_MEMFD: u32 = 1 << 2;
    pub const EXE_LOWER_LAYER: u32 = 1 << 3;
}

/// Exit of clone, clone3, fork and vfork. It comes twice: in the parent with the child's tid, in the child with 0.
pub(super) fn clone_exit(p: &mut Parser<'_, '_>) {
    match p.args.result() {
        Some(0) => in_child(p),
        Some(child) if child > 0 => in_parent(p, child),
        _ => {}
    }
}

fn in_parent(p: &mut Parser<'_, '_>, child_tid: i64) {
    let tid = p.event.tid();
    p.current.thread = p.state.find_or_invent(tid);
    let Some(id) = p.current.thread else { return };
    let Some(caller) = p.thread() else { return };
    // The parent is unknown: take its ids from the event.
    let known = !caller.is_invalid();
    if !known {
        p.args.i64(at::PID).into_iter().for_each(|pid| caller.pid.set(pid));
        p.args.i64(at::PTID).into_iter().for_each(|ptid| caller.ptid.set(ptid));
        let (vtid, vpid) = virtual_ids(p, tid);
        caller.vtid.set(vtid);
        caller.vpid.set(vpid);
        p.state.tie(id);
    }
    let Some(caller) = p.thread() else { return };
    let flags = p.args.u32(clone::FLAGS).unwrap_or(0);
    // In a pid namespace the result is not a tid of the initial namespace; only the child's event has that. (Old captures
    // lack some of these flags.)
    let in_namespace = flags & (cl::CHILD_IN_PIDNS | cl::CLONE_NEWPID | cl::CLONE_PARENT) != 0;
    if in_namespace || caller.vtid.get() != tid {
        return;
    }
    // The child of a vfork ran, and may have exited, before the parent returns.
    if flags & cl::CLONE_VFORK != 0 || p.event.ty() == EventType::SYSCALL_VFORK_20_X {
        return;
    }
    if p.state.has_recently_exited(child_tid, tid) {
        return;
    }
    let mut collision = NO_COLLISION;
    if let Some(there) = p.state.threads.get(child_tid) {
        if there.has_flags(cl::CLONE_INVERTED) {
            return;
        }
        p.state.remove_thread(child_tid);
        collision = child_tid;
    }
    let Some(caller) = p.state.threads.by_id(id) else {
        // Removing the old thread also removed the parent's entry.
        p.current.thread = p.state.threads.id_of(tid);
        return;
    };
    let mut child = Thread::new(child_tid);
    child.flags.set(flags);
    if flags & cl::CLONE_THREAD == 0 {
        child.pid.set(child_tid);
        child.ptid.set(tid);
        if known {
            inherit_process(p, caller, &mut child);
        }
    } else {
        child.pid.set(caller.pid.get());
        child.ptid.set(caller.ptid.get());
        child.set_flags(cl::CLONE_FILES);
        child.lastexec_ts.set(caller.lastexec_ts.get());
    }
    child.vtid.set(child_tid);
    child.vpid.set(child.pid.get());
    if known {
        inherit(caller, &mut child);
    }
    describe(p, &mut child);
    child.pidns_init_start_ts.set(p.state.machine.boot_ts);
    if !known {
        lend_names(p, id, &child);
    }
    if p.state.add_thread(child, true).is_some() {
        p.current.notices.post(Notice::Clone { child: child_tid, collision });
    }
}

fn in_child(p: &mut Parser<'_, '_>) {
    let tid = p.event.tid();
    let mut collision = NO_COLLISION;
    if let Some(t) = p.thread().filter(|t| t.clone_ts.get() != 0) {
        if p.event.ts().wrapping_sub(t.clone_ts.get()) < STALE {
            // The parent's event came first and added the thread.
            return;
        }
        p.state.remove_thread(tid);
        collision = tid;
    }
    p.current.thread = None;
    let mut child = Thread::new(tid);
    p.args.i64(at::PID).into_iter().for_each(|pid| child.pid.set(pid));
    p.args.i64(at::PTID).into_iter().for_each(|ptid| child.ptid.set(ptid));
    let (vtid, vpid) = virtual_ids(p, tid);
    child.vtid.set(vtid);
    child.vpid.set(vpid);
    child.flags.set(p.args.u32(clone::FLAGS).unwrap_or(0) | cl::CLONE_INVERTED);
    // A process inherits from its parent, a thread from its main thread.
    let leads = !child.has_flags(cl::CLONE_THREAD);
    if !leads {
        child.set_flags(cl::CLONE_FILES);
    }
    let model = if leads { child.ptid.get() } else { child.pid.get() };
    let Some(model_id) = p.state.find_or_invent(model) else { return };
    let Some(model) = p.state.threads.by_id(model_id) else { return };
    let known = !model.is_invalid();
    if !known && !leads {
        model.pid.set(child.pid.get());
        model.ptid.set(child.ptid.get());
        model.vpid.set(child.vpid.get());
        model.vtid.set(child.vpid.get());
        p.state.tie(model_id);
    }
    let Some(model) = p.state.threads.by_id(model_id) else { return };
    if known {
        inherit(model, &mut child);
        if leads {
            inherit_process(p, model, &mut child);
        } else {
            child.lastexec_ts.set(model.lastexec_ts.get());
        }
    }
    describe(p, &mut child);
    if !known && !leads {
        lend_names(p, model_id, &child);
    }
    let boot = p.state.machine.boot_ts;
    let in_namespace = child.has_flags(cl::CHILD_IN_PIDNS | cl::CLONE_NEWPID) || child.tid != child.vtid;
    let since_boot = if in_namespace { p.args.u64(clone::PIDNS_START) } else { Some(0) };
    since_boot.into_iter().for_each(|start| child.pidns_init_start_ts.set(start.wrapping_add(boot)));
    p.current.thread = p.state.add_thread(child, true);
    if p.current.thread.is_some() {
        p.current.notices.post(Notice::Clone { child: tid, collision });
    }
}

/// The tid and pid of the event's thread in its pid namespace. Old captures lack them.
fn virtual_ids(p: &Parser<'_, '_>, tid: i64) -> (i64, i64) {
    match p.args.i64(clone::VPID) {
        Some(vpid) => (p.args.i64(clone::VTID).unwrap_or(tid), vpid),
        None => (tid, -1),
    }
}

/// Copies the attributes that every new thread inherits.
fn inherit(from: &Thread, child: &mut Thread) {
    child.copy_text(ThreadText::ExePath, from);
    child.copy_text(ThreadText::Root, from);
    child.exe_writable.set(from.exe_writable.get());
    child.exe_upper_layer.set(from.exe_upper_layer.get());
    child.exe_lower_layer.set(from.exe_lower_layer.get());
    child.exe_from_memfd.set(from.exe_from_memfd.get());
    child.sid.set(from.sid.get());
    child.vpgid.set(from.vpgid.get());
    child.pgid.set(from.pgid.get());
    child.tty.set(from.tty.get());
    child.loginuid.set(from.loginuid.get());
    child.cap_permitted.set(from.cap_permitted.get());
    child.cap_inheritable.set(from.cap_inheritable.get());
    child.cap_effective.set(from.cap_effective.get());
    child.exe_ino.set(from.exe_ino.get());
    child.exe_ino_ctime.set(from.exe_ino_ctime.get());
    child.exe_ino_mtime.set(from.exe_ino_mtime.get());
    child.exe_ino_ctime_duration_clone_ts.set(from.exe_ino_ctime_duration_clone_ts.get());
    // The event's own texts are mostly equal to the parent's; copied first, they then share the memory.
    child.copy_text(ThreadText::Exe, from);
    child.copy_text(ThreadText::Comm, from);
    child.set_list(ThreadList::Args, from.args().to_list());
    child.set_list(ThreadList::Cgroups, from.cgroup_list());
}

/// Copies the attributes that only a new process inherits.
fn inherit_process(p: &Parser<'_, '_>, from: &Thread, child: &mut Thread) {
    let threads = &p.state.threads;
    if let Some(fds) = threads.fds(from) {
        child.own_fds = fds.for_child();
        p.state.stats.fds_added.add(child.own_fds.len() as u64);
    }
    match threads.main_thread(from) {
        Some(main) => child.copy_text(ThreadText::Cwd, main),
        None => child.set_text(ThreadText::Cwd, b"./"),
    }
    child.set_list(ThreadList::Env, threads.env(from).to_list());
}

/// Sets the attributes of a new thread that the event has.
fn describe(p: &mut Parser<'_, '_>, child: &mut Thread) {
    names(p.args, child);
    p.args.i64(at::FDLIMIT).into_iter().for_each(|limit| child.fdlimit.set(limit));
    memory(p.args, child);
    child.uid.set(p.args.u32(clone::UID).unwrap_or(u32::MAX));
    child.gid.set(p.args.u32(clone::GID).unwrap_or(u32::MAX));
    p.state.users.add_seen(child.uid.get(), child.gid.get());
    child.clone_ts.set(p.event.ts());
}

/// Sets the names that clone and exec events have.
fn names(args: Args<'_>, t: &mut Thread) {
    t.set_exe(args.text(at::EXE));
    if args.is_empty(at::COMM) {
        t.comm_from_exe();
    } else {
        t.set_comm(args.text(at::COMM));
    }
    // After the name, because an object outside the core makes its command line from both.
    t.set_args(args.bytes(at::ARGS));
    let cgroups = args.bytes(at::CGROUPS);
    if !cgroups.is_empty() {
        t.set_cgroups(cgroups);
    }
}

fn memory(args: Args<'_>, t: &Thread) {
    let Some(swap) = args.u32(at::VM_SWAP) else { return };
    t.pfmajor.set(args.u64(at::PGFT_MAJ).unwrap_or(0));
    t.pfminor.set(args.u64(at::PGFT_MIN).unwrap_or(0));
    t.vmsize_kb.set(args.u32(at::VM_SIZE).unwrap_or(0));
    t.vmrss_kb.set(args.u32(at::VM_RSS).unwrap_or(0));
    t.vmswap_kb.set(swap);
}

/// Copies the names of a relative to a thread with only an id.
fn lend_names(p: &mut Parser<'_, '_>, to: ThreadId, from: &Thread) {
    if let Some(t) = p.state.threads.by_id_mut(to) {
        t.copy_text(ThreadText::Exe, from);
        t.copy_text(ThreadText::Comm, from);
        t.set_list(ThreadList::Args, from.args().to_list());
    }
}

/// Exit of execve and execveat: the thread runs a new program, and all other threads of its process end.
pub(super) fn exec_exit(p: &mut Parser<'_, '_>) {
    if p.args.result().is_none_or(|r| r < 0) {
        return;
    }
    let Some(id) = p.current.thread else { return };
    p.state.resurrect(id);
    let args = p.args;
    let environment = args.i64(at::PID).and_then(|pid| p.state.large_environment(pid, args.bytes(exec::ENV)));
    let Some(t) = p.state.threads.by_id_mut(id) else { return };
    names(args, t);
    t.lastexec_ts.set(p.event.ts());
    args.i64(at::PID).into_iter().for_each(|pid| t.pid.set(pid));
    let untied = t.is_invalid();
    if untied {
        args.i64(at::PTID).into_iter().for_each(|ptid| t.ptid.set(ptid));
        if !t.has_flags(cl::CHILD_IN_PIDNS) {
            t.vtid.set(t.tid.get());
            t.vpid.set(t.pid.get());
        }
    }
    args.i64(at::FDLIMIT).into_iter().for_each(|limit| t.fdlimit.set(limit));
    memory(args, t);
    match &environment {
        Some(whole) => t.set_env(whole),
        None if args.is_empty(exec::ENV) => {}
        None => t.set_env(args.bytes(exec::ENV)),
    }
    args.u32(exec::TTY).into_iter().for_each(|tty| t.tty.set(tty));
    args.i64(exec::VPGID).into_iter().for_each(|vpgid| t.vpgid.set(vpgid));
    args.u32(exec::LOGINUID).into_iter().for_each(|uid| t.loginuid.set(uid));
    if let Some(flags) = args.u32(exec::FLAGS) {
        t.exe_writable.set(flags & exec::EXE_WRITABLE != 0);
        t.exe_upper_layer.set(flags & exec::EXE_UPPER_LAYER != 0);
        t.exe_from_memfd.set(flags & exec::EXE_FROM_MEMFD != 0);
        t.exe_lower_layer.set(flags & exec::EXE_LOWER_LAYER != 0);
    }
    args.u64(exec::CAP_INHERITABLE).into_iter().for_each(|caps| t.cap_inheritable.set(caps));
    args.u64(exec::CAP_PERMITTED).into_iter().for_each(|caps| t.cap_permitted.set(caps));
    args.u64(exec::CAP_EFFECTIVE).into_iter().for_each(|caps| t.cap_effective.set(caps));
    inode(args, t);
    args.u32(exec::UID).into_iter().for_each(|uid| t.uid.set(uid));
    t.pgid.set(args.i64(exec::PGID).unwrap_or(-1));
    args.u32(exec::GID).into_iter().for_each(|gid| t.gid.set(gid));
    if !args.is_empty(exec::EXEPATH) {
        t.set_exepath(args.text(exec::EXEPATH));
    }
    let (uid, gid) = (t.uid.get(), t.gid.get());
    p.state.users.add_seen(uid, gid);
    if untied {
        p.state.tie(id);
    }
    if args.is_empty(exec::EXEPATH) {
        exepath_of_old_capture(p);
    }
    p.state.retain_fds(id, |fd| !fd.is_close_on_exec());
    let Some(t) = p.state.threads.by_id(id) else { return };
    let kept = cl::PIPE_SRC | cl::PIPE_DST | cl::IS_MAIN_THREAD | cl::CLONE_INVERTED;
    t.flags.set(t.flags.get() & kept | cl::ACTIVE | cl::NAME_CHANGED);
    // The other threads have ended. The calling thread gets the tid of the main thread (execve(2)).
    if p.state.threads.thread_count(t) > 1 {
        let others: Vec<i64> = p
            .state
            .threads
            .process_threads(t)
            .filter(|other| !other.is_main_thread() && other.tid != t.tid)
            .map(|other| other.tid.get())
            .collect();
        others.into_iter().for_each(|tid| p.state.remove_thread(tid));
    }
    p.current.notices.post(Notice::Exec);
}

fn inode(args: Args<'_>, t: &Thread) {
    let Some(mtime) = args.u64(exec::EXE_INO_MTIME) else { return };
    let ctime = args.u64(exec::EXE_INO_CTIME).unwrap_or(0);
    t.exe_ino.set(args.u64(exec::EXE_INO).unwrap_or(0));
    t.exe_ino_ctime.set(ctime);
    t.exe_ino_mtime.set(mtime);
    if t.clone_ts.get() != 0 {
        t.exe_ino_ctime_duration_clone_ts.set(t.clone_ts.get().wrapping_sub(ctime));
    }
    let start = t.pidns_init_start_ts.get();
    if start != 0 && ctime > start {
        t.exe_ino_ctime_duration_pidns_start.set(ctime - start);
    }
}

/// Old captures lack the path of the executable; it is made from the enter event.
fn exepath_of_old_capture(p: &mut Parser<'_, '_>) {
    let Some(bytes) = p.take_enter() else { return };
    let mut full = Vec::new();
    if let Some((event, info)) = super::entry::read(&bytes).and_then(|e| Some((e, e.info()?))) {
        let enter = super::Args::of(event, info);
        let name = usize::from(info.ty == EventType::SYSCALL_EXECVEAT_E);
        let path = enter.call_path(name);
        let known = path.filter(|path| path.itself || path.path != b"<NA>");
        if !known.is_some_and(|path| path.append(&p.state.threads, p.thread(), &mut full)) {
            full.extend_from_slice(b"<NA>");
        }
        if let Some(path) = path.filter(|path| path.dirfd >= 0 && path.path.first() != Some(&b'/')) {
            p.set_fd(path.dirfd);
        }
    }
    p.note_enter(bytes);
    if let Some(t) = p.thread_mut() {
        t.set_exepath(&full);
    }
}

/// Exit of a thread. It stays in the table until the next event, so that fields of this one can read it.
pub(super) fn exit(p: &mut Parser<'_, '_>) {
    const REAPER: usize = 4;
    let Some(id) = p.current.thread else { return };
    p.state.mark_dead(id);
    p.current.exited = Some(p.event.tid());
    let Some(t) = p.thread().filter(|t| !t.children.is_empty()) else { return };
    if p.args.len() <= REAPER {
        t.reaper_tid.set(-1);
    } else if let Some(reaper) = p.args.i64(REAPER) {
        t.reaper_tid.set(reaper);
    }
}

/// A scheduler switch has the page faults of the thread that leaves the CPU, and its memory sizes.
pub(super) fn switch(p: &mut Parser<'_, '_>) {
    let (Some(t), Some(swap)) = (p.thread(), p.args.u32(5)) else { return };
    t.pfmajor.set(p.args.u64(1).unwrap_or(0));
    t.pfminor.set(p.args.u64(2).unwrap_or(0));
    if let Some(main) = p.state.threads.main_thread(t) {
        main.vmsize_kb.set(p.args.u32(3).unwrap_or(0));
        main.vmrss_kb.set(p.args.u32(4).unwrap_or(0));
        main.vmswap_kb.set(swap);
    }
}

/// Exit of brk, mmap, mmap2 and munmap.
pub(super) fn memory_exit(p: &mut Parser<'_, '_>) {
    let Some(t) = p.thread() else { return };
    p.args.u32(1).into_iter().for_each(|size| t.vmsize_kb.set(size));
    if let Some(swap) = p.args.u32(3) {
        t.vmrss_kb.set(p.args.u32(2).unwrap_or(0));
        t.vmswap_kb.set(swap);
    }
}
