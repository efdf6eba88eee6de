//! The names of the plugins that exist, by their owner pointers. A plugin logs at any time, and not always as itself: the published SDK for Rust has
//! one logger for each shared object, with the owner pointer of the plugin that was initialised last, which may have been freed since.

use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::Arc;

static NAMES: RwLock<BTreeMap<usize, Arc<str>>> = RwLock::new(BTreeMap::new());

/// Notes a plugin.
pub(crate) fn add(owner: *mut c_void, name: &str) {
    NAMES.write().insert(owner.addr(), name.into());
}

/// Forgets a plugin, which is freed.
pub(crate) fn remove(owner: *mut c_void) {
    NAMES.write().remove(&owner.addr());
}

/// Whether there is a plugin with this owner pointer.
pub(crate) fn is_one(owner: usize) -> bool {
    NAMES.read().contains_key(&owner)
}

/// The name of the plugin with this owner pointer; `None` if there is none. Any thread may call it, with any pointer.
pub fn name(owner: *mut c_void) -> Option<Arc<str>> {
    NAMES.read().get(&owner.addr()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_has_a_name_until_it_is_freed() {
        let mut place = 0u8;
        let owner = (&raw mut place).cast();
        assert_eq!(name(owner), None);
        add(owner, "one");
        assert_eq!(name(owner).as_deref(), Some("one"));
        remove(owner);
        assert_eq!(name(owner), None);
    }
}
