//! Names of the event description's C header that this API uses. `driver/ppm_events_public.h` declares them to C; the tables themselves are
//! C, generated from the description.

use std::ffi::c_char;

/// The number of `ppm_sc` codes.
pub const PPM_SC_MAX: usize = driver::SC_COUNT;
/// The number of event codes.
pub const PPM_EVENT_MAX: usize = driver::EVENT_COUNT;
/// The most parameters that an event has.
pub const PPM_MAX_EVENT_PARAMS: usize = 32;

/// The code of a system call or tracepoint. C may pass any number.
pub type ppm_sc_code = u32;
/// The code of an event. C may pass any number.
pub type ppm_event_code = u32;
/// `EC_*` bits.
pub type ppm_event_category = u32;

/// The header of every event, packed, in the machine's byte order.
#[repr(C, packed)]
#[derive(Debug, Clone, Copy)]
pub struct ppm_evt_hdr {
    /// The time: nanoseconds since the epoch.
    pub ts: u64,
    /// The tid of the thread that produced it.
    pub tid: u64,
    /// The length of the event with this header, in bytes.
    pub len: u32,
    /// Its code.
    pub r#type: u16,
    /// The number of its parameters.
    pub nparams: u32,
}

const _: () = assert!(size_of::<ppm_evt_hdr>() == scap_sys::HEADER_LEN);

/// The CPU times of threads. `n_entries` entries of three u64 follow: tid, user and system time.
#[repr(C)]
pub struct ppm_proclist_info {
    /// How many threads there are.
    pub n_entries: i64,
    /// How many entries there is room for.
    pub max_entries: i64,
}

/// A row of the C event table.
#[repr(C)]
pub struct ppm_event_info {
    /// The name that users see.
    pub name: [c_char; 32],
    // Only C reads the rest.
    _rest: [u64; 226],
}

const _: () = assert!(size_of::<ppm_event_info>() == EVENT_INFO_SIZE);

/// The size of a row in C, in bytes; `variadic.c` checks it.
pub const EVENT_INFO_SIZE: usize = 1840;

unsafe extern "C" {
    /// The event table in C, by code.
    pub static g_event_info: [ppm_event_info; PPM_EVENT_MAX];
}
