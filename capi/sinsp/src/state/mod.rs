//! What an inspector knows of the system: threads, thread groups, fds, users, and the program's objects that hold them.

pub mod fd;
pub mod interfaces;
pub mod store;
pub mod thread;
pub mod thread_group;
pub mod users;
