//! How to capture, and what the programs of the probe count.

use driver::Sc;

/// The program that is called at every exit from a system call.
pub(super) const DISPATCHER: &str = "sys_exit";

/// How to capture.
#[derive(Debug, Clone)]
pub struct BpfOptions {
    /// The size of each ring buffer: a power of two, and a multiple of the page size.
    pub buffer_bytes: usize,
    /// How many CPUs share one ring buffer; 0 for a single one for all. With more than one, [`Event::cpu`](crate::Event::cpu) names the first
    /// of them.
    pub cpus_per_buffer: u16,
    /// Makes ring buffers for the CPUs that are online alone. One that comes later shares the ring buffer of another.
    pub online_cpus_only: bool,
    /// The system calls and tracepoints to capture; `None` for all. [`Engine::set_interesting`](crate::engine::Engine::set_interesting) changes it.
    pub interesting: Option<Vec<Sc>>,
}

impl Default for BpfOptions {
    fn default() -> Self {
        BpfOptions { buffer_bytes: 8 << 20, cpus_per_buffer: 1, online_cpus_only: true, interesting: None }
    }
}

/// What one CPU counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuCounts {
    /// Events, those included that were dropped.
    pub n_evts: u64,
    /// Events that were dropped.
    pub n_drops: u64,
}

/// How often and how long a BPF program ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRuns {
    /// Its name.
    pub name: String,
    /// How often.
    pub runs: u64,
    /// How long, in nanoseconds.
    pub run_time_ns: u64,
}
