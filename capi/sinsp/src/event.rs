//! The current event as C sees it, and the parameters of any event.

use crate::ffi::{Failure, guard, sinsp_error, sinsp_str};
use crate::store::known_fd_object;
use crate::thread::{SINSP_NO_THREAD, known_object, number_of};
use scap_sys::Event;
use sinsp_core::EventContext;
use sinsp_core::state::ThreadId;
use std::ffi::c_void;
use std::ptr::null_mut;

/// The most parameters that an event has.
pub const SINSP_MAX_PARAMS: usize = 32;

/// What `sinsp_inspector_next` tells of an event. Its pointers are borrowed until the next call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_event {
    /// The event as it stands on the wire (`struct ppm_evt_hdr` and what follows it).
    pub bytes: *const u8,
    /// How long it is.
    pub len: u32,
    /// The flags that a capture file has for it (`SCAP_DF_*`).
    pub dump_flags: u32,
    /// Its number since the capture was opened, from 1.
    pub num: u64,
    /// The number of the thread that made it; `SINSP_NO_THREAD` if that is not known.
    pub thread: u64,
    /// The program's object for that thread, if it has one already; else null.
    pub thread_object: *mut c_void,
    /// The number of the thread that has open the fd that the event is about, as number `fd_num`; `SINSP_NO_THREAD` if it is about none
    /// or the fd is not known.
    pub fd_owner: u64,
    /// The program's object for that fd, if it has one already; else null.
    pub fd_object: *mut c_void,
    /// The number of the fd that it is about, of which nothing more may be known; -1 if it is about none.
    pub fd_num: i64,
    /// What the call returned, as far as it counts as a failure when less than 0.
    pub result: i64,
    /// The CPU it happened on.
    pub cpu: u16,
    /// Its type (`PPME_*`).
    pub code: u16,
    /// Whether it gave the fd another name.
    pub fd_name_changed: bool,
}

impl sinsp_event {
    /// Becomes what C is told of the event.
    ///
    /// Field by field: a value made elsewhere would be copied before it was written out, which the processor has to wait for.
    #[inline]
    pub fn describe(&mut self, context: &EventContext<'_>) {
        let bytes = context.event.bytes();
        self.bytes = bytes.as_ptr();
        self.len = bytes.len() as u32;
        self.dump_flags = context.event.flags();
        self.num = context.num;
        self.thread = number_of(context.thread);
        self.thread_object = context.thread.and_then(known_object).unwrap_or(null_mut());
        self.fd_owner = context.fd_owner.map_or(SINSP_NO_THREAD, ThreadId::to_number);
        self.fd_object = context.fd.and_then(known_fd_object).unwrap_or(null_mut());
        self.fd_num = context.notes.fd_num;
        self.result = context.notes.errno;
        self.cpu = context.event.cpu();
        self.code = context.event.ty().0;
        self.fd_name_changed = context.notes.fd_name_changed;
    }
}

/// Finds the parameters of the event at `bytes`, which is `len` bytes long with all it holds: `params[i]` becomes a view of the
/// i-th for the first `capacity` of them. Answers how many the event has, or -1 with an error if it does not hold together.
///
/// # Safety
/// `bytes` must be null or point to `len` bytes, `params` to `capacity` writable views, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_event_params(
    bytes: *const u8,
    len: usize,
    params: *mut sinsp_str,
    capacity: usize,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = || {
        if bytes.is_null() || params.is_null() {
            return Err(Failure::illegal("null event"));
        }
        // SAFETY: neither is null, and the caller vouches for the lengths.
        let (bytes, params) =
            unsafe { (std::slice::from_raw_parts(bytes, len), std::slice::from_raw_parts_mut(params, capacity)) };
        let event = Event::new(bytes, 0, 0)?;
        for (slot, value) in params.iter_mut().zip(event.params()) {
            *slot = sinsp_str::of(value);
        }
        Ok(event.nparams() as i32)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| -1, body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null;

    fn getppid(len: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&1u64.to_le_bytes());
        bytes.extend_from_slice(&7u64.to_le_bytes());
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(&driver::EventType::GENERIC_X.0.to_le_bytes());
        bytes.extend_from_slice(&1u32.to_le_bytes());
        bytes.extend_from_slice(&2u16.to_le_bytes());
        bytes.extend_from_slice(&9u16.to_le_bytes());
        bytes
    }

    #[test]
    fn parameters_of_good_and_lying_events() {
        let mut params = [sinsp_str::EMPTY; SINSP_MAX_PARAMS];
        let mut count = |bytes: &[u8]| {
            // SAFETY: the arrays are as long as they are said to be.
            unsafe { sinsp_event_params(bytes.as_ptr(), bytes.len(), params.as_mut_ptr(), params.len(), null_mut()) }
        };
        assert_eq!(count(&getppid(30)), 1);
        assert_eq!(count(&getppid(31)), -1);
        assert_eq!(count(&getppid(28)), -1);
        assert_eq!(params[0].len, 2);
        // SAFETY: null is answered.
        assert_eq!(unsafe { sinsp_event_params(null(), 0, params.as_mut_ptr(), 1, null_mut()) }, -1);
    }
}
