//! What is known of the system at the time of the current event.

pub mod accounts;
pub mod cl;
mod counter;
mod epoch;
mod exited;
mod fd;
mod fdtable;
mod group;
mod held;
pub mod interfaces;
mod lifecycle;
pub mod names;
pub mod path;
pub mod store;
mod suppress;
pub mod tables;
mod tell;
mod text;
mod thread;
mod threads;
mod users;

pub use counter::Counter;
pub use fd::{Fd, FdFlags, FdKind, SockInfo, open};
pub use fdtable::{FdTable, MAX_FDS};
pub use group::{Group, GroupId};
pub use held::FdHold;
pub use suppress::Suppressed;
pub use tell::fd_info;
pub use text::{Text, TextList};
pub(crate) use thread::NO_EVENT_TYPE;
pub use thread::{List, Thread};
pub use threads::{DEFAULT_LIMIT, ThreadId, ThreadTable};
pub use users::{UserLookup, Users};

use crate::logger::{Messages, Severity};
use epoch::Epoch;
use exited::RecentlyExited;
pub use scap_sys::{FdInfo, FdType, GroupInfo, L4Proto, SystemSink, ThreadInfo, UserInfo, UserList};
use scap_sys::{Interface, MachineInfo};

/// Everything that is known of the system.
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
    /// Whose events nobody is to see.
    pub suppressed: Suppressed,
    /// Whether lists of users and groups are not taken in.
    pub without_users: bool,
    /// Counters of what happened to the tables.
    pub stats: StateStats,
    /// Whom to ask about a thread that is not in the table.
    source: Option<Box<dyn ThreadSource>>,
    exited: RecentlyExited,
    /// Ports that some process listens on, in the scan of what existed already.
    server_ports: hashbrown::HashSet<u16>,
    /// Whether threads that come in wait for the end of a scan to be tied to their parents and processes.
    scanning: bool,
    /// Buffers for enter events that no thread uses now.
    pub(crate) spare_buffers: Vec<Vec<u8>>,
    /// The time of the current event.
    pub(crate) now: u64,
    /// Which tables there are, and their columns.
    pub tables: tables::Tables,
    epoch: Epoch,
    /// What there is to say of it.
    pub(crate) messages: Messages,
}

impl State {
    /// A number that is another one whenever something changed since it was asked for last, but for what an event's own parser
    /// changes; and that no other state ever has. What was read of the state is true as long as it stays.
    #[inline]
    pub fn epoch(&self) -> u64 {
        self.epoch.get()
    }

    /// Says that something is changed otherwise than by the parser of an event: by a call, a table's write, a plugin.
    pub fn touch(&mut self) {
        self.epoch.next();
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

/// Who knows the threads of a running system.
pub trait ThreadSource: Send {
    /// Tells `sink` of the thread `tid` and its files; answers whether it was there.
    fn scan_thread(&mut self, tid: i64, sink: &mut dyn SystemSink) -> bool;
    /// Tells `sink` of one file of the process `pid`.
    fn scan_fd(&mut self, pid: i64, fd: i64, sink: &mut dyn SystemSink);
    /// The device that holds a mount, as the process `pid` sees it; 0 where it is not known.
    fn device_of_mount(&mut self, pid: i64, mount_id: u32) -> u32;
    /// Whether the thread still exists, and is not another one of the same number.
    fn is_alive(&mut self, pid: i64, tid: i64, comm: &[u8]) -> bool;
}

/// Counters of what happened to the tables. A clone shows the same ones.
#[derive(Debug, Clone, Default)]
pub struct StateStats {
    /// Threads that came into the table.
    pub threads_added: Counter,
    /// Threads that left it.
    pub threads_removed: Counter,
    /// Threads that did not find room.
    pub threads_dropped: Counter,
    /// Threads that were asked for and not there.
    pub thread_lookups_failed: Counter,
    /// Threads that were invented because nothing could be found out about them.
    pub threads_invented: Counter,
    /// Enter events kept for their exit events.
    pub enter_events_kept: Counter,
    /// Exit events that wanted their enter event and did not find it.
    pub enter_events_missed: Counter,
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
        self.users.seen(info.uid, info.gid);
        self.add_thread(Thread::from_info(&info), !self.scanning);
    }

    fn fd(&mut self, pid: i64, info: FdInfo) {
        let (number, fd) = (info.fd, Fd::from_info(info, &self.interfaces));
        if let SockInfo::Ipv4Server { port, .. } | SockInfo::Ipv6Server { port, .. } = fd.sock() {
            self.server_ports.insert(port);
        }
        if let Some(thread) = self.threads.get_mut(pid) {
            thread.own_fds.add(number, fd);
        }
    }
}
