//! libscap's C API: engines and their raw events, the tables that explain them, and the platform behind them.
//!
//! Each module is the source of the C header of its name, or of a part of `scap.h`; `capi/headers` makes the headers. The
//! types are named as C names them.
//!
//! A capture, a platform, a dumper or a converter's buffer is used by one operating-system thread at a time; different ones do not know
//! of each other. A callback may call functions on what calls it, which answer an error where that is at work, but must not end it.
//!
//! A pointer that is null where it must not be is answered with an error, panics end at the border, and the text of an error is
//! on the handle (`scap_getlasterr`).

#![allow(non_camel_case_types, non_upper_case_globals)]

mod convert;
pub mod converter;
mod dumper;
pub mod encode;
mod engine;
pub use engine::metrics::of_driver as driver_metrics;
pub use engine::modern_bpf::{API_VERSION, SCHEMA_VERSION};
pub mod engine_handle;
pub mod event;
mod fetch;
mod given;
pub mod handle;
pub mod ints;
pub mod kmod_public;
pub mod libpman;
mod linux_vtable;
pub mod metrics_v2;
pub mod modern_bpf_public;
pub mod noop;
pub mod platform;
pub mod plugin_types;
mod pman;
pub mod ppm;
pub mod results;
pub mod savefile_public;
pub mod scap;
pub mod scap_api_version;
pub mod scap_cgroup;
pub mod scap_cgroup_set;
pub mod scap_const;
pub mod scap_engine_util;
pub mod scap_engines;
pub mod scap_fds;
pub mod scap_int;
pub mod scap_limits;
pub mod scap_linux_platform;
pub mod scap_log;
pub mod scap_machine_info;
pub mod scap_open;
pub mod scap_platform;
pub mod scap_platform_api;
pub mod scap_print;
pub mod scap_print_procs;
pub mod scap_print_types;
pub mod scap_procs;
pub mod scap_savefile_api;
pub mod scap_savefile_lists;
pub mod scap_savefile_types;
pub mod scap_settings;
pub mod scap_test;
pub mod scap_vtable;
pub mod source_plugin_info;
pub mod source_plugin_public;
pub mod tables;
pub mod test_input_public;
pub mod uthash;
mod variadic;
