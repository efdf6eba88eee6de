//! The state of an inspector: threads, thread groups, fds, users, and the program's objects that hold their data.

mod access;
pub mod family;
pub mod fd;
pub mod fd_data;
pub mod interfaces;
pub mod objects;
pub mod store;
pub mod thread;
pub mod thread_data;
pub mod thread_group;
pub mod thread_table;
pub mod users;
