//! The entries that a plugin took in a call of one of its functions: those that it does not give back end with the call.

use super::handed::Handed;
use super::handle::{Handle, Pool, Use};
use crate::inspector::handle::{release_count, sinsp_inspector};
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;

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
