//! The structs, enums and constants of the headers, and their conversion from and to `scap-sys`. No function is exported from here.

pub mod engine;
pub mod enums;
pub(crate) mod from_c;
pub mod ints;
pub mod metrics_v2;
pub mod plugin_info;
pub mod plugin_types;
pub mod ppm;
pub mod scap;
pub mod scap_cgroup_set;
pub mod scap_const;
pub mod scap_limits;
pub mod scap_linux_platform;
pub mod scap_log;
pub mod scap_machine_info;
pub mod scap_open;
pub mod scap_platform_impl;
pub mod scap_procs;
pub mod scap_test;
pub mod to_c;
pub mod uthash;
