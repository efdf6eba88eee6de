//! Which call of a plugin is in progress, for the entries that are handed out in it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Which call of a plugin is in progress, and how many entries it has. Calls may be nested; the thread that is in the call writes it, and a
/// thread that gives an entry back reads it.
#[derive(Default)]
pub(super) struct Calls {
    /// The number of the last call that began.
    pub last: AtomicU64,
    /// The number of the innermost call in progress; 0 for none.
    pub current: AtomicU64,
    /// How many entries of the innermost call were not given back.
    pub taken: AtomicU64,
}

impl Calls {
    /// Notes an entry that is handed out; returns the call that it belongs to.
    pub fn take(&self) -> u64 {
        let current = self.current.load(Relaxed);
        if current != 0 {
            self.taken.fetch_add(1, Relaxed);
        }
        current
    }

    /// Notes an entry of this call that was given back.
    pub fn give_back(&self, call: u64) {
        if call != 0 && call == self.current.load(Relaxed) {
            self.taken.fetch_sub(1, Relaxed);
        }
    }
}
