//! What is known of a system, gathered: as a capture's blocks or the /proc scan tell it, or to be written to a capture.

use crate::{FdInfo, Interface, MachineInfo, SystemSink, ThreadInfo, UserList};

/// Everything that a [`SystemSink`] is told, in the order in which it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The machine.
    pub machine: Option<MachineInfo>,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
    /// Its users and groups.
    pub users: UserList,
    /// Its threads.
    pub threads: Vec<ThreadInfo>,
    /// The fds of each process, which is named by its pid.
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
