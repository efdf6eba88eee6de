//! How to capture, and what the programs of the probe count.

use driver::Sc;

/// The program that is called at every exit from a system call.
pub(super) const DISPATCHER: &str = "sys_exit";

/// The options of a BPF capture.
#[derive(Debug, Clone)]
pub struct BpfOptions {
    /// The size of each ring buffer in bytes: a power of two and a multiple of the page size.
    /// [`Engine::grow_buffer`](crate::engine::Engine::grow_buffer) gives a CPU more during a capture.
    pub buffer_bytes: usize,
    /// How many CPUs share one ring buffer; 0 for a single one for all. With more than one, [`Event::cpu`](crate::Event::cpu) names the first
    /// of them.
    pub cpus_per_buffer: u16,
    /// Creates ring buffers only for the CPUs that are online. A CPU that comes online later shares one of them.
    pub online_cpus_only: bool,
    /// The system calls and tracepoints to capture; `None` for all. [`Engine::set_interesting`](crate::engine::Engine::set_interesting) changes it.
    pub interesting: Option<Vec<Sc>>,
}

impl Default for BpfOptions {
    fn default() -> Self {
        BpfOptions { buffer_bytes: 8 << 20, cpus_per_buffer: 1, online_cpus_only: true, interesting: None }
    }
}
