//! What is known of the system at the time of the current event.

mod fd;
mod thread;

pub use fd::{Fd, FdFlags, SockInfo};
pub use thread::Thread;

use scap_sys::{Interface, MachineInfo};

/// Everything that is known of the system.
#[derive(Debug, Default)]
pub struct State {
    /// The machine that the events come from.
    pub machine: MachineInfo,
    /// Its network interfaces.
    pub interfaces: Vec<Interface>,
}
