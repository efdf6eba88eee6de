//! Credentials and attributes of a thread: users, groups, capabilities, sessions, directories, limits.

use super::Parser;
use crate::Error;
use crate::state::cl;
use crate::state::store::ThreadText;
use driver::EventType;
use scap_sys::{GroupInfo, UserInfo};

/// All capabilities: the kernel has 41.
const ALL_CAPABILITIES: u64 = (1 << 41) - 1;
const RLIMIT_NOFILE: u64 = 7;
const PR_SET_CHILD_SUBREAPER: u32 = 36;
const PR_GET_CHILD_SUBREAPER: u32 = 37;

/// What stands for an id that a call leaves as it is.
const UNCHANGED: u32 = u32::MAX;

/// Exit of setuid, setreuid and setresuid; the effective uid is stored.
pub(super) fn uid_exit(p: &mut Parser<'_, '_>) {
    let at = if p.event.ty() == EventType::SYSCALL_SETUID_X { 1 } else { 2 };
    let (Some(0), Some(uid)) = (p.args.result(), p.args.u32(at).filter(|&uid| uid != UNCHANGED)) else { return };
    let Some(t) = p.thread() else { return };
    t.uid.set(uid);
    let gid = t.gid.get();
    p.state.users.seen_user(uid, gid);
}

/// Exit of setgid, setregid and setresgid; the effective gid is stored.
pub(super) fn gid_exit(p: &mut Parser<'_, '_>) {
    let at = if p.event.ty() == EventType::SYSCALL_SETGID_X { 1 } else { 2 };
    let (Some(0), Some(gid)) = (p.args.result(), p.args.u32(at).filter(|&gid| gid != UNCHANGED)) else { return };
    let Some(t) = p.thread() else { return };
    t.gid.set(gid);
    p.state.users.seen_group(gid);
}

pub(super) fn capset_exit(p: &mut Parser<'_, '_>) {
    let (Some(t), true) = (p.thread(), p.succeeded()) else { return };
    p.args.u64(1).into_iter().for_each(|caps| t.cap_inheritable.set(caps));
    p.args.u64(2).into_iter().for_each(|caps| t.cap_permitted.set(caps));
    p.args.u64(3).into_iter().for_each(|caps| t.cap_effective.set(caps));
}

/// Exit of unshare and setns: a thread that enters a new user namespace gets all capabilities in it (user_namespaces(7)).
pub(super) fn namespace_exit(p: &mut Parser<'_, '_>) {
    let at = if p.event.ty() == EventType::SYSCALL_UNSHARE_X { 1 } else { 2 };
    let flags = p.args.u32(at).unwrap_or(0);
    let (Some(t), true) = (p.thread(), p.succeeded() && flags & cl::CLONE_NEWUSER != 0) else { return };
    t.cap_inheritable.set(ALL_CAPABILITIES);
    t.cap_permitted.set(ALL_CAPABILITIES);
    t.cap_effective.set(ALL_CAPABILITIES);
}

pub(super) fn setsid_exit(p: &mut Parser<'_, '_>) {
    if let (Some(t), Some(sid)) = (p.thread(), p.args.result().filter(|&r| r >= 0)) {
        t.sid.set(sid);
    }
}

/// Exit of prctl; only the options for the subreaper matter.
pub(super) fn prctl_exit(p: &mut Parser<'_, '_>) {
    let option = p.args.u32(1);
    let reaper = matches!(option, Some(PR_SET_CHILD_SUBREAPER | PR_GET_CHILD_SUBREAPER));
    if !reaper || !p.succeeded() || p.thread().is_none_or(|t| t.is_invalid()) {
        return;
    }
    if let (Some(id), Some(value)) = (p.current.thread, p.args.i64(3)) {
        p.state.set_reaper(id, value != 0);
    }
}

pub(super) fn rlimit_exit(p: &mut Parser<'_, '_>) {
    if !p.succeeded() || p.args.uint(3) != Some(RLIMIT_NOFILE) {
        return;
    }
    if let (Some(t), Some(limit)) = (p.thread(), p.args.i64(1).filter(|&l| l != -1)) {
        p.state.threads.main_thread(t).into_iter().for_each(|main| main.fdlimit.set(limit));
    }
}

pub(super) fn prlimit_exit(p: &mut Parser<'_, '_>) {
    if p.args.result() != Some(0) || p.args.uint(6) != Some(RLIMIT_NOFILE) {
        return;
    }
    let (Some(limit), Some(tid)) = (p.args.i64(1).filter(|&l| l != -1), p.args.i64(5)) else { return };
    let own = p.thread().filter(|t| t.is_in_pid_namespace());
    let tid = match own {
        _ if tid == 0 => p.event.tid(),
        Some(own) => match p.state.threads.meant_by(own, tid) {
            Some(meant) => meant.tid.get(),
            None => return,
        },
        None => tid,
    };
    let Some(id) = p.state.find_or_invent(tid) else { return };
    if let Some(t) = p.state.threads.by_id(id).filter(|t| !t.is_invalid()) {
        p.state.threads.main_thread(t).into_iter().for_each(|main| main.fdlimit.set(limit));
    }
}

pub(super) fn chdir_exit(p: &mut Parser<'_, '_>) {
    if p.succeeded() {
        p.change_cwd(p.args.text(1));
    }
}

pub(super) fn fchdir_exit(p: &mut Parser<'_, '_>) {
    if let (true, Some(name)) = (p.succeeded(), p.fd().map(|fd| fd.name().to_vec())) {
        p.change_cwd(&name);
    }
}

/// Exit of getcwd; its result corrects the directory after a lost chdir event.
pub(super) fn getcwd_exit(p: &mut Parser<'_, '_>) {
    if p.succeeded() {
        p.change_cwd(p.args.text(1));
    }
}

pub(super) fn chroot_exit(p: &mut Parser<'_, '_>) {
    let (Some(0), Some(t)) = (p.args.result(), p.thread()) else { return };
    let path = p.args.text(1);
    let mut root = Vec::new();
    if path.is_empty() || path[0] == b'/' || path == b"<NA>" {
        crate::state::path::sanitize(path, &mut root);
    } else {
        crate::state::path::concatenate(p.state.threads.cwd(t), path, &mut root);
    }
    if let Some(t) = p.thread_mut() {
        t.set_text(ThreadText::Root, &root);
    }
}

pub(super) fn user_event(p: &mut Parser<'_, '_>) {
    let Some(uid) = p.args.u32(0) else { return };
    let container = p.args.text(5);
    if p.event.ty() == EventType::USER_DELETED_E {
        p.state.users.remove_user(container, uid);
        return;
    }
    let user = UserInfo {
        uid,
        gid: p.args.u32(1).unwrap_or(u32::MAX),
        name: p.args.text(2).to_vec(),
        homedir: p.args.text(3).to_vec(),
        shell: p.args.text(4).to_vec(),
    };
    p.state.users.add_user(container, user);
}

pub(super) fn group_event(p: &mut Parser<'_, '_>) {
    let Some(gid) = p.args.u32(0) else { return };
    let container = p.args.text(2);
    if p.event.ty() == EventType::GROUP_DELETED_E {
        p.state.users.remove_group(container, gid);
    } else {
        p.state.users.add_group(container, GroupInfo { gid, name: p.args.text(1).to_vec() });
    }
}

/// The probe has ring buffers only for the CPUs that were online at its start, so a live capture fails.
pub(super) fn cpu_hotplug(p: &mut Parser<'_, '_>) {
    if p.is_live {
        let cpu = p.args.u32(0).unwrap_or(u32::MAX);
        p.current.failure = Some(Error::Invalid(format!("CPU {cpu} configuration change detected. Aborting.")));
    }
}
