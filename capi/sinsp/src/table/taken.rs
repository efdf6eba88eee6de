//! The entries that a plugin took in a call of one of its functions: those that it does not give back end with the call.

use super::handed::Handed;
use super::handle::{Handle, Pool, Use};
use crate::inspector::handle::{release_count, sinsp_inspector};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Which call of a plugin is in progress, and how many entries it has. Calls may be nested; the thread that is in the call writes it, and a
/// thread that gives an entry back reads it.
#[derive(Default)]
pub(super) struct Calls {
    /// The number of the last call that began.
    last: AtomicU64,
    /// The number of the innermost call in progress; 0 for none.
    current: AtomicU64,
    /// How many entries of the innermost call were not given back.
    taken: AtomicU64,
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

impl Handed {
    /// Runs a function of a plugin, and then ends the entries that it took and did not give back.
    pub(crate) fn during_call<R>(&self, inspector: &sinsp_inspector, function: impl FnOnce() -> R) -> R {
        let calls = &self.pool.calls;
        let own = calls.last.fetch_add(1, Relaxed) + 1;
        let outer = (calls.current.swap(own, Relaxed), calls.taken.swap(0, Relaxed));
        let result = function();
        if calls.taken.load(Relaxed) != 0 {
            end_all(&self.pool, inspector, own);
        }
        calls.current.store(outer.0, Relaxed);
        calls.taken.store(outer.1, Relaxed);
        result
    }
}

#[cold]
fn end_all(pool: &Pool, inspector: &sinsp_inspector, call: u64) {
    let left: Vec<Rc<Handle>> = pool.of_call(call);
    for entry in left {
        if entry.end(Use::Held) || entry.end(Use::Created) {
            pool.take_back(inspector.gate(), &entry);
            // SAFETY: the entry counted its inspector until now, and the caller's reference keeps that live.
            unsafe { release_count((&raw const *inspector).cast_mut()) };
        }
    }
}
