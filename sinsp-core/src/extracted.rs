//! The values of a field for an event.
//!
//! All values share one buffer, which is reused: an extraction does not allocate in a steady state. Filters cache it, to
//! extract a field only once per event.

mod raw;

use crate::state::path;
use std::net::IpAddr;

/// One value. The variant follows from the field's type in the field table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item {
    /// A boolean.
    Bool(bool),
    /// A signed number: `INT*`, `FD`, `PID`, `ERRNO`.
    Int(i64),
    /// An unsigned number: `UINT*`, `UID`, `GID`, `RELTIME`, `ABSTIME`, `PORT`, flags and modes.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text or bytes; [`Extracted::text`] returns them.
    Bytes {
        /// The offset in the buffer.
        start: u32,
        /// The length in bytes.
        len: u32,
    },
    /// An address.
    Ip(IpAddr),
    /// A network: address and prefix length.
    Net(IpAddr, u8),
}

/// The values of one extraction. If there are none, the event does not have the field.
#[derive(Debug, Default, PartialEq)]
pub struct Extracted {
    items: Vec<Item>,
    bytes: Vec<u8>,
}

impl Clone for Extracted {
    fn clone(&self) -> Extracted {
        Extracted { items: self.items.clone(), bytes: self.bytes.clone() }
    }

    /// Reuses the memory of `self`.
    fn clone_from(&mut self, other: &Extracted) {
        self.items.clone_from(&other.items);
        self.bytes.clone_from(&other.bytes);
    }
}

impl Extracted {
    /// Removes all values; keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.bytes.clear();
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The values in order; more than one only for fields that are lists.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The text of an [`Item::Bytes`] of this extraction; empty for other items.
    pub fn text(&self, item: &Item) -> &[u8] {
        match item {
            Item::Bytes { start, len } => {
                self.bytes.get(*start as usize..*start as usize + *len as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// Adds a value other than text.
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Adds a text.
    pub fn push_text(&mut self, text: &[u8]) {
        self.build_text(|buffer| buffer.extend_from_slice(text));
    }

    /// Puts U+FFFD in the place of everything in texts that cannot be printed.
    pub fn sanitize(&mut self) {
        if path::is_sane(&self.bytes) {
            return;
        }
        let (items, bytes) = (std::mem::take(&mut self.items), std::mem::take(&mut self.bytes));
        for item in items {
            match item {
                Item::Bytes { start, len } => {
                    let text = bytes.get(start as usize..start as usize + len as usize).unwrap_or_default();
                    self.build_text(|out| path::sanitize(text, out));
                }
                other => self.push(other),
            }
        }
    }

    /// Adds the text that `build` appends to the buffer. The buffer may already contain other texts.
    pub fn build_text(&mut self, build: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        build(&mut self.bytes);
        self.items.push(Item::Bytes { start: start as u32, len: (self.bytes.len() - start) as u32 });
    }

    /// As [`Extracted::build_text`]; if `build` returns `false`, what it appended is removed.
    pub fn try_build_text(&mut self, build: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<()> {
        let start = self.bytes.len();
        if !build(&mut self.bytes) {
            self.bytes.truncate(start);
            return None;
        }
        self.items.push(Item::Bytes { start: start as u32, len: (self.bytes.len() - start) as u32 });
        Some(())
    }
}
