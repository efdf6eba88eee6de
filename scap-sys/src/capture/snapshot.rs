//! The description of a system, collected in memory.

use crate::{FdInfo, Interface, MachineInfo, SystemSink, ThreadInfo, UserList};

/// Everything that was passed to this [`SystemSink`], in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The machine.
    pub machine: Option<MachineInfo>,
    /// The interfaces.
    pub interfaces: Vec<Interface>,
    /// The users and groups.
    pub users: UserList,
    /// The threads.
    pub threads: Vec<ThreadInfo>,
    /// The fds of each process, with its pid.
    pub fds: Vec<(i64, Vec<FdInfo>)>,
}

impl SystemSink for Snapshot {
    fn machine(&mut self, machine: &MachineInfo) {
        self.machine = Some(machine.clone());
    }

    fn interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces;
    }

    fn users(&mut self, users: UserList) {
        self.users = users;
    }

    fn thread(&mut self, thread: ThreadInfo) {
        self.threads.push(thread);
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        match self.fds.last_mut() {
            Some((last, fds)) if *last == pid => fds.push(fd),
            _ => self.fds.push((pid, vec![fd])),
        }
    }
}
