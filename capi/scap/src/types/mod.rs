//! The structs, enums and constants of the headers, and how the core's data is copied to and from them. No function is exported from here.

pub mod engine_handle;
pub(crate) mod from_c;
pub mod ints;
pub mod metrics_v2;
pub mod plugin_info;
pub mod plugin_types;
pub mod ppm;
pub mod results;
pub mod scap;
pub mod scap_cgroup_set;
pub mod scap_const;
pub mod scap_int;
pub mod scap_limits;
pub mod scap_log;
pub mod scap_machine_info;
pub mod scap_open;
pub mod scap_print_types;
pub mod scap_savefile_types;
pub mod scap_settings;
pub mod scap_test;
pub mod scap_vtable;
pub(crate) mod to_c;
pub mod uthash;
