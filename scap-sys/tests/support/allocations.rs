//! An allocator that notes what each thread asks of it, for tests which say how much that may be.

#![allow(dead_code)] // each test program uses a part

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

struct Noting;

// SAFETY: every call is handed on to the system's allocator as it is; `realloc` and `alloc_zeroed` come down to these.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending has no such variables any more.
        let _ = COUNT.try_with(|n| n.set(n.get() + 1));
        let _ = LARGEST.try_with(|size| size.set(size.get().max(layout.size())));
        // SAFETY: by the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: by the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// What this thread has asked for since a moment; one at a time.
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

    /// The bytes of the largest.
    pub fn largest(&self) -> usize {
        LARGEST.get()
    }
}
