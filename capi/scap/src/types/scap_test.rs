//! What the engine for tests delivers: the program's own events, threads and fds.

pub use crate::engine::test_input::Events;
use crate::types::ppm::ppm_evt_hdr;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};

/// The fds of a thread.
#[repr(C)]
pub struct scap_test_fdinfo_data {
    /// An array of them.
    pub fdinfos: *const scap_fdinfo,
    /// How many there are.
    pub fdinfo_count: usize,
}

/// What the engine delivers. It belongs to the program and has to live as long as the capture; the engine counts `events` and
/// `event_count` on as it goes.
#[repr(C)]
pub struct scap_test_input_data {
    /// The events, in their order.
    pub events: *mut *mut ppm_evt_hdr,
    /// How many there are.
    pub event_count: usize,
    /// The threads that exist already.
    pub threads: *mut scap_threadinfo,
    /// How many there are.
    pub thread_count: usize,
    /// The fds of each of those threads; may be null.
    pub fdinfo_data: *mut scap_test_fdinfo_data,
}
