//! Calls that open, duplicate and close fds other than sockets.

use super::{Notice, Parser};
use crate::state::store::FdText;
use crate::state::{CallPath, Fd, FdFlags, UNKNOWN_DIR, open, path};
use driver::EventType;
use scap_sys::FdType;

/// The flags of a creat event.
const CREAT_UPPER_LAYER: u64 = 1;
const CREAT_LOWER_LAYER: u64 = 1 << 1;

const F_DUPFD: u64 = 1;
const F_SETFD: u64 = 3;
const F_DUPFD_CLOEXEC: u64 = 26;
const FD_CLOEXEC: u64 = 1;
const CLOSE_RANGE_CLOEXEC: u64 = 1 << 2;
const EPOLL_CLOEXEC: u64 = 1;

/// The positions of an opening call's parameters, in its exit event and in its enter event.
struct Opening {
    name: usize,
    flags: Option<usize>,
    dev: usize,
    enter_name: usize,
}

/// Exit of open, openat, openat2, creat and open_by_handle_at.
pub(super) fn open_exit(p: &mut Parser<'_, '_>) {
    let ty = p.event.ty();
    let place = match ty {
        EventType::SYSCALL_OPEN_X => Opening { name: 1, flags: Some(2), dev: 4, enter_name: 0 },
        EventType::SYSCALL_CREAT_X => Opening { name: 1, flags: None, dev: 3, enter_name: 0 },
        EventType::SYSCALL_OPENAT_2_X => Opening { name: 2, flags: Some(3), dev: 5, enter_name: 1 },
        EventType::SYSCALL_OPENAT2_X => Opening { name: 2, flags: Some(3), dev: 6, enter_name: 1 },
        _ => Opening { name: 3, flags: Some(2), dev: 4, enter_name: 0 },
    };
    let by_handle = ty == EventType::SYSCALL_OPEN_BY_HANDLE_AT_X;
    // A failed call changes nothing, but the observer is notified of it.
    let Some(number) = p.args.result().filter(|&r| r >= 0 || p.current.notices.wanted) else { return };
    if p.current.thread.is_none() {
        return;
    }
    let args = p.args;
    let mut flags = place.flags.and_then(|at| args.u32(at)).unwrap_or(0);
    if ty == EventType::SYSCALL_CREAT_X {
        let layer = args.uint(5).unwrap_or(0);
        if layer & CREAT_UPPER_LAYER != 0 {
            flags |= open::UPPER_LAYER;
        } else if layer & CREAT_LOWER_LAYER != 0 {
            flags |= open::LOWER_LAYER;
        }
    }
    // Another thread may have changed the path since the enter event.
    let kept = if by_handle { None } else { p.take_enter() };
    let enter = kept.as_deref().and_then(super::entry::read);
    let enter = enter.and_then(|e| Some(super::Args::of(e, e.info()?)));
    let enter = enter.filter(|e| e.text(place.enter_name) != b"<NA>");
    let mut path = args.call_path(place.name);
    let mut name = args.text(place.name);
    let mut enter_tells = false;
    if let Some(enter) = &enter {
        enter_tells = path != enter.call_path(place.enter_name);
        path = enter.call_path(place.enter_name);
        name = enter.text(place.enter_name);
        if place.flags.is_some() {
            let added = flags & !(open::F_CREATED - 1);
            flags = enter.u32(place.enter_name + 1).unwrap_or(0) | added;
        }
    }
    let mut full = std::mem::take(&mut p.current.scratch);
    full.clear();
    append_name(p, path, name, &mut full);
    if flags & open::DIRECTORY == 0 {
        p.current.notices.keep(&full);
        p.current.notices.add(Notice::FileOpen { flags });
    }
    if number < 0 {
        p.current.scratch = full;
        if let Some(buffer) = kept {
            if enter_tells { p.note_enter(buffer) } else { p.put_enter_back(buffer) }
        }
        return;
    }
    let mut fd = Fd::new(if flags & open::DIRECTORY != 0 { FdType::Directory } else { FdType::FileV2 });
    fd.open_flags.set(flags);
    if let Some(dev) = args.u32(place.dev) {
        fd.dev.set(dev);
        fd.ino.set(args.u64(place.dev + 1).unwrap_or(0));
    }
    fd.set_text(FdText::NameRaw, name);
    fd.set_name(&full);
    p.current.scratch = full;
    if flags & open::UPPER_LAYER != 0 {
        fd.set_flags(FdFlags::OVERLAY_UPPER);
    }
    if flags & open::LOWER_LAYER != 0 {
        fd.set_flags(FdFlags::OVERLAY_LOWER);
    }
    if let Some(buffer) = kept {
        if enter_tells { p.note_enter(buffer) } else { p.put_enter_back(buffer) }
    }
    p.add_fd(number, fd);
}

/// Appends the absolute path of an opened file.
fn append_name(p: &Parser<'_, '_>, path: Option<CallPath<'_>>, name: &[u8], out: &mut Vec<u8>) {
    match path {
        // The kernel found the path of a file that is opened by a handle.
        _ if p.event.ty() == EventType::SYSCALL_OPEN_BY_HANDLE_AT_X => path::append_concatenated(&[], name, out),
        Some(path) => path.append_or_unknown(&p.state.threads, p.thread(), out),
        None => path::append_concatenated(&[UNKNOWN_DIR], name, out),
    }
}

/// Exit of close. The fd is removed with the next event, so that fields of this one can still read it.
pub(super) fn close_exit(p: &mut Parser<'_, '_>) {
    if let (true, Some(_), Some(t)) = (p.succeeded(), p.current.fd, p.thread()) {
        let (tid, fd) = (t.tid.get(), t.lastevent_fd.get());
        p.current.closed = Some((tid, fd));
        p.current.notices.add(Notice::EraseFd { tid, fd, removes: true });
    }
}

pub(super) fn close_range_exit(p: &mut Parser<'_, '_>) {
    let (true, Some(id)) = (p.succeeded(), p.current.thread) else { return };
    let (Some(first), Some(last)) = (p.args.u32(1), p.args.u32(2)) else { return };
    let range = i64::from(first)..=i64::from(last);
    let mark = p.args.uint(3).is_some_and(|flags| flags & CLOSE_RANGE_CLOEXEC != 0);
    if mark {
        let Some(fds) = p.state.threads.fds_mut(id) else { return };
        let within = fds.iter().filter(|fd| range.contains(&fd.fd.get()));
        within.for_each(|fd| fd.open_flags.set(fd.open_flags.get() | open::CLOEXEC));
    } else {
        p.state.retain_fds(id, |fd| !range.contains(&fd.fd.get()));
    }
}

fn add_copy(p: &mut Parser<'_, '_>, number: i64, close_on_exec: bool) {
    let Some(mut fd) = p.fd().cloned() else { return };
    fd.keep_name();
    fd.clear_close_on_exec();
    if close_on_exec {
        fd.open_flags.set(fd.open_flags.get() | open::CLOEXEC);
    }
    p.add_fd(number, fd);
}

/// Notifies that dup, dup2 or dup3 replaces an fd.
pub(super) fn announce_overwritten(p: &mut Parser<'_, '_>) {
    let (Some(fd), Some(_), Some(t)) = (p.args.result(), p.current.fd, p.thread()) else { return };
    if p.state.threads.fd(t, fd).is_some() {
        let tid = t.tid.get();
        p.current.notices.add(Notice::EraseFd { tid, fd, removes: false });
    }
}

pub(super) fn sendfile_exit(p: &mut Parser<'_, '_>) {
    let (Some(_), Some(result)) = (p.current.fd, p.args.result().filter(|&r| r >= 0)) else { return };
    let from = p.args.i64(3).unwrap_or(-1);
    p.current.notices.post(Notice::SendFile { from, len: result as u32 });
}

pub(super) fn dup_exit(p: &mut Parser<'_, '_>) {
    let (Some(number), Some(_), Some(t)) = (p.args.result().filter(|&r| r >= 0), p.current.fd, p.thread()) else {
        return;
    };
    // A process that redirects its stdin or stdout is most likely part of a shell's pipeline.
    match number {
        0 => t.set_flags(crate::state::cl::PIPE_DST),
        1 => t.set_flags(crate::state::cl::PIPE_SRC),
        _ => {}
    }
    let dup3 = p.event.ty() == EventType::SYSCALL_DUP3_X;
    let close_on_exec = dup3 && p.args.u32(3).is_some_and(|flags| flags & open::CLOEXEC != 0);
    add_copy(p, number, close_on_exec);
}

pub(super) fn fcntl_exit(p: &mut Parser<'_, '_>) {
    let (Some(number), Some(command)) = (p.args.result().filter(|&r| r >= 0), p.args.uint(2)) else { return };
    match command {
        F_DUPFD => add_copy(p, number, false),
        F_DUPFD_CLOEXEC => add_copy(p, number, true),
        F_SETFD => {
            let Some(fd) = p.fd() else { return };
            fd.clear_close_on_exec();
            if p.args.uint(3).is_some_and(|flags| flags & FD_CLOEXEC != 0) {
                fd.open_flags.set(fd.open_flags.get() | open::CLOEXEC);
            }
        }
        _ => {}
    }
}

pub(super) fn pipe_exit(p: &mut Parser<'_, '_>) {
    if !p.succeeded() {
        return;
    }
    for at in [1, 2] {
        let Some(number) = p.args.i64(at) else { continue };
        let fd = Fd::new(FdType::Fifo);
        fd.ino.set(p.args.u64(3).unwrap_or(0));
        fd.open_flags.set(p.args.u32(4).unwrap_or(0));
        p.add_fd(number, fd);
    }
}

fn add_nameless(p: &mut Parser<'_, '_>, ty: FdType, flags: Option<usize>) {
    let Some(number) = p.args.result().filter(|&r| r >= 0) else { return };
    let fd = Fd::new(ty);
    let flags = flags.and_then(|at| p.args.uint(at)).unwrap_or(0);
    fd.open_flags.set(flags as u32);
    p.add_fd(number, fd);
}

pub(super) fn eventfd_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::Event, (p.event.ty() == EventType::SYSCALL_EVENTFD2_X).then_some(1));
}

pub(super) fn signalfd_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::SignalFd, (p.event.ty() == EventType::SYSCALL_SIGNALFD4_X).then_some(1));
}

pub(super) fn timerfd_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::TimerFd, Some(2));
}

pub(super) fn inotify_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::Inotify, (p.event.ty() == EventType::SYSCALL_INOTIFY_INIT1_X).then_some(1));
}

pub(super) fn bpf_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::Bpf, None);
}

pub(super) fn userfaultfd_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::UserfaultFd, None);
}

pub(super) fn io_uring_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::IoUring, None);
}

pub(super) fn epoll_exit(p: &mut Parser<'_, '_>) {
    add_nameless(p, FdType::EventPoll, None);
    let wanted = p.event.ty() == EventType::SYSCALL_EPOLL_CREATE1_X
        && p.succeeded()
        && p.args.uint(1).is_some_and(|flags| flags & EPOLL_CLOEXEC != 0);
    if let Some(fd) = p.fd().filter(|_| wanted) {
        fd.open_flags.set(fd.open_flags.get() | open::CLOEXEC);
    }
}

pub(super) fn memfd_exit(p: &mut Parser<'_, '_>) {
    let Some(number) = p.args.result().filter(|&r| r >= 0) else { return };
    let mut fd = Fd::new(FdType::MemFd);
    fd.set_name(p.args.text(1));
    fd.open_flags.set(p.args.u32(2).unwrap_or(0));
    p.add_fd(number, fd);
}

pub(super) fn pidfd_open_exit(p: &mut Parser<'_, '_>) {
    let (Some(number), Some(pid)) = (p.args.result().filter(|&r| r >= 0), p.args.i64(1)) else { return };
    let mut fd = Fd::new(FdType::PidFd);
    fd.set_name(format!("/proc/{pid}").as_bytes());
    fd.open_flags.set(p.args.u32(2).unwrap_or(0));
    let own = p.thread().filter(|t| t.is_in_pid_namespace());
    fd.pid.set(own.map_or(pid, |own| p.state.threads.meant_by(own, pid).map_or(-1, |meant| meant.tid.get())));
    p.add_fd(number, fd);
}

/// Copies an fd of the process that the pidfd refers to.
pub(super) fn pidfd_getfd_exit(p: &mut Parser<'_, '_>) {
    let Some(number) = p.args.result().filter(|&r| r >= 0) else { return };
    let (Some(pidfd), Some(target)) = (p.args.i64(1), p.args.i64(2)) else { return };
    let threads = &p.state.threads;
    let copy = p
        .thread()
        .and_then(|t| threads.fd(t, pidfd))
        .filter(|fd| fd.is_pidfd())
        .and_then(|fd| threads.get(fd.pid.get()))
        .and_then(|owner| threads.fd(owner, target))
        .cloned();
    if let Some(mut fd) = copy {
        fd.keep_name();
        fd.clear_close_on_exec();
        fd.open_flags.set(fd.open_flags.get() | open::CLOEXEC);
        p.add_fd(number, fd);
    }
}
