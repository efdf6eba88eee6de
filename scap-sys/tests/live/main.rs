//! The modern BPF engine on the running kernel.

mod capture;
mod common;
mod manual;
mod steady;
