//! The modern BPF engine on the running kernel.

mod capture;
mod common;
mod enter;
mod manual;
mod steady;
mod tracepoints;
