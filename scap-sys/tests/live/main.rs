//! The modern BPF engine on the running kernel.

#[path = "../support/allocations.rs"]
mod allocations;
mod births;
mod capture;
mod common;
mod enter;
mod manual;
mod steady;
mod tracepoints;
mod values;
