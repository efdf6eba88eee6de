//! Tables of a program or plugin that the core stores, and tables nested in their entries.
//!
//! Tables and entries are reference-counted: a held one stays as it is when it leaves its parent table.

use super::value::Dynamic;
use super::{Key, ShapeId};
use hashbrown::{Equivalent, HashMap};
use parking_lot::Mutex;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
enum StoredKey {
    Number(u64),
    Text(Vec<u8>),
}

impl StoredKey {
    fn borrowed(&self) -> Key<'_> {
        match self {
            StoredKey::Number(bits) => Key::Number(*bits),
            StoredKey::Text(text) => Key::Text(text),
        }
    }
}

impl From<Key<'_>> for StoredKey {
    fn from(key: Key<'_>) -> StoredKey {
        match key {
            Key::Number(bits) => StoredKey::Number(bits),
            Key::Text(text) => StoredKey::Text(text.to_vec()),
        }
    }
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Key::Number(bits) => bits.hash(state),
            Key::Text(text) => text.hash(state),
        }
    }
}

impl Hash for StoredKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrowed().hash(state);
    }
}

impl Equivalent<StoredKey> for Key<'_> {
    fn equivalent(&self, key: &StoredKey) -> bool {
        *self == key.borrowed()
    }
}

/// A table whose entries the core stores.
#[derive(Debug)]
pub struct Owned {
    /// Its name, type of key and columns.
    pub(super) shape: ShapeId,
    entries: Mutex<HashMap<StoredKey, Arc<OwnedEntry>>>,
}

/// Compares by identity.
impl PartialEq for Owned {
    fn eq(&self, other: &Owned) -> bool {
        std::ptr::eq(self, other)
    }
}

/// An entry of an [`Owned`] table.
#[derive(Debug)]
pub struct OwnedEntry {
    pub(super) shape: ShapeId,
    pub(super) values: Mutex<Dynamic>,
}

impl OwnedEntry {
    pub(super) fn new(shape: ShapeId) -> OwnedEntry {
        OwnedEntry { shape, values: Mutex::default() }
    }
}

impl Owned {
    pub(super) fn new(shape: ShapeId) -> Owned {
        Owned { shape, entries: Mutex::default() }
    }

    /// The columns of the table, by the id of their shape.
    pub fn shape(&self) -> ShapeId {
        self.shape
    }

    pub(super) fn len(&self) -> usize {
        self.entries.lock().len()
    }

    pub(super) fn get(&self, key: Key<'_>) -> Option<Arc<OwnedEntry>> {
        self.entries.lock().get(&key).cloned()
    }

    pub(super) fn add(&self, key: Key<'_>, entry: Arc<OwnedEntry>) {
        // The replaced entry is dropped after the lock is released, because it may contain tables.
        let _before = self.entries.lock().insert(key.into(), entry);
    }

    pub(super) fn erase(&self, key: Key<'_>) -> bool {
        let erased = self.entries.lock().remove(&key);
        erased.is_some()
    }

    pub(super) fn clear(&self) {
        let _before = std::mem::take(&mut *self.entries.lock());
    }

    pub(super) fn each(&self, mut visit: impl FnMut(&Arc<OwnedEntry>)) {
        self.entries.lock().values().for_each(&mut visit);
    }
}
