//! The entries that a plugin took in a call of one of its functions: those that it does not give back end with the call.

use super::handed::Handed;
use super::handle::{Handle, Pool, Use};
use crate::inspector::handle::{release_count, sinsp_inspector};
use plugin::running;
use std::rc::Rc;

impl Handed {
    /// Runs a function of a plugin, in which its inspector cannot be closed, and then ends the entries that it took and did not give back.
    #[inline]
    pub(crate) fn during_call<R>(&self, inspector: &sinsp_inspector, function: impl FnOnce() -> R) -> R {
        let (result, call) = running::during_call(inspector.pointer(), function);
        if let Some(call) = call {
            end_all(&self.pool, inspector, call);
        }
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
