//! The platform: the machine, users, interfaces, threads and fds that exist before the first event.

pub mod alloc;
pub mod fd_table;
mod hooks;
pub mod proclist_info;
mod scan;
pub mod scap_cgroup;
pub mod scap_platform;
pub mod scap_platform_api;
pub mod scap_proc_util;
pub mod scap_procs;
pub mod state;
