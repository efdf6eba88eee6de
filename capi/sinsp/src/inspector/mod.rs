//! The inspector: opening, options, callbacks, reading events, and the gate that lets one thread at a time use it.

mod about;
mod attached;
pub mod bpf_params;
pub mod capture;
pub(crate) mod chosen;
pub mod drops;
pub(crate) mod gate;
pub mod handle;
pub mod hooks;
pub mod kmod;
pub mod metrics;
pub mod names;
pub mod next;
pub mod open;
pub mod options;
pub mod platform;
pub mod progress;
pub mod selection;
pub mod set_hooks;
pub mod status;
pub mod suppress;
pub mod test_input;
