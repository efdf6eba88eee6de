//! The modern BPF engine on the running kernel.

#[path = "../support/allocations.rs"]
mod allocations;
mod births;
#[cfg(target_arch = "x86_64")]
mod both;
mod capture;
mod common;
#[cfg(target_arch = "x86_64")]
mod compat;
mod drops;
mod enter;
mod grow;
#[path = "../support/soak.rs"]
mod load;
mod manual;
mod results;
mod soak;
mod steady;
mod tracepoints;
mod values;
