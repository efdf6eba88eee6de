//! Which call of a plugin is in progress on an operating-system thread, for the entries that are handed out in it.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many threads called plugins. The numbers of the calls of a thread begin with its own.
static THREADS: AtomicU64 = AtomicU64::new(0);
const THREAD_SHIFT: u32 = 40;

/// The calls on one thread. Calls may be nested.
struct Calls {
    /// The number of the last call that began; 0 before the first.
    last: Cell<u64>,
    /// The number of the innermost call in progress; 0 for none.
    current: Cell<u64>,
    /// How many entries of the innermost call were not given back on this thread.
    taken: Cell<u64>,
}

thread_local! {
    static CALLS: Calls = const { Calls { last: Cell::new(0), current: Cell::new(0), taken: Cell::new(0) } };
}

/// A call in progress, and what it interrupted.
pub(super) struct Call {
    /// Its number.
    pub number: u64,
    outer: (u64, u64),
}

/// Begins a call.
#[inline]
pub(super) fn begin() -> Call {
    CALLS.with(|calls| {
        if calls.last.get() == 0 {
            calls.last.set((THREADS.fetch_add(1, Relaxed) + 1) << THREAD_SHIFT);
        }
        let number = calls.last.get() + 1;
        calls.last.set(number);
        Call { number, outer: (calls.current.replace(number), calls.taken.replace(0)) }
    })
}

/// Ends the innermost call. Returns whether it has entries that were not given back.
#[inline]
pub(super) fn end(call: &Call) -> bool {
    CALLS.with(|calls| {
        calls.current.set(call.outer.0);
        calls.taken.replace(call.outer.1) != 0
    })
}

/// Notes an entry that is handed out; returns the call that it belongs to.
#[inline]
pub(super) fn take() -> u64 {
    CALLS.with(|calls| {
        calls.taken.set(calls.taken.get() + 1);
        calls.current.get()
    })
}

/// Notes an entry of this call that was given back. On another thread it does nothing: the end of the call then looks for the entry in vain.
#[inline]
pub(super) fn give_back(call: u64) {
    CALLS.with(|calls| {
        if call != 0 && call == calls.current.get() {
            calls.taken.set(calls.taken.get().saturating_sub(1));
        }
    });
}
