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
mod enter;
mod manual;
mod results;
mod steady;
mod tracepoints;
mod values;
