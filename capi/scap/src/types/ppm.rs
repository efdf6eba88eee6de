//! The names of the event description's C header that this API mentions. `driver/ppm_events_public.h` declares them; the tables
//! themselves are C, compiled from the description.

use std::ffi::c_char;

/// How many codes of system calls there are.
pub const PPM_SC_MAX: usize = driver::SC_COUNT;
/// How many codes of events there are.
pub const PPM_EVENT_MAX: usize = driver::EVENT_COUNT;
/// The most parameters that an event has.
pub const PPM_MAX_EVENT_PARAMS: usize = 32;

/// The code of a system call or tracepoint. Any number can come from C.
pub type ppm_sc_code = u32;
/// The code of an event. Any number can come from C.
pub type ppm_event_code = u32;
/// `EC_*` bits.
pub type ppm_event_category = u32;

/// What every event starts with, packed and little-endian.
#[repr(C, packed)]
#[derive(Debug, Clone, Copy)]
pub struct ppm_evt_hdr {
    /// Nanoseconds since the epoch.
    pub ts: u64,
    /// The thread that made it.
    pub tid: u64,
    /// The length of the whole event, in bytes.
    pub len: u32,
    /// Its code.
    pub r#type: u16,
    /// How many parameters it carries.
    pub nparams: u32,
}

const _: () = assert!(size_of::<ppm_evt_hdr>() == scap_sys::HEADER_LEN);

/// The processor times of threads; an array of three numbers each follows.
#[repr(C)]
pub struct ppm_proclist_info {
    /// How many threads there are.
    pub n_entries: i64,
    /// How many there is room for.
    pub max_entries: i64,
}

/// A row of the C event table.
#[repr(C)]
pub struct ppm_event_info {
    /// The name that users see.
    pub name: [c_char; 32],
    // The rest is read by C alone.
    _rest: [u64; 226],
}

const _: () = assert!(size_of::<ppm_event_info>() == EVENT_INFO_SIZE);

/// The size of a row as C sees it, which the tables check in turn.
pub const EVENT_INFO_SIZE: usize = 1840;

unsafe extern "C" {
    /// The event table in C, by code.
    pub static g_event_info: [ppm_event_info; PPM_EVENT_MAX];
}
