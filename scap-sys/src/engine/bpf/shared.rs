//! The data structures that the loader shares with the probe; the layouts are those of `driver/bpf/shared.h`.

use std::io;
use std::os::fd::BorrowedFd;
use std::ptr::{self, NonNull};

use rustix::mm::{MapFlags, ProtFlags};

/// The size of tables indexed by system call number (`SYSCALL_MAX`).
pub(super) const SYSCALL_MAX: usize = 512;
/// The room for counters of tracepoints (`TRACEPOINTS_MAX`).
pub(super) const TRACEPOINTS_MAX: usize = 8;

/// `struct settings`
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Settings {
    pub boot_time_ns: u64,
    pub snaplen: u32,
    pub sampling_ratio: u32,
    pub scap_tgid: u32,
    pub fullcapture_port_start: u16,
    pub fullcapture_port_end: u16,
    pub statsd_port: u16,
    pub dropping_mode: u8,
    pub drop_failed: u8,
    pub dynamic_snaplen: u8,
    pub pad: [u8; 5],
}

/// `u8 interesting[]`: the bits of [`Kept`](crate::engine::Kept) by native number
pub(super) type Interesting = [u8; SYSCALL_MAX];

/// `struct counters`
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Counters {
    pub n_evts: u64,
    pub n_drops_buffer: u64,
    pub n_drops_buffer_clone_fork_exit: u64,
    pub n_drops_buffer_execve_exit: u64,
    pub n_drops_buffer_connect_enter: u64,
    pub n_drops_buffer_connect_exit: u64,
    pub n_drops_buffer_open_enter: u64,
    pub n_drops_buffer_open_exit: u64,
    pub n_drops_buffer_dir_file_exit: u64,
    pub n_drops_buffer_other_interest_exit: u64,
    pub n_drops_buffer_close_exit: u64,
    pub n_drops_buffer_proc_exit: u64,
    pub n_drops_max_event_size: u64,
    pub n_second_calls: u64,
}

/// `struct drops`
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Drops {
    pub events: [u64; SYSCALL_MAX + TRACEPOINTS_MAX],
}

impl Default for Drops {
    fn default() -> Drops {
        Drops { events: [0; SYSCALL_MAX + TRACEPOINTS_MAX] }
    }
}

/// A global variable of the probe, mapped into memory: a write is one store, not a system call.
pub(crate) struct Global<T> {
    at: NonNull<T>,
    mapped: usize,
}

// SAFETY: the mapping belongs to this object alone; no thread has a special role.
unsafe impl<T: Send> Send for Global<T> {}

impl<T: Copy> Global<T> {
    /// Maps the single variable of the map `map`.
    ///
    /// # Safety
    /// The map's value must be a `T` in which every bit pattern is valid.
    pub unsafe fn new(map: BorrowedFd) -> io::Result<Global<T>> {
        let mapped = size_of::<T>().next_multiple_of(rustix::param::page_size());
        // SAFETY: a new mapping at an address that the kernel chooses does not change existing memory.
        let at = unsafe {
            let prot = ProtFlags::READ | ProtFlags::WRITE;
            rustix::mm::mmap(ptr::null_mut(), mapped, prot, MapFlags::SHARED, map, 0)?
        };
        let at = NonNull::new(at.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Global { at, mapped })
    }

    pub fn get(&self) -> T {
        // SAFETY: the mapping lives as long as `self` and holds a `T` by the contract of `new`.
        unsafe { self.at.as_ptr().read_volatile() }
    }

    pub fn set(&mut self, value: T) {
        // SAFETY: as in `get`; `&mut self` excludes other writers here, and the kernel only reads, each integer in one
        // access.
        unsafe { self.at.as_ptr().write_volatile(value) }
    }

    /// Reads, changes and writes the value.
    pub fn update(&mut self, change: impl FnOnce(&mut T)) {
        let mut value = self.get();
        change(&mut value);
        self.set(value);
    }
}

impl<const N: usize> Global<[u8; N]> {
    /// Stores one byte.
    pub fn store(&mut self, index: usize, value: u8) {
        assert!(index < N);
        // SAFETY: `index` is less than `N`, the size of the mapped array, and the mapping lives as long as `self`.
        unsafe { self.at.as_ptr().cast::<u8>().add(index).write_volatile(value) }
    }
}

impl<T> Drop for Global<T> {
    fn drop(&mut self) {
        // SAFETY: `new` created the mapping with this length; no reference into it is ever given out.
        let _ = unsafe { rustix::mm::munmap(self.at.as_ptr().cast(), self.mapped) };
    }
}
