//! Events as C sees them: the inspector's current one, those that a program makes of bytes, and the parameters of both.

use crate::ffi::Failure;
use crate::state::store::{Stores, known_fd_object, known_object};
use crate::state::thread_data::{SINSP_NO_THREAD, number_of};
use sinsp_core::EventContext;
use sinsp_core::context::Notes;
use sinsp_core::inspector::Inspector;
use sinsp_core::state::ThreadId;
use sinsp_core::{Event, HEADER_LEN};
use std::cell::OnceCell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Arc;

/// An event: one that `sinsp_inspector_next` describes, or one that a program makes of bytes.
///
/// The pointers of a described event are borrowed until the next call, and whoever asks about it later is told so. A program that
/// makes an event starts from zeros, sets `bytes` and what else it knows, and leaves `of` at 0: the bytes are its own then, and have
/// to stay while the event is asked about. What it leaves out is found by the bytes (the length, the thread), or is not there (the
/// fd). A program that changes a described event sets `changed`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_event {
    /// The event as it stands on the wire (`struct ppm_evt_hdr` and what follows it).
    pub bytes: *const u8,
    /// How long it is; 0: as long as its header says.
    pub len: u32,
    /// The flags that a capture file has for it (`SCAP_DF_*`).
    pub dump_flags: u32,
    /// Its number since the capture was opened, from 1.
    pub num: u64,
    /// The number of the thread that made it; `SINSP_NO_THREAD` if that is not known.
    pub thread: u64,
    /// The program's object for that thread, if it has one already; else null.
    pub thread_object: *mut c_void,
    /// The number of the thread that has open the fd that the event is about; `SINSP_NO_THREAD` if it is about none or the fd is not known.
    pub fd_owner: u64,
    /// The number of that fd in its table.
    pub fd_key: i64,
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
    /// Whether a program changed what the inspector said of it.
    pub changed: bool,
    /// The number under which the inspector described it; 0 for an event that a program made.
    pub of: u64,
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
        (self.fd_owner, self.fd_key) = context.fd_at.map_or((SINSP_NO_THREAD, -1), |(id, fd)| (id.to_number(), fd));
        self.fd_object = context.fd.and_then(known_fd_object).unwrap_or(null_mut());
        self.fd_num = context.notes.fd_num;
        self.result = context.notes.errno;
        self.cpu = context.event.cpu();
        self.code = context.event.ty().0;
        self.fd_name_changed = context.notes.fd_name_changed;
        self.changed = false;
        self.of = if context.notes.transient { 0 } else { context.num };
    }

    /// Hands the event to `read`, with what its maker or the inspector, whose core this is, knows around it.
    ///
    /// # Safety
    /// An event that a program made must point to its bytes, and to objects of a thread and of an fd that are null or alive.
    #[inline]
    pub(crate) unsafe fn with<R>(
        &self,
        core: &Inspector,
        stores: &OnceCell<Arc<Stores>>,
        read: impl FnOnce(&EventContext<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        if self.of != 0 {
            match &core.current() {
                Some(current) if current.num == self.of && current.event.bytes().as_ptr() == self.bytes => {
                    if !self.changed {
                        return read(current);
                    }
                }
                _ => return Err(Failure::illegal("the event is gone: its inspector has moved on")),
            }
        }
        // SAFETY: the caller vouches for the program's own events, and the bytes of others were just found to be the current event's.
        unsafe { self.with_own(core, stores.get(), read) }
    }

    /// The same for an event of which the inspector knows nothing.
    ///
    /// # Safety
    /// As [`sinsp_event::with`], and the bytes must be there whoever made it.
    unsafe fn with_own<R>(
        &self,
        core: &Inspector,
        stores: Option<&Arc<Stores>>,
        read: impl FnOnce(&EventContext<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        // SAFETY: the caller vouches for the bytes.
        let event = Event::new(unsafe { wire(self.bytes, self.len as usize)? }, self.cpu, self.dump_flags)?;
        let threads = &core.state().threads;
        let known = threads.by_id(ThreadId::from_number(self.thread));
        // A thread or an fd that belongs to no inspector is only an object of the program.
        // SAFETY: the caller vouches for the objects.
        let own = unsafe { stores.and_then(|stores| stores.lent_thread(self.thread_object)) };
        // SAFETY: as above.
        let own_fd = unsafe { stores.and_then(|stores| stores.lent_fd(self.fd_object)) };
        let thread = known.or(own.as_ref());
        let fd_known = || threads.by_id(ThreadId::from_number(self.fd_owner)).and_then(|t| threads.fd(t, self.fd_key));
        let fd = own_fd.as_ref().or_else(fd_known);
        let notes = Notes {
            fd_num: if fd.is_none() { -1 } else { self.fd_num },
            fd_name_changed: self.fd_name_changed,
            errno: self.result,
            complete: true,
            transient: true,
        };
        let unknown = || Failure::illegal(format!("events of type {} are not known", event.ty().0));
        read(&core.context_of(event, self.num, thread, fd, &notes).ok_or_else(unknown)?)
    }
}

/// The bytes of an event, as many as it has.
///
/// # Safety
/// `bytes` must be null or point to `len` bytes; to an event with all that its header counts if `len` is 0.
pub(super) unsafe fn wire<'a>(bytes: *const u8, len: usize) -> Result<&'a [u8], Failure> {
    if bytes.is_null() {
        return Err(Failure::illegal("an event without bytes"));
    }
    let len = match len {
        0 => {
            // SAFETY: not null, and the caller vouches for what the header counts, which is at least itself.
            let header = unsafe { std::slice::from_raw_parts(bytes, HEADER_LEN) };
            u32::from_le_bytes([header[16], header[17], header[18], header[19]]) as usize
        }
        len => len,
    };
    // SAFETY: not null, and the caller vouches for the length.
    Ok(unsafe { std::slice::from_raw_parts(bytes, len) })
}
