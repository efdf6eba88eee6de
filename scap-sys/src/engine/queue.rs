//! What all rings of drivers have in common: records that are read one after another and released.

use std::ptr::NonNull;

/// The data of a record; valid until [`Queue::release`].
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Record {
    data: NonNull<u8>,
    len: usize,
}

// SAFETY: the data is in a shared mapping; no thread has a special role.
unsafe impl Send for Record {}

impl Record {
    /// A record whose data has `len` bytes.
    pub fn new(data: NonNull<u8>, len: usize) -> Record {
        Record { data, len }
    }

    /// The data of the record.
    ///
    /// # Safety
    /// The ring must exist and must not have released the record.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the kernel does not overwrite a committed record before the consumer position passes it, and the double
        // mapping makes it contiguous.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
}

#[derive(Debug, Clone, Copy)]
pub(in crate::engine) enum Head {
    /// A committed record.
    Record(Record),
    /// A record that a program is writing.
    Busy,
    /// No record up to the producer position of the last [`Queue::refresh`].
    Empty,
}

/// A ring whose records are read one after another.
pub(in crate::engine) trait Queue {
    /// Reads the kernel's producer position. The kernel may then overwrite all records that were released.
    fn refresh(&mut self);
    /// The next record, without releasing it.
    fn head(&mut self) -> Head;
    /// Releases the record of the last [`Queue::head`]. The kernel may overwrite it at the latest after [`release_step`] bytes, or at the next
    /// [`Queue::refresh`].
    fn release(&mut self);
}

/// After how many released bytes the kernel gets the position of a ring of `bytes` bytes: a small part of the ring, since it has less room until then.
pub(in crate::engine) fn release_step(bytes: usize) -> usize {
    bytes / 64
}
