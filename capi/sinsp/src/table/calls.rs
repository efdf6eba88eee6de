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

/// Runs `function` as a call. Returns its result, and the number of the call if it has entries that were not given back.
#[inline]
pub(super) fn during<R>(function: impl FnOnce() -> R) -> (R, Option<u64>) {
    CALLS.with(|calls| {
        if calls.last.get() == 0 {
            calls.last.set((THREADS.fetch_add(1, Relaxed) + 1) << THREAD_SHIFT);
        }
        let number = calls.last.get() + 1;
        calls.last.set(number);
        let _interrupted = Interrupted { calls, current: calls.current.replace(number), taken: calls.taken.replace(0) };
        let result = function();
        (result, (calls.taken.get() != 0).then_some(number))
    })
}

/// What a call interrupted, which goes on when it ends, in whatever way.
struct Interrupted<'a> {
    calls: &'a Calls,
    current: u64,
    taken: u64,
}

impl Drop for Interrupted<'_> {
    #[inline]
    fn drop(&mut self) {
        self.calls.current.set(self.current);
        self.calls.taken.set(self.taken);
    }
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
