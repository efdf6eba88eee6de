//! One BPF ring buffer, mapped into our memory.
//!
//! The kernel puts records one behind the other into a ring whose size is a power of two, mapped twice in a row so that
//! every record is in one piece. A record has a header of eight bytes (length and two bits, then a page offset), the data,
//! and padding to eight bytes. Both positions are only ever counted up: the producer's says how far records are reserved,
//! the consumer's, which is ours, how far the kernel may write again.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use rustix::mm::{MapFlags, ProtFlags};

/// The record is still being written (`BPF_RINGBUF_BUSY_BIT`).
const BUSY: u32 = 1 << 31;
/// The record was given up (`BPF_RINGBUF_DISCARD_BIT`).
const DISCARD: u32 = 1 << 30;
/// The size of a record's header (`BPF_RINGBUF_HDR_SZ`).
const HEADER: usize = 8;

/// The bytes of a record: valid until the ring is told to go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    data: NonNull<u8>,
    len: usize,
}

// SAFETY: it leads into memory that all threads share, and nothing of it is tied to one.
unsafe impl Send for Record {}

impl Record {
    /// The data of the record.
    ///
    /// # Safety
    /// The ring still exists and did not go past the record.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: a committed record is not written again before the consumer's position passes it, and it lies in one piece
        // inside the ring's two mappings.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
}

/// What comes next in a ring.
#[derive(Debug, Clone, Copy)]
pub(super) enum Head {
    /// A record.
    Record(Record),
    /// A record that is still being written.
    Busy,
    /// Nothing more, as far as the kernel's position was looked at.
    Empty,
}

/// A ring buffer's consumer.
pub(super) struct Ring {
    consumer: NonNull<AtomicUsize>,
    producer: NonNull<AtomicUsize>,
    data: NonNull<u8>,
    mask: usize,
    /// Where the next record to look at starts.
    at: usize,
    /// Where the record after it starts, once it was looked at.
    next: usize,
    /// How far the producer was when it was looked at last.
    end: usize,
    _mappings: Option<Mappings>,
}

// SAFETY: the pointers lead into mappings that the ring owns; nothing of them is tied to a thread.
unsafe impl Send for Ring {}

/// The memory of a ring: first the consumer's page, then the producer's page with the data.
struct Mappings {
    consumer: (*mut libc::c_void, usize),
    producer: (*mut libc::c_void, usize),
    _map: OwnedFd,
}

impl Drop for Mappings {
    fn drop(&mut self) {
        for (start, len) in [self.consumer, self.producer] {
            if !start.is_null() {
                // SAFETY: the mapping is ours, and whatever pointed into it goes with it.
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
            // SAFETY: a new mapping at a place of the kernel's choice touches nothing that exists.
            unsafe { rustix::mm::mmap(ptr::null_mut(), len, prot, MapFlags::SHARED, mappings._map.as_fd(), offset) }
        };
        let consumer = map(page, ProtFlags::READ | ProtFlags::WRITE, 0)?;
        mappings.consumer.0 = consumer;
        let len = page + 2 * bytes;
        // SAFETY: as above.
        let producer = unsafe {
            let fd = mappings._map.as_fd();
            rustix::mm::mmap(ptr::null_mut(), len, ProtFlags::READ, MapFlags::SHARED, fd, page as u64)?
        };
        mappings.producer = (producer, len);
        // SAFETY: the mappings are as large as the kernel's layout says, and live as long as the ring.
        let mut ring = unsafe { Ring::over(consumer.cast(), producer.cast(), producer.cast::<u8>().add(page), bytes) };
        ring._mappings = Some(mappings);
        Ok(ring)
    }

    /// # Safety
    /// The positions are valid for the ring's life, and so are twice `bytes` bytes of data, whose halves show the same.
    unsafe fn over(consumer: *mut AtomicUsize, producer: *mut AtomicUsize, data: *mut u8, bytes: usize) -> Ring {
        // SAFETY: by the caller's promise none is null, and the consumer's position can be read.
        let (consumer, producer, data, at) = unsafe {
            (
                NonNull::new_unchecked(consumer),
                NonNull::new_unchecked(producer),
                NonNull::new_unchecked(data),
                (*consumer).load(Ordering::Acquire),
            )
        };
        Ring { consumer, producer, data, mask: bytes - 1, at, next: at, end: at, _mappings: None }
    }

    /// Looks how far the kernel is by now.
    #[inline]
    pub fn refresh(&mut self) {
        // SAFETY: the producer's page is mapped as long as the ring lives; the kernel writes it with release.
        self.end = unsafe { self.producer.as_ref() }.load(Ordering::Acquire);
    }

    /// The next record, without taking it. Records that the kernel gave up are passed over.
    #[inline]
    pub fn head(&mut self) -> Head {
        while self.at != self.end {
            // SAFETY: a record's header is aligned to eight bytes and lies inside the data.
            let header = unsafe { self.data.add(self.at & self.mask).cast::<AtomicU32>().as_ref() };
            let word = header.load(Ordering::Acquire);
            if word & BUSY != 0 {
                return Head::Busy;
            }
            let len = (word & !(BUSY | DISCARD)) as usize;
            self.next = self.at + (HEADER + len).next_multiple_of(8);
            if word & DISCARD == 0 {
                // SAFETY: the data follows its header, inside the second mapping at the latest.
                let data = unsafe { self.data.add((self.at & self.mask) + HEADER) };
                return Head::Record(Record { data, len });
            }
            self.release();
        }
        Head::Empty
    }

    /// Gives the record that [`Ring::head`] showed last back to the kernel.
    #[inline]
    pub fn release(&mut self) {
        self.at = self.next;
        // SAFETY: the consumer's page is mapped as long as the ring lives.
        unsafe { self.consumer.as_ref() }.store(self.at, Ordering::Release);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::UnsafeCell;

    /// A ring whose producer is the test, with the kernel's layout in plain memory.
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
            // SAFETY: the boxes outlive the ring in these tests, and `write` keeps both halves the same.
            unsafe {
                let data = (*self.data.get()).as_mut_ptr().cast();
                Ring::over(ptr::from_ref(consumer).cast_mut(), ptr::from_ref(producer).cast_mut(), data, self.bytes)
            }
        }

        fn write(&self, at: usize, bytes: &[u8]) {
            for (i, &b) in bytes.iter().enumerate() {
                let at = (at + i) & (self.bytes - 1);
                // SAFETY: both places are inside the data; the tests have one thread.
                unsafe {
                    let data = (*self.data.get()).as_mut_ptr().cast::<u8>();
                    data.add(at).write(b);
                    data.add(at + self.bytes).write(b);
                }
            }
        }

        /// Reserves a record as the kernel does; answers where it is, or `None` if there is no room.
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
                // SAFETY: the ring did not go on yet.
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
