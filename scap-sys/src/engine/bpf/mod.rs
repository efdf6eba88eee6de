//! The modern BPF engine: loads the probe into the running kernel and delivers its events.
//!
//! The probe's programs write events into ring buffers, one per CPU by default, which are mapped here (`ring.rs`) and
//! merged by time (`merge.rs` of the folder above). One byte per system call, in memory shared with the probe, selects the calls to capture.
//!
//! It needs Linux 5.8 with BTF, and the capabilities CAP_BPF and CAP_PERFMON. Kernels before 5.11 also need
//! CAP_SYS_RESOURCE, because they count BPF memory as locked memory; libbpf detects this.

mod counts;
mod engine;
mod enter;
mod grow;
pub(crate) mod libbpf;
mod load;
mod manual;
mod messages;
mod options;
mod preemption;
#[cfg(test)]
mod programs;
pub(super) mod ring;
mod room;
pub(crate) mod shared;

pub use engine::BpfEngine;
pub(crate) use libbpf::possible_cpus;
pub use load::{Loader, check_support};
pub use messages::{Level, Message, logged};
pub use options::BpfOptions;
