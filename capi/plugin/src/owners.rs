//! What the host's functions find by a plugin's owner pointer. Any thread may call them at any time, also after the plugin was freed: a thread of a
//! plugin may outlive it, and the published SDK for Rust logs for a whole shared object with the pointer of the plugin that was initialised last.

use crate::host_error::HostError;
use crate::pool::Pool;
use crate::revocable::Revocable;
use crate::routines::Routines;
use crate::types::Taker;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::Arc;

static OWNERS: RwLock<BTreeMap<usize, Arc<Owner>>> = RwLock::new(BTreeMap::new());

/// What a plugin's own threads may use of it, as long as they have it: it stays when the plugin is freed.
pub struct Owner {
    /// The plugin's name.
    pub name: String,
    /// Takes its async events while a capture is open.
    pub(crate) taker: Revocable<Taker>,
    /// Takes the events of `dump_state`, during that.
    pub(crate) dump_taker: Revocable<Taker>,
    pub(crate) routines: Routines,
    /// Why a function of the host failed last for it.
    pub host_error: Arc<HostError>,
    /// Set until the plugin is freed, or its inspector.
    pub(crate) lives: Revocable<()>,
}

impl Owner {
    pub(crate) fn new(name: &str, pool: Arc<dyn Pool>) -> Arc<Owner> {
        Arc::new(Owner {
            name: name.to_owned(),
            taker: Revocable::new(None),
            dump_taker: Revocable::new(None),
            routines: Routines::new(pool),
            host_error: Arc::default(),
            lives: Revocable::new(Some(())),
        })
    }
}

/// Makes a plugin known by its owner pointer.
pub(crate) fn add(owner: *mut c_void, known: &Arc<Owner>) {
    OWNERS.write().insert(owner.addr(), known.clone());
}

/// Forgets a plugin, which is freed.
pub(crate) fn remove(owner: *mut c_void) {
    // What it holds is dropped without the lock.
    let known = OWNERS.write().remove(&owner.addr());
    drop(known);
}

/// The plugin of an owner pointer; `None` if it was freed, or never was one. Any thread may call it, with any pointer.
pub fn find(owner: *mut c_void) -> Option<Arc<Owner>> {
    OWNERS.read().get(&owner.addr()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::ThreadPool;

    #[test]
    fn a_plugin_is_found_until_it_is_freed() {
        let mut place = 0u8;
        let owner = (&raw mut place).cast();
        assert!(find(owner).is_none() && find(std::ptr::null_mut()).is_none());
        add(owner, &Owner::new("one", Arc::new(ThreadPool::new(1))));
        let kept = find(owner);
        assert!(kept.as_ref().is_some_and(|known| known.name == "one"));
        remove(owner);
        assert!(find(owner).is_none() && kept.is_some_and(|known| known.lives.is_set()));
    }
}
