//! What a field yields for an event.
//!
//! Values are copied into one buffer that is used again for every event: an extraction allocates nothing in a steady state,
//! and what it left can be kept and compared by every filter that asks for the same field of the same event.

mod raw;

use crate::state::path;
use std::net::IpAddr;

/// One value. Which variant a field yields follows from its type in the field table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item {
    /// A truth value.
    Bool(bool),
    /// A signed number: `INT*`, `FD`, `PID`, `ERRNO`.
    Int(i64),
    /// An unsigned number: `UINT*`, `UID`, `GID`, `RELTIME`, `ABSTIME`, `PORT`, flags and modes.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text or bytes: [`Extracted::text`] gives them.
    Bytes {
        /// Where it starts.
        start: u32,
        /// How long it is.
        len: u32,
    },
    /// An address.
    Ip(IpAddr),
    /// A network: address and prefix length.
    Net(IpAddr, u8),
}

/// The values that one extraction yielded; none: the event does not have the field.
#[derive(Debug, Default, PartialEq)]
pub struct Extracted {
    items: Vec<Item>,
    bytes: Vec<u8>,
}

impl Clone for Extracted {
    fn clone(&self) -> Extracted {
        Extracted { items: self.items.clone(), bytes: self.bytes.clone() }
    }

    /// Keeps the memory that there is.
    fn clone_from(&mut self, other: &Extracted) {
        self.items.clone_from(&other.items);
        self.bytes.clone_from(&other.bytes);
    }
}

impl Extracted {
    /// Empties it; keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.bytes.clear();
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The values in order; more than one only for fields that are lists.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The text of a [`Item::Bytes`] of this extraction; empty for any other item.
    pub fn text(&self, item: &Item) -> &[u8] {
        match item {
            Item::Bytes { start, len } => {
                self.bytes.get(*start as usize..*start as usize + *len as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// Adds a value that is not text.
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

    /// Adds a text that `build` appends to the buffer it is given, which may hold other texts before it.
    pub fn build_text(&mut self, build: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        build(&mut self.bytes);
        self.items.push(Item::Bytes { start: start as u32, len: (self.bytes.len() - start) as u32 });
    }

    /// As [`Extracted::build_text`], unless `build` answers `false`: then there is no such text.
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
