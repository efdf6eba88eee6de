//! The state: threads, fds, users, groups and tables, as of the current event.

pub mod accounts;
mod call_path;
pub mod cl;
mod containers;
mod counter;
mod counts;
mod epoch;
mod exited;
mod fd;
mod fd_info;
mod fdtable;
mod group;
mod held;
pub mod interfaces;
mod lifecycle;
pub mod names;
mod outside;
pub mod path;
mod report;
mod services;
pub mod store;
mod suppress;
pub mod tables;
mod text;
mod thread;
mod thread_scalars;
mod threads;
mod users;

pub use call_path::{AT_FDCWD, CallPath, UNKNOWN_DIR};
pub use counter::Counter;
pub use counts::{Census, StateCounts, StateStats};
pub use fd::{Fd, FdFlags, FdKind, SockInfo, open};
pub use fdtable::{FdTable, MAX_FDS};
pub use group::{Group, GroupData, GroupId};
pub use held::FdHold;
pub use lifecycle::SignOfEnd;
pub use report::fd_info;
pub use services::{Ports, Services};
pub use suppress::Suppressed;
pub use text::{Text, TextList};
pub(crate) use thread::NO_EVENT_TYPE;
pub use thread::{List, Thread};
pub use threads::{DEFAULT_LIMIT, ThreadId, ThreadTable};
pub use users::{UserLookup, Users};

use crate::logger::{Messages, Severity};
pub use epoch::Clock;
use epoch::Epoch;
use exited::RecentlyExited;
pub use scap_sys::{
    FdInfo, FdType, GroupInfo, Interface, InterfaceAddress, L4Proto, MachineInfo, SystemSink, ThreadInfo, UserInfo,
    UserList,
};
use std::sync::Arc;

/// The state of the system that the events come from.
#[derive(Default)]
pub struct State {
    /// The machine that the events come from.
    pub machine: MachineInfo,
    /// Its network interfaces.
    pub interfaces: Vec<Interface>,
    /// Its threads.
    pub threads: ThreadTable,
    /// Its users and groups.
    pub users: Users,
    /// The threads whose events are suppressed.
    pub suppressed: Suppressed,
    /// The names by which ports are shown; `None`: they are shown as numbers.
    pub services: Option<Services>,
    /// Whether [`SystemSink::users`] is ignored.
    pub without_users: bool,
    /// Whether the environment of a process is read from the source if that of its exec event may be cut.
    pub large_environments: bool,
    /// Counters of changes to the tables.
    pub stats: Arc<StateStats>,
    /// The owner and the number of the fd that was looked up last.
    last_fd: Option<(ThreadId, i64)>,
    /// The source of threads that are not in the table.
    source: Option<Box<dyn ThreadSource>>,
    exited: RecentlyExited,
    /// Ports that processes of the initial scan listen on.
    server_ports: hashbrown::HashSet<u16>,
    /// Whether new threads are tied to their groups and parents only at [`State::end_scan`].
    scanning: bool,
    pub(crate) spare_buffers: Vec<Vec<u8>>,
    /// The time of the current event, in nanoseconds since the Unix epoch.
    pub(crate) now: u64,
    /// The tables by name, and their columns.
    pub tables: tables::Tables,
    epoch: Epoch,
    /// Messages that are not logged yet.
    pub(crate) messages: Messages,
}

impl State {
    /// A number that differs from every earlier one, and from that of every other state, if the state was changed other
    /// than by the parser of an event. A value read from the state is valid while this number stays the same and no event
    /// is parsed.
    #[inline]
    pub fn epoch(&self) -> u64 {
        self.epoch.get()
    }

    /// How ports are shown.
    pub fn ports(&self) -> Ports<'_> {
        Ports::by(self.services.as_ref())
    }

    /// Must be called for every change that an event's parser does not make: by an API call, a table write, a plugin.
    pub fn touch(&self) {
        self.clock().advance();
        self.epoch.next();
    }

    /// The clock: results of filters for the current event are valid while it does not advance, see [`Filter::lasts`](crate::filter::Filter::lasts).
    #[inline]
    pub fn clock(&self) -> &Clock {
        self.threads.exposures().clock()
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("threads", &self.threads.len())
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}

/// A source of the threads of a running system, such as /proc.
pub trait ThreadSource: Send {
    /// Passes the thread `tid` and its fds to `sink`; returns whether the thread exists.
    fn scan_thread(&mut self, tid: i64, sink: &mut dyn SystemSink) -> bool;
    /// Passes one fd of the process `pid` to `sink`.
    fn scan_fd(&mut self, pid: i64, fd: i64, sink: &mut dyn SystemSink);
    /// The device number of a mount in the mount namespace of the process `pid`; 0 if unknown.
    fn device_of_mount(&mut self, pid: i64, mount_id: u32) -> u32;
    /// The environment of the process `pid`, texts that each end with a NUL; `None` if it cannot be read.
    fn environment(&mut self, pid: i64) -> Option<Vec<u8>>;
    /// Whether the thread still exists, with the same name if there is one: a reused tid is not the same thread.
    fn is_alive(&mut self, pid: i64, tid: i64, comm: Option<&[u8]>) -> bool;
}

impl SystemSink for State {
    fn progress(&mut self, message: &str) {
        self.messages.add(Severity::INFO, format_args!("libscap: {message}"));
    }

    fn machine(&mut self, machine: &MachineInfo) {
        self.machine = machine.clone();
    }

    fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces;
    }

    fn users(&mut self, users: UserList) {
        if !self.without_users {
            self.users.add_list(users);
        }
    }

    fn thread(&mut self, info: ThreadInfo) {
        if self.suppressed.scan(info.tid, info.ptid, &info.comm, self.scanning) {
            return;
        }
        self.users.add_seen(info.uid, info.gid);
        self.add_thread(Thread::from_info(&info), !self.scanning);
    }

    fn fd(&mut self, pid: i64, info: FdInfo) {
        let (number, fd) = (info.fd, Fd::from_info(info, &self.interfaces));
        if let SockInfo::Ipv4Server { port, .. } | SockInfo::Ipv6Server { port, .. } = fd.sock() {
            self.server_ports.insert(port);
        }
        if let Some(thread) = self.threads.get_mut(pid) {
            let known = thread.own_fds.len();
            thread.own_fds.add(number, fd);
            self.stats.fds_added.add((thread.own_fds.len() - known) as u64);
        }
    }
}
