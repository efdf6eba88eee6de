//! The parsers: how events change the thread and fd tables.
//!
//! A table indexed by event type names the parser of each type; each family of calls has a file.

mod args;
mod changes;
pub(crate) mod entry;
mod files;
mod identity;
mod notices;
mod process;
mod sockets;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use args::Args;
pub use changes::Changes;
pub(crate) use changes::{CONNECTION_FIELDS, MEMORY_FIELDS};
pub(crate) use notices::Notices;
pub use notices::{Data, Notice};

use crate::context::Notes;
use crate::state::store::ThreadScalars;
use crate::state::{Fd, NO_EVENT_TYPE, State, Thread, ThreadId, cl};
use crate::{Error, Result};
use driver::{EVENT_COUNT, EVENTS, EventFlags, EventInfo, EventType, ParamType};
use scap_sys::Event;

/// The data of the current event, and the changes to make after it.
#[derive(Debug)]
pub(crate) struct Current {
    pub thread: Option<ThreadId>,
    /// The fd that it refers to: the thread whose table has it, and its number.
    pub fd: Option<(ThreadId, i64)>,
    pub notes: Notes,
    /// The tid that exited with it.
    pub exited: Option<i64>,
    /// The tid and the number of the fd that it closed.
    pub closed: Option<(i64, i64)>,
    /// A buffer for building names.
    pub scratch: Vec<u8>,
    /// The notices for the observer.
    pub notices: Notices,
    /// The error that ends the capture.
    pub failure: Option<Error>,
}

impl Default for Current {
    fn default() -> Self {
        let notes = Notes { fd_num: -1, ..Notes::default() };
        Current {
            thread: None,
            fd: None,
            notes,
            exited: None,
            closed: None,
            scratch: Vec::new(),
            notices: Notices::default(),
            failure: None,
        }
    }
}

impl Current {
    /// Whether the last event left nothing to do, and nothing is noted for an observer.
    pub fn is_at_rest(&self) -> bool {
        self.exited.is_none() && self.closed.is_none() && self.notes.enter.capacity() == 0 && !self.notices.wanted
    }

    /// Starts an event that is about no thread, and that no parser changes. Only at rest.
    pub fn begin_apart(&mut self) {
        (self.thread, self.fd) = (None, None);
        (self.notes.fd_num, self.notes.fd_name_changed, self.notes.errno) = (-1, false, 0);
        (self.notes.complete, self.notes.transient) = (true, false);
    }
}

/// An event and what its parser needs.
pub(crate) struct Parser<'s, 'e> {
    pub state: &'s mut State,
    pub current: &'s mut Current,
    pub event: Event<'e>,
    pub info: &'static EventInfo,
    pub args: Args<'e>,
    pub track_connections: bool,
    pub is_live: bool,
}

type Handler = for<'s, 'e> fn(&mut Parser<'s, 'e>);

/// The parser of each type of event, and when it changes the state.
const HANDLERS_BY_TYPE: &[(EventType, Handler, Changes)] = &[
    (EventType::SYSCALL_OPEN_E, entry::keep_unless_empty, Changes::Nothing),
    (EventType::SYSCALL_CREAT_E, entry::keep_unless_empty, Changes::Nothing),
    (EventType::SYSCALL_OPENAT_2_E, entry::keep_unless_empty, Changes::Nothing),
    (EventType::SYSCALL_OPENAT2_E, entry::keep_unless_empty, Changes::Nothing),
    (EventType::SYSCALL_EXECVE_19_E, entry::keep_unless_empty, Changes::Nothing),
    (EventType::SYSCALL_EXECVEAT_E, entry::keep, Changes::Nothing),
    (EventType::SOCKET_CONNECT_E, entry::keep, Changes::Nothing),
    (EventType::SYSCALL_READ_X, sockets::receive_exit, Changes::Transfer),
    (EventType::SYSCALL_READV_X, sockets::receive_exit, Changes::Transfer),
    (EventType::SYSCALL_PREAD_X, sockets::receive_exit, Changes::Transfer),
    (EventType::SYSCALL_PREADV_X, sockets::receive_exit, Changes::Transfer),
    (EventType::SOCKET_RECV_X, sockets::receive_exit, Changes::Connection),
    (EventType::SOCKET_RECVFROM_X, sockets::receive_exit, Changes::Connection),
    (EventType::SOCKET_RECVMSG_X, sockets::receive_exit, Changes::Connection),
    (EventType::SOCKET_RECVMMSG_X, sockets::receive_exit, Changes::Connection),
    (EventType::SYSCALL_WRITE_X, sockets::send_exit, Changes::Transfer),
    (EventType::SYSCALL_WRITEV_X, sockets::send_exit, Changes::Transfer),
    (EventType::SYSCALL_PWRITE_X, sockets::send_exit, Changes::Transfer),
    (EventType::SYSCALL_PWRITEV_X, sockets::send_exit, Changes::Transfer),
    (EventType::SOCKET_SEND_X, sockets::send_exit, Changes::Connection),
    (EventType::SOCKET_SENDTO_X, sockets::send_exit, Changes::Connection),
    (EventType::SOCKET_SENDMSG_X, sockets::send_exit, Changes::Connection),
    (EventType::SOCKET_SENDMMSG_X, sockets::send_exit, Changes::Connection),
    (EventType::SYSCALL_SENDFILE_X, files::sendfile_exit, Changes::Nothing),
    (EventType::SYSCALL_OPEN_X, files::open_exit, Changes::Success),
    (EventType::SYSCALL_CREAT_X, files::open_exit, Changes::Success),
    (EventType::SYSCALL_OPENAT_2_X, files::open_exit, Changes::Success),
    (EventType::SYSCALL_OPENAT2_X, files::open_exit, Changes::Success),
    (EventType::SYSCALL_OPEN_BY_HANDLE_AT_X, files::open_exit, Changes::Success),
    (EventType::SYSCALL_UNSHARE_X, identity::namespace_exit, Changes::Success),
    (EventType::SYSCALL_SETNS_X, identity::namespace_exit, Changes::Success),
    (EventType::SYSCALL_MEMFD_CREATE_X, files::memfd_exit, Changes::Success),
    (EventType::SYSCALL_CLONE_20_X, process::clone_exit, Changes::Success),
    (EventType::SYSCALL_FORK_20_X, process::clone_exit, Changes::Success),
    (EventType::SYSCALL_VFORK_20_X, process::clone_exit, Changes::Success),
    (EventType::SYSCALL_CLONE3_X, process::clone_exit, Changes::Success),
    (EventType::SYSCALL_PIDFD_OPEN_X, files::pidfd_open_exit, Changes::Success),
    (EventType::SYSCALL_PIDFD_GETFD_X, files::pidfd_getfd_exit, Changes::Success),
    (EventType::SYSCALL_EXECVE_19_X, process::exec_exit, Changes::Success),
    (EventType::SYSCALL_EXECVEAT_X, process::exec_exit, Changes::Success),
    (EventType::PROCEXIT_1_E, process::exit, Changes::Always),
    (EventType::SYSCALL_PIPE_X, files::pipe_exit, Changes::Success),
    (EventType::SYSCALL_PIPE2_X, files::pipe_exit, Changes::Success),
    (EventType::SOCKET_SOCKET_X, sockets::socket_exit, Changes::Success),
    (EventType::SOCKET_BIND_X, sockets::bind_exit, Changes::Success),
    (EventType::SOCKET_CONNECT_X, sockets::connect_exit, Changes::Connection),
    (EventType::SOCKET_ACCEPT_5_X, sockets::accept_exit, Changes::Success),
    (EventType::SOCKET_ACCEPT4_6_X, sockets::accept_exit, Changes::Success),
    (EventType::SOCKET_SOCKETPAIR_X, sockets::socketpair_exit, Changes::Success),
    (EventType::SOCKET_GETSOCKOPT_X, sockets::getsockopt_exit, Changes::Tracked),
    (EventType::SOCKET_SHUTDOWN_X, sockets::shutdown_exit, Changes::Nothing),
    (EventType::SYSCALL_CLOSE_X, files::close_exit, Changes::Success),
    (EventType::SYSCALL_CLOSE_RANGE_X, files::close_range_exit, Changes::Success),
    (EventType::SYSCALL_FCNTL_X, files::fcntl_exit, Changes::Success),
    (EventType::SYSCALL_EVENTFD_X, files::eventfd_exit, Changes::Success),
    (EventType::SYSCALL_EVENTFD2_X, files::eventfd_exit, Changes::Success),
    (EventType::SYSCALL_CHDIR_X, identity::chdir_exit, Changes::Success),
    (EventType::SYSCALL_FCHDIR_X, identity::fchdir_exit, Changes::Success),
    (EventType::SYSCALL_GETCWD_X, identity::getcwd_exit, Changes::Success),
    (EventType::SYSCALL_DUP_1_X, files::dup_exit, Changes::Success),
    (EventType::SYSCALL_DUP2_X, files::dup_exit, Changes::Success),
    (EventType::SYSCALL_DUP3_X, files::dup_exit, Changes::Success),
    (EventType::SYSCALL_SIGNALFD_X, files::signalfd_exit, Changes::Success),
    (EventType::SYSCALL_SIGNALFD4_X, files::signalfd_exit, Changes::Success),
    (EventType::SYSCALL_TIMERFD_CREATE_X, files::timerfd_exit, Changes::Success),
    (EventType::SYSCALL_INOTIFY_INIT_X, files::inotify_exit, Changes::Success),
    (EventType::SYSCALL_INOTIFY_INIT1_X, files::inotify_exit, Changes::Success),
    (EventType::SYSCALL_BPF_2_X, files::bpf_exit, Changes::Success),
    (EventType::SYSCALL_USERFAULTFD_X, files::userfaultfd_exit, Changes::Success),
    (EventType::SYSCALL_IO_URING_SETUP_X, files::io_uring_exit, Changes::Success),
    (EventType::SYSCALL_EPOLL_CREATE_X, files::epoll_exit, Changes::Success),
    (EventType::SYSCALL_EPOLL_CREATE1_X, files::epoll_exit, Changes::Success),
    (EventType::SYSCALL_GETRLIMIT_X, identity::rlimit_exit, Changes::Success),
    (EventType::SYSCALL_SETRLIMIT_X, identity::rlimit_exit, Changes::Success),
    (EventType::SYSCALL_PRLIMIT_X, identity::prlimit_exit, Changes::Success),
    (EventType::SCHEDSWITCH_6_E, process::switch, Changes::Memory),
    (EventType::SYSCALL_BRK_4_X, process::memory_exit, Changes::Memory),
    (EventType::SYSCALL_MMAP_X, process::memory_exit, Changes::Memory),
    (EventType::SYSCALL_MMAP2_X, process::memory_exit, Changes::Memory),
    (EventType::SYSCALL_MUNMAP_X, process::memory_exit, Changes::Memory),
    (EventType::SYSCALL_SETUID_X, identity::uid_exit, Changes::Success),
    (EventType::SYSCALL_SETREUID_X, identity::uid_exit, Changes::Success),
    (EventType::SYSCALL_SETRESUID_X, identity::uid_exit, Changes::Success),
    (EventType::SYSCALL_SETGID_X, identity::gid_exit, Changes::Success),
    (EventType::SYSCALL_SETREGID_X, identity::gid_exit, Changes::Success),
    (EventType::SYSCALL_SETRESGID_X, identity::gid_exit, Changes::Success),
    (EventType::CPU_HOTPLUG_E, identity::cpu_hotplug, Changes::Always),
    (EventType::SYSCALL_CHROOT_X, identity::chroot_exit, Changes::Success),
    (EventType::SYSCALL_SETSID_X, identity::setsid_exit, Changes::Success),
    (EventType::SYSCALL_CAPSET_X, identity::capset_exit, Changes::Success),
    (EventType::USER_ADDED_E, identity::user_event, Changes::Always),
    (EventType::USER_DELETED_E, identity::user_event, Changes::Always),
    (EventType::GROUP_ADDED_E, identity::group_event, Changes::Always),
    (EventType::GROUP_DELETED_E, identity::group_event, Changes::Always),
    (EventType::SYSCALL_PRCTL_X, identity::prctl_exit, Changes::Success),
];

static HANDLERS: [Option<Handler>; EVENT_COUNT] = {
    let mut table: [Option<Handler>; EVENT_COUNT] = [None; EVENT_COUNT];
    let mut i = 0;
    while i < HANDLERS_BY_TYPE.len() {
        table[HANDLERS_BY_TYPE[i].0.0 as usize] = Some(HANDLERS_BY_TYPE[i].1);
        i += 1;
    }
    table
};

/// When an event of this type changes the state.
pub fn changes(ty: EventType) -> Changes {
    HANDLERS_BY_TYPE.iter().find(|row| row.0 == ty).map_or(Changes::Nothing, |row| row.2)
}

/// The parameter of each event type that is the fd it refers to: the first parameter of type FD that is not the result. For
/// splice it is the output fd.
static FD_PARAM: [u8; EVENT_COUNT] = {
    let mut table = [u8::MAX; EVENT_COUNT];
    let mut e = 0;
    while e < EVENT_COUNT {
        let params = EVENTS[e].params;
        let mut i = e % 2;
        while i < params.len() {
            if params[i].ty as u32 == ParamType::FD as u32 {
                table[e] = i as u8;
                break;
            }
            i += 1;
        }
        e += 1;
    }
    table[EventType::SYSCALL_SPLICE_E.0 as usize] += 1;
    table[EventType::SYSCALL_SPLICE_X.0 as usize] += 1;
    table
};

impl<'s, 'e> Parser<'s, 'e> {
    #[inline]
    pub fn new(state: &'s mut State, current: &'s mut Current, event: Event<'e>, info: &'static EventInfo) -> Self {
        let args = Args::of(event, info);
        Parser { state, current, event, info, args, track_connections: false, is_live: false }
    }

    /// Looks up the event's thread and fd.
    #[inline(always)]
    pub fn prepare(&mut self) {
        let ty = self.info.ty;
        self.current.thread = None;
        self.current.fd = None;
        self.forget_enter();
        self.current.notes = Notes { fd_num: -1, ..Notes::default() };
        let tid = self.event.tid();
        if self.info.flags.has(EventFlags::SKIPPARSERESET) {
            if ty == EventType::PROCINFO_E {
                self.current.thread = self.state.threads.id_of(tid);
                let now = self.state.now;
                self.thread().into_iter().for_each(|t| t.lastaccess_ts.set(now));
            }
            return;
        }
        if is_about_no_thread(ty) {
            return;
        }
        // These events do not justify a lookup in /proc: the clone events add the thread themselves, and the others come
        // for threads that are gone or uninteresting.
        let may_ask = !(is_clone(ty) || ty == EventType::SCHEDSWITCH_6_E || ty == EventType::PROCEXIT_1_E);
        let id = if may_ask { self.state.find_or_invent(tid) } else { self.state.look_up(tid) };
        self.current.thread = id;
        let now = self.state.now;
        let uses_fd = self.info.flags.has(EventFlags::USES_FD);
        let location = usize::from(FD_PARAM[ty.0 as usize]);
        let Some(t) = id.and_then(|id| self.state.threads.by_id_mut(id)) else { return };
        // Dereferenced once, because each access may go to an object outside the core.
        let scalars: &ThreadScalars = t;
        scalars.lastaccess_ts.set(now);
        if ty == EventType::SCHEDSWITCH_6_E {
            return;
        }
        if may_ask {
            scalars.flags.set(scalars.flags.get() | cl::ACTIVE);
        }
        let fd = if ty.is_enter() {
            let fd = if uses_fd { self.args.i64(location).unwrap_or(-1) } else { -1 };
            scalars.lastevent_fd.set(fd);
            t.lastevent_type = ty.0;
            fd
        } else {
            let last = t.lastevent_type;
            let enter_valid = last != NO_EVENT_TYPE
                && (last + 1 == ty.0
                    || (ty == EventType::SYSCALL_EXECVE_19_X && last == EventType::SYSCALL_EXECVEAT_E.0));
            // The fd of the event itself, since the enter event may be of another call.
            let from_param = if uses_fd { self.args.i64(location) } else { None };
            let noted = if enter_valid { scalars.lastevent_fd.get() } else { -1 };
            let fd = from_param.unwrap_or(noted);
            scalars.lastevent_fd.set(fd);
            t.enter_valid = enter_valid;
            self.current.notes.errno = self.args.result().filter(|&r| r < 0).unwrap_or(0);
            fd
        };
        if uses_fd {
            self.set_fd(fd);
        }
    }

    /// Whether the call failed and refers to a known fd.
    #[inline]
    pub fn failed_on_file(&self) -> bool {
        self.current.notes.errno != 0 && self.current.fd.is_some()
    }

    /// Adds the notices that must come before parsing.
    pub fn announce(&mut self) {
        if matches!(self.event.ty(), EventType::SYSCALL_DUP_1_X | EventType::SYSCALL_DUP2_X | EventType::SYSCALL_DUP3_X)
        {
            files::announce_overwritten(self);
        }
    }

    /// Runs the parser of the event's type.
    #[inline(always)]
    pub fn parse(&mut self) -> Result<()> {
        if let Some(handler) = HANDLERS.get(self.info.ty.0 as usize).copied().flatten() {
            handler(self);
        }
        if self.current.failure.is_some() { self.current.failure.take().map_or(Ok(()), Err) } else { Ok(()) }
    }

    /// Completes the notes after parsing.
    #[inline(always)]
    pub fn finish(&mut self) {
        let about_fd = EventFlags::CREATES_FD.0 | EventFlags::USES_FD.0 | EventFlags::DESTROYS_FD.0;
        if self.info.flags.0 & about_fd != 0 {
            self.current.notes.fd_num = self.thread().map_or(-1, |t| t.lastevent_fd.get());
        }
        self.current.notes.complete = true;
    }

    /// Called after the parsers of plugins, which may have changed the container of the thread.
    pub fn after_plugins(&mut self) {
        let ty = self.info.ty;
        let exits = ty == EventType::PROCEXIT_1_E;
        let changes = exits
            || matches!(
                ty,
                EventType::SYSCALL_CLONE_20_X
                    | EventType::SYSCALL_FORK_20_X
                    | EventType::SYSCALL_VFORK_20_X
                    | EventType::SYSCALL_CLONE3_X
                    | EventType::SYSCALL_EXECVE_19_X
                    | EventType::SYSCALL_EXECVEAT_X
                    | EventType::SYSCALL_CHROOT_X
                    | EventType::SYSCALL_SETUID_X
                    | EventType::SYSCALL_SETREUID_X
                    | EventType::SYSCALL_SETRESUID_X
                    | EventType::SYSCALL_SETGID_X
                    | EventType::SYSCALL_SETREGID_X
                    | EventType::SYSCALL_SETRESGID_X
            );
        if let (true, Some(id)) = (changes, self.current.thread) {
            self.state.container_changed(id, exits);
        }
    }

    /// Updates the thread after the event was delivered.
    #[inline(always)]
    pub fn leave(&mut self) {
        let ty = self.info.ty;
        let now = self.state.now;
        let Some(t) = self.thread_mut() else { return };
        if ty != EventType::SCHEDSWITCH_6_E {
            let scalars: &ThreadScalars = t;
            scalars.prevevent_ts.set(scalars.lastevent_ts.get());
            scalars.lastevent_ts.set(now);
        }
        if ty.is_exit() && t.enter_event.capacity() != 0 {
            self.drop_enter();
        }
    }

    /// Called for an event that the filter rejected before it was parsed, so that the exit event does not match it as its
    /// enter event.
    pub fn forget_last_event(&mut self) {
        let untouched =
            self.info.flags.has(EventFlags::SKIPPARSERESET) || self.event.ty() == EventType::SCHEDSWITCH_6_E;
        if let Some(t) = self.thread_mut().filter(|_| !untouched) {
            t.lastevent_type = NO_EVENT_TYPE;
        }
    }

    #[inline]
    pub fn thread(&self) -> Option<&Thread> {
        self.state.threads.by_id(self.current.thread?)
    }

    #[inline]
    pub fn thread_mut(&mut self) -> Option<&mut Thread> {
        self.state.threads.by_id_mut(self.current.thread?)
    }

    /// The fd that the event refers to.
    #[inline]
    pub fn fd(&self) -> Option<&Fd> {
        let (owner, fd) = self.current.fd?;
        self.state.threads.by_id(owner)?.own_fds.get(fd)
    }

    #[inline]
    pub fn fd_mut(&mut self) -> Option<&mut Fd> {
        let (owner, fd) = self.current.fd?;
        self.state.threads.by_id_mut(owner)?.own_fds.get_mut(fd)
    }

    /// Makes `fd` the fd that the event refers to, if the thread has it.
    #[inline]
    pub fn set_fd(&mut self, fd: i64) {
        self.current.fd = None;
        let Some(id) = self.current.thread.filter(|_| fd >= 0) else { return };
        let Some(owner) = self.state.threads.fds_owner(id) else { return };
        if self.state.look_up_fd(owner, fd) {
            self.current.fd = Some((owner, fd));
            self.current.notes.fd_num = fd;
            if self.is_live {
                self.state.find_device(owner, fd);
            }
        }
    }

    /// Adds an fd to the event's thread and makes it the fd that the event refers to.
    pub fn add_fd(&mut self, number: i64, fd: Fd) {
        let Some(id) = self.current.thread else { return };
        self.current.notes.fd_name_changed = fd.name() != fd.old_name();
        let added = self.state.add_fd(id, number, fd);
        if let Some(t) = self.thread() {
            t.lastevent_fd.set(number);
        }
        self.current.fd = None;
        if added {
            self.set_fd(number);
        }
    }

    /// Whether the system call succeeded.
    pub fn succeeded(&self) -> bool {
        self.args.result().is_some_and(|r| r >= 0)
    }

    /// Changes the working directory of the process of the event's thread.
    pub fn change_cwd(&mut self, dir: &[u8]) {
        let main = self.current.thread.and_then(|id| self.state.threads.main_id(id));
        if let Some(main) = main.and_then(|id| self.state.threads.by_id_mut(id)) {
            main.change_cwd(dir);
        }
    }

    /// Gives the event's fd the name that `build` writes.
    pub fn rename_fd_with(&mut self, build: impl FnOnce(&Self, &mut Vec<u8>)) {
        let mut name = std::mem::take(&mut self.current.scratch);
        name.clear();
        build(self, &mut name);
        self.rename_fd(&name);
        self.current.scratch = name;
    }

    /// Changes the name of the event's fd.
    pub fn rename_fd(&mut self, name: &[u8]) {
        if self.fd_mut().is_some_and(|fd| fd.rename(name)) {
            self.current.notes.fd_name_changed = true;
        }
    }
}

/// Whether it is an exit event of a call that creates a thread.
fn is_clone(ty: EventType) -> bool {
    matches!(
        ty,
        EventType::SYSCALL_CLONE_20_X
            | EventType::SYSCALL_CLONE3_X
            | EventType::SYSCALL_FORK_20_X
            | EventType::SYSCALL_VFORK_20_X
    )
}

fn is_about_no_thread(ty: EventType) -> bool {
    matches!(
        ty,
        EventType::CONTAINER_JSON_2_E
            | EventType::USER_ADDED_E
            | EventType::USER_DELETED_E
            | EventType::GROUP_ADDED_E
            | EventType::GROUP_DELETED_E
            | EventType::PLUGINEVENT_E
            | EventType::ASYNCEVENT_E
    )
}
