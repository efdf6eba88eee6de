//! The platform: the machine, users, interfaces, threads and fds that exist before the first event.

pub(crate) mod hooks;
pub mod scap_cgroup;
pub mod scap_fds;
pub mod scap_linux_platform;
pub mod scap_platform;
pub mod scap_platform_api;
pub mod scap_procs;
pub mod state;
