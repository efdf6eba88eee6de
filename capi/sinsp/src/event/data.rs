//! Events as C sees them: the inspector's current one, those that a program makes of bytes, and the parameters of both.

use crate::ffi::Failure;
use crate::state::store::{Stores, known_fd_object, known_object};
use crate::state::thread_data::{SINSP_NO_THREAD, number_of};
use sinsp_core::EventContext;
use sinsp_core::context::{Moment, Notes};
use sinsp_core::inspector::Inspector;
use sinsp_core::state::ThreadId;
use sinsp_core::{Event, HEADER_LEN};
use std::cell::OnceCell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Arc;

/// An event: one that `sinsp_inspector_next` describes, or one that a program makes of bytes.
///
/// The pointers of a described event are borrowed until the next call; functions that get the event later fail. A program that makes an event
/// starts from zeros, sets `bytes` and other members, and leaves `of` at 0: the bytes are its own then, and have to stay while the event is used.
/// A length of 0 is taken from the bytes. A program that changes a described event sets `changed`.
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
    /// The number of the fd that it is about, even if that fd is not known; -1 if it is about none.
    pub fd_num: i64,
    /// The return value of the call, if a negative one is an error.
    pub result: i64,
    /// The CPU it happened on.
    pub cpu: u16,
    /// Its type (`PPME_*`).
    pub code: u16,
    /// Whether it gave the fd another name.
    pub fd_name_changed: bool,
    /// Whether a program changed the inspector's description.
    pub changed: bool,
    /// Whether the filter rejected it, or it is only there to build up the state. `sinsp_inspector_next` still returns internal events of that
    /// kind if `SINSP_OPTION_INTERNAL_EVENTS` is set.
    pub rejected: bool,
    /// The number under which the inspector described it; 0 for an event that a program made.
    pub of: u64,
}

impl sinsp_event {
    /// Describes an event for C.
    ///
    /// Field by field: a value made elsewhere would be copied before it was written out, which the processor has to wait for.
    #[inline(always)]
    pub fn describe(&mut self, context: &EventContext<'_>, rejected: bool) {
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
        self.rejected = rejected;
        self.of = if context.notes.transient { 0 } else { context.num };
    }

    /// Its bytes.
    ///
    /// # Safety
    /// An event that a program made must point to its bytes.
    pub(crate) unsafe fn wire<'a>(&self) -> Result<&'a [u8], Failure> {
        // SAFETY: this `# Safety` is that of the function.
        unsafe { wire(self.bytes, self.len as usize) }
    }

    /// What results for the event depend on, if it is the current one of `core` and the program did not change it.
    #[inline]
    pub(crate) fn moment(&self, core: &Inspector) -> Option<Moment> {
        if self.of == 0 || self.changed { None } else { core.moment(self.of, self.bytes.addr()) }
    }

    /// Calls `read` with the event, in the context that the program or the inspector of `core` has for it.
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
        // SAFETY: this `# Safety` covers the program's own events; the bytes of others are those of the current event, as was checked.
        unsafe { self.with_own(core, stores.get(), read) }
    }

    /// The same for an event that is not the inspector's current one.
    ///
    /// # Safety
    /// As [`sinsp_event::with`], and the bytes of an inspector's event must be readable too.
    unsafe fn with_own<R>(
        &self,
        core: &Inspector,
        stores: Option<&Arc<Stores>>,
        read: impl FnOnce(&EventContext<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let mut header = [0; HEADER_LEN];
        // SAFETY: by `# Safety`, `bytes` are those of the event.
        let bytes = header_alone(unsafe { wire(self.bytes, self.len as usize)? }, &mut header);
        let event = Event::new(bytes, self.cpu, self.dump_flags)?;
        let threads = &core.state().threads;
        let known = threads.by_id(ThreadId::from_number(self.thread));
        // A thread or an fd that belongs to no inspector is only an object of the program.
        // SAFETY: by `# Safety`, `thread_object` is null or an object of the program that is alive.
        let own = unsafe { stores.and_then(|stores| stores.lent_thread(self.thread_object)) };
        // SAFETY: the same for `fd_object`.
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
            ..Notes::default()
        };
        let unknown = || Failure::illegal(format!("events of type {} are not known", event.ty().0));
        read(&core.context_of(event, self.num, thread, fd, &notes).ok_or_else(unknown)?)
    }
}

/// The same event, or, in `header`, one without parameters if its header says that it has no bytes: programs make such events for filters that
/// look at a thread and an fd alone.
fn header_alone<'a>(bytes: &'a [u8], header: &'a mut [u8; HEADER_LEN]) -> &'a [u8] {
    if bytes.len() != HEADER_LEN || bytes[LEN_AT..LEN_AT + 4] != [0; 4] {
        return bytes;
    }
    header.copy_from_slice(bytes);
    header[LEN_AT..LEN_AT + 4].copy_from_slice(&(HEADER_LEN as u32).to_ne_bytes());
    // The number of parameters.
    header[HEADER_LEN - 4..].fill(0);
    header
}

/// Where a header has the length of the event.
const LEN_AT: usize = 16;

/// The bytes of an event.
///
/// # Safety
/// `bytes` must be null or point to `len` bytes; if `len` is 0, to an event that is as long as its header says, or to a header that says 0.
pub(super) unsafe fn wire<'a>(bytes: *const u8, len: usize) -> Result<&'a [u8], Failure> {
    if bytes.is_null() {
        return Err(Failure::illegal("an event without bytes"));
    }
    let len = match len {
        0 => {
            // SAFETY: not null, and by `# Safety` an event with its header.
            let header = unsafe { std::slice::from_raw_parts(bytes, HEADER_LEN) };
            match u32::from_ne_bytes([header[16], header[17], header[18], header[19]]) as usize {
                0 => HEADER_LEN,
                len => len,
            }
        }
        len => len,
    };
    // SAFETY: not null, and by `# Safety` readable for `len` bytes.
    Ok(unsafe { std::slice::from_raw_parts(bytes, len) })
}
