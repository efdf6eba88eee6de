//! The modern BPF engine: loads the probe into the running kernel and delivers its events.
//!
//! The probe's programs write events straight into ring buffers, one a CPU by default, which are mapped here (`ring.rs`) and
//! merged by time (`merge.rs`). Which system calls are captured is a byte each in memory that both sides see.
//!
//! It takes Linux 5.8 with BTF, and the capabilities CAP_BPF and CAP_PERFMON. CAP_SYS_RESOURCE is taken by kernels before
//! 5.11 alone, whose accounting of BPF memory counts as locked memory: libbpf asks the kernel which it is.

mod counts;
mod engine;
mod enter;
pub(crate) mod libbpf;
mod load;
mod manual;
mod merge;
mod messages;
mod options;
mod preemption;
mod ring;
pub(crate) mod shared;

pub use engine::BpfEngine;
pub use load::{Loader, check_support};
pub use messages::{Level, Message, logged};
pub use options::{BpfOptions, CpuCounts, ProgramRuns};
