//! The handle of a capture. Engines write to it, the text of an error say, while a function that was called on it is running;
//! therefore it is all cells, and never borrowed as a whole to be changed.

use crate::engine_handle::scap_engine_handle;
use crate::scap_const::SCAP_LASTERR_SIZE;
use crate::scap_log::falcosecurity_log_fn;
use crate::scap_vtable::scap_vtable;
use std::cell::Cell;
use std::ffi::c_char;

/// A capture in progress. An engine that a program brings reads the members; all others leave them alone.
#[repr(C)]
pub struct scap {
    /// The engine's functions; null before `scap_init`.
    pub m_vtable: Cell<*const scap_vtable>,
    /// The engine's object.
    pub m_engine: Cell<scap_engine_handle>,
    /// The text of the last error.
    pub m_lasterr: Cell<[c_char; SCAP_LASTERR_SIZE]>,
    /// How many events there were.
    pub m_evtcnt: Cell<u64>,
    /// Where log messages go; may be null.
    pub m_log_fn: Cell<falcosecurity_log_fn>,
    /// The flags of the last event.
    pub m_dump_flags: Cell<u32>,
}
