//! One BPF ring buffer (BPF_MAP_TYPE_RINGBUF), mapped into memory.
//!
//! The kernel writes records one after the other into a ring whose size is a power of two. The ring is mapped twice in a
//! row, so that every record is contiguous. A record has a header of eight bytes (length with two flag bits, then a page
//! offset), the data, and padding to eight bytes. Both positions only grow: the kernel's producer position ends the
//! reserved records, our consumer position ends the part that the kernel may overwrite. Source: `kernel/bpf/ringbuf.c`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use rustix::mm::{MapFlags, ProtFlags};

use crate::engine::queue::{Head, Queue, Record, release_step};

/// The record is still being written (`BPF_RINGBUF_BUSY_BIT`).
const BUSY: u32 = 1 << 31;
/// The record was discarded (`BPF_RINGBUF_DISCARD_BIT`).
const DISCARD: u32 = 1 << 30;
/// The size of a record's header (`BPF_RINGBUF_HDR_SZ`).
const HEADER: usize = 8;

pub(in crate::engine) struct Ring {
    consumer: NonNull<AtomicUsize>,
    producer: NonNull<AtomicUsize>,
    data: NonNull<u8>,
    mask: usize,
    /// The position of the next record to read.
    at: usize,
    /// The position after the record that `head` returned.
    next: usize,
    /// The producer position of the last `refresh`.
    end: usize,
    /// The consumer position that the kernel sees. It is behind `at` by less than a step: every write of it takes its cache line from the CPU that
    /// makes the events.
    told: usize,
    step: usize,
    _mappings: Option<Mappings>,
}

// SAFETY: the pointers are to mappings that the ring owns; no thread has a special role.
unsafe impl Send for Ring {}

/// The mappings of a ring: the consumer's page, and the producer's page with the data.
struct Mappings {
    consumer: (*mut libc::c_void, usize),
    producer: (*mut libc::c_void, usize),
    _map: OwnedFd,
}

impl Drop for Mappings {
    fn drop(&mut self) {
        for (start, len) in [self.consumer, self.producer] {
            if !start.is_null() {
                // SAFETY: `Ring::new` created the mapping; the ring that points into it is dropped with it.
                let _ = unsafe { rustix::mm::munmap(start, len) };
            }
        }
    }
}

impl Ring {
    /// Maps the ring buffer `map` of `bytes` bytes.
    pub fn new(map: OwnedFd, bytes: usize) -> io::Result<Ring> {
        let page = rustix::param::page_size();
        let mut mappings = Mappings { consumer: (ptr::null_mut(), page), producer: (ptr::null_mut(), 0), _map: map };
        let map = |len, prot, offset| {
            // SAFETY: a new mapping at an address that the kernel chooses does not change existing memory.
            unsafe { rustix::mm::mmap(ptr::null_mut(), len, prot, MapFlags::SHARED, mappings._map.as_fd(), offset) }
        };
        let consumer = map(page, ProtFlags::READ | ProtFlags::WRITE, 0)?;
        mappings.consumer.0 = consumer;
        let len = page + 2 * bytes;
        // SAFETY: a new mapping at an address that the kernel chooses does not change existing memory.
        let producer = unsafe {
            let fd = mappings._map.as_fd();
            rustix::mm::mmap(ptr::null_mut(), len, ProtFlags::READ, MapFlags::SHARED, fd, page as u64)?
        };
        mappings.producer = (producer, len);
        // SAFETY: the kernel's layout has one producer page before the data; `ring._mappings` keeps both mappings until the
        // ring is dropped.
        let mut ring = unsafe { Ring::over(consumer.cast(), producer.cast(), producer.cast::<u8>().add(page), bytes) };
        ring._mappings = Some(mappings);
        Ok(ring)
    }

    /// # Safety
    /// Both positions must be valid while the ring lives, and so must be twice `bytes` bytes of data, whose halves have the
    /// same content.
    unsafe fn over(consumer: *mut AtomicUsize, producer: *mut AtomicUsize, data: *mut u8, bytes: usize) -> Ring {
        // SAFETY: all pointers are valid by this function's contract, so none is null and the consumer position is
        // readable.
        let (consumer, producer, data, at) = unsafe {
            (
                NonNull::new_unchecked(consumer),
                NonNull::new_unchecked(producer),
                NonNull::new_unchecked(data),
                (*consumer).load(Ordering::Acquire),
            )
        };
        let step = release_step(bytes);
        Ring { consumer, producer, data, mask: bytes - 1, at, next: at, end: at, told: at, step, _mappings: None }
    }

    /// The size of the data, in bytes.
    pub fn bytes(&self) -> usize {
        self.mask + 1
    }

    fn tell(&mut self) {
        self.told = self.at;
        // SAFETY: `_mappings` keeps the consumer's page mapped and writable while the ring lives.
        unsafe { self.consumer.as_ref() }.store(self.at, Ordering::Release);
    }
}

impl Queue for Ring {
    #[inline]
    fn refresh(&mut self) {
        if self.told != self.at {
            self.tell();
        }
        // SAFETY: `_mappings` keeps the producer's page mapped while the ring lives. The kernel writes the position
        // atomically, with release order.
        self.end = unsafe { self.producer.as_ref() }.load(Ordering::Acquire);
    }

    // Discarded records are skipped.
    #[inline]
    fn head(&mut self) -> Head {
        while self.at != self.end {
            // SAFETY: positions are multiples of eight, the data is aligned to a page, and the mask keeps the offset inside
            // it.
            let header = unsafe { self.data.add(self.at & self.mask).cast::<AtomicU32>().as_ref() };
            let word = header.load(Ordering::Acquire);
            if word & BUSY != 0 {
                return Head::Busy;
            }
            let len = (word & !(BUSY | DISCARD)) as usize;
            self.next = self.at + (HEADER + len).next_multiple_of(8);
            if word & DISCARD == 0 {
                // SAFETY: the data follows the header; the second mapping covers a record that crosses the end of the
                // first.
                let data = unsafe { self.data.add((self.at & self.mask) + HEADER) };
                return Head::Record(Record::new(data, len));
            }
            self.release();
        }
        Head::Empty
    }

    #[inline]
    fn release(&mut self) {
        self.at = self.next;
        if self.at.wrapping_sub(self.told) >= self.step {
            self.tell();
        }
    }
}

#[cfg(test)]
pub(in crate::engine) mod tests {
    use super::*;
    use std::cell::UnsafeCell;

    /// A ring in plain memory with the kernel's layout; the test is the producer.
    pub struct Fake {
        positions: Box<[AtomicUsize; 2]>,
        data: Box<UnsafeCell<Vec<u64>>>,
        bytes: usize,
    }

    impl Fake {
        pub fn new(bytes: usize) -> Fake {
            Fake { positions: Box::default(), data: Box::new(vec![0u64; bytes / 4].into()), bytes }
        }

        pub fn ring(&self) -> Ring {
            let [consumer, producer] = &*self.positions;
            // SAFETY: the boxes outlive the ring in these tests, and `write` keeps both halves equal.
            unsafe {
                let data = (*self.data.get()).as_mut_ptr().cast();
                Ring::over(ptr::from_ref(consumer).cast_mut(), ptr::from_ref(producer).cast_mut(), data, self.bytes)
            }
        }

        fn write(&self, at: usize, bytes: &[u8]) {
            for (i, &b) in bytes.iter().enumerate() {
                let at = (at + i) & (self.bytes - 1);
                // SAFETY: both offsets are less than `2 * bytes`; the tests have one thread.
                unsafe {
                    let data = (*self.data.get()).as_mut_ptr().cast::<u8>();
                    data.add(at).write(b);
                    data.add(at + self.bytes).write(b);
                }
            }
        }

        /// Reserves a record as the kernel does; returns its position, or `None` if there is no room.
        pub fn reserve(&self, data: &[u8]) -> Option<usize> {
            let at = self.positions[1].load(Ordering::Relaxed);
            let end = at + (HEADER + data.len()).next_multiple_of(8);
            if end - self.positions[0].load(Ordering::Acquire) > self.bytes {
                return None;
            }
            self.write(at, &(data.len() as u32 | BUSY).to_ne_bytes());
            self.write(at + HEADER, data);
            self.positions[1].store(end, Ordering::Release);
            Some(at)
        }

        pub fn commit(&self, at: usize, len: usize) {
            self.write(at, &(len as u32).to_ne_bytes());
        }

        pub fn discard(&self, at: usize, len: usize) {
            self.write(at, &(len as u32 | DISCARD).to_ne_bytes());
        }

        pub fn push(&self, data: &[u8]) -> bool {
            let at = self.reserve(data);
            at.inspect(|&at| self.commit(at, data.len())).is_some()
        }
    }

    fn take(ring: &mut Ring) -> Option<Vec<u8>> {
        ring.refresh();
        match ring.head() {
            Head::Record(r) => {
                // SAFETY: the record is not released yet.
                let bytes = unsafe { r.bytes() }.to_vec();
                ring.release();
                Some(bytes)
            }
            Head::Busy | Head::Empty => None,
        }
    }

    #[test]
    fn records_wrap_around_in_one_piece() {
        let fake = Fake::new(64);
        let mut ring = fake.ring();
        for i in 0..100u8 {
            let data: Vec<u8> = (0..(i % 30)).map(|j| i ^ j).collect();
            assert!(fake.push(&data));
            assert_eq!(take(&mut ring), Some(data));
            assert_eq!(take(&mut ring), None);
        }
    }

    #[test]
    fn a_full_ring_has_room_as_soon_as_a_record_is_released() {
        let fake = Fake::new(64);
        let mut ring = fake.ring();
        for i in 0..4 {
            assert!(fake.push(&[i; 8]));
        }
        assert!(!fake.push(&[4; 8]));
        assert_eq!(take(&mut ring), Some(vec![0; 8]));
        assert!(fake.push(&[4; 8]));
        assert!(!fake.push(&[5; 8]));
    }

    #[test]
    fn a_large_ring_is_released_in_steps_and_by_the_next_look() {
        let fake = Fake::new(1024);
        let mut ring = fake.ring();
        assert_eq!(ring.step, 8 * 2);
        let released = || fake.positions[0].load(Ordering::Relaxed);
        for _ in 0..4 {
            assert!(fake.push(b""));
        }
        ring.refresh();
        for expected in [0, 16, 16] {
            assert!(matches!(ring.head(), Head::Record(_)));
            ring.release();
            assert_eq!(released(), expected);
        }
        ring.refresh();
        assert_eq!(released(), 24);
    }

    #[test]
    fn a_record_being_written_holds_up_those_behind_it() {
        let fake = Fake::new(256);
        let mut ring = fake.ring();
        let first = fake.reserve(b"first").unwrap();
        assert!(fake.push(b"second"));
        ring.refresh();
        assert!(matches!(ring.head(), Head::Busy));
        fake.commit(first, 5);
        assert_eq!(take(&mut ring), Some(b"first".to_vec()));
        assert_eq!(take(&mut ring), Some(b"second".to_vec()));
    }

    #[test]
    fn records_given_up_are_passed_over_and_released() {
        let fake = Fake::new(64);
        let mut ring = fake.ring();
        for _ in 0..4 {
            let at = fake.reserve(&[0; 8]).unwrap();
            fake.discard(at, 8);
        }
        assert_eq!(take(&mut ring), None);
        assert!(fake.push(b"now"), "there is room again");
        assert_eq!(take(&mut ring), Some(b"now".to_vec()));
    }
}
