//! The ring of one CPU, mapped from a device of the module.
//!
//! Events follow one another without gaps; the fourth word of each (its header's `len`) says where the next begins. The ring is mapped twice in
//! a row, so that every event is contiguous. Positions are offsets in the ring; one byte stays free, so equal positions mean an empty ring.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::mm::{MapFlags, ProtFlags};

use crate::HEADER_LEN;
use crate::engine::queue::{Head, Queue, Record, release_step};

/// The offset of an event's length.
const LEN: usize = 16;

/// The number of counters of a ring.
pub(super) const COUNTERS: usize = 16;

/// The page that a reader shares with the module.
#[repr(C)]
#[derive(Debug, Default)]
pub(super) struct Info {
    head: AtomicU32,
    tail: AtomicU32,
    /// In the order of `struct ring_info` of the module.
    pub counters: [AtomicU64; COUNTERS],
}

pub(super) struct Ring {
    info: NonNull<Info>,
    data: NonNull<u8>,
    mask: u32,
    /// The position of the next event to read.
    at: u32,
    /// The position after the event that `head` returned.
    next: u32,
    /// The module's position at the last `refresh`.
    end: u32,
    /// The position that the module sees. It is behind `at` by less than a step: every write of it takes its cache line from the CPU that makes the
    /// events.
    told: u32,
    step: u32,
    _mappings: Option<Mappings>,
}

// SAFETY: the pointers are to mappings that the ring owns; no thread has a special role.
unsafe impl Send for Ring {}

struct Mappings([(*mut libc::c_void, usize); 2]);

impl Drop for Mappings {
    fn drop(&mut self) {
        for (start, len) in self.0.into_iter().filter(|m| !m.0.is_null()) {
            // SAFETY: `Ring::new` created the mapping; the ring that points into it is dropped with it.
            let _ = unsafe { rustix::mm::munmap(start, len) };
        }
    }
}

impl Ring {
    /// Maps the ring of a device, which has `bytes` bytes, a power of two up to 1 GiB.
    pub fn new(device: &File, bytes: usize) -> io::Result<Ring> {
        let mut mappings = Mappings([(ptr::null_mut(), 0); 2]);
        let map = |len, prot| -> io::Result<_> {
            // SAFETY: a new mapping at an address that the kernel chooses does not change existing memory.
            Ok((unsafe { rustix::mm::mmap(ptr::null_mut(), len, prot, MapFlags::SHARED, device.as_fd(), 0)? }, len))
        };
        mappings.0[0] = map(2 * bytes, ProtFlags::READ)?;
        mappings.0[1] = map(size_of::<Info>(), ProtFlags::READ | ProtFlags::WRITE)?;
        // SAFETY: `ring._mappings` keeps both mappings until the ring is dropped; the module maps the data twice.
        let mut ring = unsafe { Ring::over(mappings.0[1].0.cast(), mappings.0[0].0.cast(), bytes) };
        ring._mappings = Some(mappings);
        Ok(ring)
    }

    /// # Safety
    /// `info` must be valid while the ring lives, and so must be twice `bytes` bytes of `data`, whose halves have the same content.
    unsafe fn over(info: *mut Info, data: *mut u8, bytes: usize) -> Ring {
        // SAFETY: both pointers are valid by this function's contract, so none is null and the position is readable.
        let (info, data, at) = unsafe {
            (NonNull::new_unchecked(info), NonNull::new_unchecked(data), (*info).tail.load(Ordering::Acquire))
        };
        let mask = bytes as u32 - 1;
        let at = at & mask;
        let step = release_step(bytes) as u32;
        Ring { info, data, mask, at, next: at, end: at, told: at, step, _mappings: None }
    }

    fn tell(&mut self) {
        self.told = self.at;
        self.shared().tail.store(self.at, Ordering::Release);
    }

    /// The page with the counters. It is valid while the ring lives.
    pub fn info(&self) -> NonNull<Info> {
        self.info
    }

    fn shared(&self) -> &Info {
        // SAFETY: `_mappings` keeps the page mapped while the ring lives; its fields are atomic.
        unsafe { self.info.as_ref() }
    }
}

impl Queue for Ring {
    #[inline]
    fn refresh(&mut self) {
        if self.told != self.at {
            self.tell();
        }
        self.end = self.shared().head.load(Ordering::Acquire) & self.mask;
    }

    // A length that no event can have is one of damaged data: all that there is becomes one record, which is no event and is counted as such.
    #[inline]
    fn head(&mut self) -> Head {
        if self.at == self.end {
            return Head::Empty;
        }
        let filled = self.end.wrapping_sub(self.at) & self.mask;
        // SAFETY: the offset is inside the first mapping of the data; a header that crosses its end is in the second.
        let (data, len) = unsafe {
            let data = self.data.add(self.at as usize);
            (data, data.add(LEN).cast::<u32>().read_unaligned())
        };
        let len = if (HEADER_LEN as u32..=filled).contains(&len) { len } else { filled };
        self.next = (self.at + len) & self.mask;
        Head::Record(Record::new(data, len as usize))
    }

    #[inline]
    fn release(&mut self) {
        self.at = self.next;
        if self.at.wrapping_sub(self.told) & self.mask >= self.step {
            self.tell();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::UnsafeCell;

    /// A ring in plain memory; the test is the module.
    pub struct Fake {
        pub info: Box<Info>,
        data: Box<UnsafeCell<Vec<u8>>>,
        bytes: usize,
    }

    impl Fake {
        pub fn new(bytes: usize) -> Fake {
            Fake { info: Box::default(), data: Box::new(vec![0; 2 * bytes].into()), bytes }
        }

        pub fn ring(&self) -> Ring {
            // SAFETY: the boxes outlive the ring in these tests, and `push` keeps both halves equal.
            unsafe { Ring::over((&raw const *self.info).cast_mut(), (*self.data.get()).as_mut_ptr(), self.bytes) }
        }

        /// Writes bytes as the module does; `false` if there is no room.
        pub fn push(&self, bytes: &[u8]) -> bool {
            let mask = self.bytes - 1;
            let (head, tail) =
                (self.info.head.load(Ordering::Relaxed) as usize, self.info.tail.load(Ordering::Acquire) as usize);
            if bytes.len() >= self.bytes - (head.wrapping_sub(tail) & mask) {
                return false;
            }
            for (i, byte) in bytes.iter().enumerate() {
                let at = (head + i) & mask;
                // SAFETY: both offsets are less than `2 * bytes`; the tests have one thread.
                unsafe {
                    let data = (*self.data.get()).as_mut_ptr();
                    data.add(at).write(*byte);
                    data.add(at + self.bytes).write(*byte);
                }
            }
            self.info.head.store(((head + bytes.len()) & mask) as u32, Ordering::Release);
            true
        }
    }

    fn event(len: u32, fill: u8) -> Vec<u8> {
        let mut bytes = vec![fill; len as usize];
        bytes[LEN..LEN + 4].copy_from_slice(&len.to_ne_bytes());
        bytes
    }

    fn take(ring: &mut Ring) -> Option<Vec<u8>> {
        ring.refresh();
        let Head::Record(record) = ring.head() else { return None };
        // SAFETY: the record is not released yet.
        let bytes = unsafe { record.bytes() }.to_vec();
        ring.release();
        Some(bytes)
    }

    #[test]
    fn events_wrap_around_in_one_piece() {
        let fake = Fake::new(256);
        let mut ring = fake.ring();
        for i in 0..100u8 {
            let event = event(26 + u32::from(i), i);
            assert!(fake.push(&event));
            assert_eq!(take(&mut ring), Some(event));
            assert_eq!(take(&mut ring), None);
        }
    }

    #[test]
    fn a_full_ring_has_room_as_soon_as_an_event_is_released() {
        let fake = Fake::new(128);
        let mut ring = fake.ring();
        assert!(fake.push(&event(64, 1)) && fake.push(&event(63, 2)));
        assert!(!fake.push(&event(26, 3)));
        assert_eq!(take(&mut ring).map(|e| e.len()), Some(64));
        assert!(fake.push(&event(26, 3)));
        assert_eq!(take(&mut ring).map(|e| e.len()), Some(63));
        assert_eq!(take(&mut ring).map(|e| e.len()), Some(26));
    }

    #[test]
    fn a_large_ring_is_released_in_steps_and_by_the_next_look() {
        let fake = Fake::new(2048);
        let mut ring = fake.ring();
        assert_eq!(ring.step, 32);
        for fill in 0..4 {
            assert!(fake.push(&event(26, fill)));
        }
        ring.refresh();
        for expected in [0, 52, 52] {
            assert!(matches!(ring.head(), Head::Record(_)));
            ring.release();
            assert_eq!(fake.info.tail.load(Ordering::Relaxed), expected);
        }
        ring.refresh();
        assert_eq!(fake.info.tail.load(Ordering::Relaxed), 78);
    }

    #[test]
    fn lengths_and_positions_that_cannot_be_stay_inside_the_ring() {
        for len in [0, 25, 70, u32::MAX] {
            let fake = Fake::new(128);
            let mut ring = fake.ring();
            let mut event = event(64, 0);
            event[LEN..LEN + 4].copy_from_slice(&u32::to_ne_bytes(len));
            assert!(fake.push(&event));
            assert_eq!(take(&mut ring).map(|e| e.len()), Some(64), "all of it, as one");
            assert_eq!(take(&mut ring), None);
        }
        let fake = Fake::new(128);
        let mut ring = fake.ring();
        fake.info.head.store(u32::MAX, Ordering::Release);
        assert_eq!(take(&mut ring).map(|e| e.len()), Some(127));
    }
}
