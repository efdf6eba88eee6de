//! The counters of a capture. cbindgen makes `scap_stats` and `sinsp_stats` of the C headers from this file.

use driver::Sc;

/// Counters of a capture.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events that the probe produced, with those that were lost.
    pub n_evts: u64,
    /// Events that were lost, for any reason.
    pub n_drops: u64,
    /// Events that were lost because a ring buffer was full. The following counters split some of them by event.
    pub n_drops_buffer: u64,
    /// Exit of clone, fork and similar calls.
    pub n_drops_buffer_clone_fork_exit: u64,
    /// Exit of execve.
    pub n_drops_buffer_execve_exit: u64,
    /// Enter of connect.
    pub n_drops_buffer_connect_enter: u64,
    /// Exit of connect.
    pub n_drops_buffer_connect_exit: u64,
    /// Enter of open and similar calls.
    pub n_drops_buffer_open_enter: u64,
    /// Exit of open and similar calls.
    pub n_drops_buffer_open_exit: u64,
    /// Exit of calls on directories and files.
    pub n_drops_buffer_dir_file_exit: u64,
    /// Exit of other calls of interest.
    pub n_drops_buffer_other_interest_exit: u64,
    /// Exit of close.
    pub n_drops_buffer_close_exit: u64,
    /// Exit of a thread.
    pub n_drops_buffer_proc_exit: u64,
    /// Events that were lost because they were too long for the driver (64 KiB).
    pub n_drops_scratch_map: u64,
    /// Events that were lost because memory could not be read.
    pub n_drops_pf: u64,
    /// Events that were lost to a bug in the driver.
    pub n_drops_bug: u64,
    /// System calls and tracepoints that the probe missed because its program was already running on the same CPU.
    pub n_preemptions: u64,
    /// Events of suppressed threads.
    pub n_suppressed: u64,
    /// Threads that are suppressed.
    pub n_tids_suppressed: u64,
}

/// The counters of one CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuCounts {
    /// Events, with those that were dropped.
    pub n_evts: u64,
    /// Events that were dropped.
    pub n_drops: u64,
}

/// The events of a system call or tracepoint that were dropped because a ring buffer was full or because they were too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScDrops {
    /// Its code. Enter events count under their call, a program that the scheduler reports to start as execve, and a child that it reports as clone;
    /// code 0 is for what belongs to no call: the marks of sampling.
    pub sc: Sc,
    /// The number of events, since the engine was opened.
    pub drops: u64,
}

/// The run count and run time of a BPF program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRuns {
    /// The name of the program.
    pub name: String,
    /// The number of runs.
    pub runs: u64,
    /// The total run time, in nanoseconds.
    pub run_time_ns: u64,
}
