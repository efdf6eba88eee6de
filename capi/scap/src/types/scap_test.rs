//! The input of the engine for tests: the program's own events, threads and fds.

use crate::types::ppm::ppm_evt_hdr;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};

/// The fds of a thread.
#[repr(C)]
pub struct scap_test_fdinfo_data {
    /// An array of them.
    pub fdinfos: *const scap_fdinfo,
    /// How many events are left.
    pub fdinfo_count: usize,
}

/// The input of the engine. It belongs to the program and must stay valid as long as the capture. The engine advances `events` and
/// decrements `event_count` as it reads.
#[repr(C)]
pub struct scap_test_input_data {
    /// The events, in order.
    pub events: *mut *mut ppm_evt_hdr,
    /// How many events are left.
    pub event_count: usize,
    /// The threads that exist already.
    pub threads: *mut scap_threadinfo,
    /// How many events are left.
    pub thread_count: usize,
    /// The fds of each thread, `thread_count` entries; may be null.
    pub fdinfo_data: *mut scap_test_fdinfo_data,
}
