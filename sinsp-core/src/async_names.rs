//! The names of the async events of plugins. They are names of event types, like `openat`: every async event has the type `ASYNCEVENT_E`.
//!
//! Names are process-wide, as event types are, and stay when their plugin is gone.

use parking_lot::RwLock;

static NAMES: RwLock<Vec<Vec<u8>>> = RwLock::new(Vec::new());

/// Adds the names of async events.
pub fn add<'a>(names: impl Iterator<Item = &'a str>) {
    let mut known = NAMES.write();
    for name in names {
        if !known.iter().any(|k| k == name.as_bytes()) {
            known.push(name.into());
        }
    }
}

/// Whether async events of a plugin have this name.
pub fn has(name: &[u8]) -> bool {
    NAMES.read().iter().any(|known| known == name)
}
