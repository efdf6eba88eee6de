//! The counters of a capture. The C headers are made from this file, too: there it is called `scap_stats` and `sinsp_stats`.

/// Counters of a capture.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events that the driver saw.
    pub n_evts: u64,
    /// Events that were lost.
    pub n_drops: u64,
    /// Events lost because a ring was full; the following count some of them by what they were.
    pub n_drops_buffer: u64,
    /// The exit of clone, fork and their like.
    pub n_drops_buffer_clone_fork_exit: u64,
    /// The exit of execve.
    pub n_drops_buffer_execve_exit: u64,
    /// The enter of connect.
    pub n_drops_buffer_connect_enter: u64,
    /// The exit of connect.
    pub n_drops_buffer_connect_exit: u64,
    /// The enter of open and its like.
    pub n_drops_buffer_open_enter: u64,
    /// The exit of open and its like.
    pub n_drops_buffer_open_exit: u64,
    /// The exit of calls on directories and files.
    pub n_drops_buffer_dir_file_exit: u64,
    /// The exit of other calls of interest.
    pub n_drops_buffer_other_interest_exit: u64,
    /// The exit of close.
    pub n_drops_buffer_close_exit: u64,
    /// The end of a thread.
    pub n_drops_buffer_proc_exit: u64,
    /// Events lost because the space to build them in was full.
    pub n_drops_scratch_map: u64,
    /// Events lost because memory could not be read.
    pub n_drops_pf: u64,
    /// Events lost to a bug in the driver.
    pub n_drops_bug: u64,
    /// System calls and other moments that the driver did not see, because it had been preempted on the same CPU.
    pub n_preemptions: u64,
    /// Events left out because their thread is suppressed.
    pub n_suppressed: u64,
    /// Threads that are suppressed.
    pub n_tids_suppressed: u64,
}
