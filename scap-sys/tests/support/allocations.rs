//! An allocator that counts the allocations of each thread, for tests that limit them.

#![allow(dead_code)] // each test program uses a part

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

struct Noting;

// SAFETY: all calls go to `System` unchanged; the default `realloc` and `alloc_zeroed` call these two.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is exiting has no thread-local variables any more.
        let _ = COUNT.try_with(|n| n.set(n.get() + 1));
        let _ = LARGEST.try_with(|size| size.set(size.get().max(layout.size())));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`, which is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: `at` came from `System.alloc` with this layout, by the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// The allocations of this thread since `from_now`; only one at a time per thread.
pub struct Allocations {
    before: u64,
}

impl Allocations {
    pub fn from_now() -> Allocations {
        LARGEST.set(0);
        Allocations { before: COUNT.get() }
    }

    pub fn count(&self) -> u64 {
        COUNT.get() - self.before
    }

    /// The size of the largest allocation in bytes.
    pub fn largest(&self) -> usize {
        LARGEST.get()
    }
}
