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

/// The position of a value in the event, in bytes from the start of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: u32,
    /// Its length; [`Span::NOWHERE`] for a value that is not in the event.
    pub len: u32,
}

impl Span {
    /// The length of a position that is none: what extracts may choose its start.
    pub const NOWHERE: u32 = u32::MAX;
}

/// The values of one extraction. If there are none, the event does not have the field.
#[derive(Debug, Default, PartialEq)]
pub struct Extracted {
    items: Vec<Item>,
    bytes: Vec<u8>,
    spans: Vec<Option<Span>>,
    located: bool,
    unlocated: bool,
    as_is: bool,
}

impl Clone for Extracted {
    fn clone(&self) -> Extracted {
        let Extracted { items, bytes, spans, located, unlocated, as_is } = self;
        Extracted {
            items: items.clone(),
            bytes: bytes.clone(),
            spans: spans.clone(),
            located: *located,
            unlocated: *unlocated,
            as_is: *as_is,
        }
    }

    /// Reuses the memory of `self`.
    fn clone_from(&mut self, other: &Extracted) {
        self.items.clone_from(&other.items);
        self.bytes.clone_from(&other.bytes);
        self.spans.clone_from(&other.spans);
        self.located = other.located;
        self.unlocated = other.unlocated;
        self.as_is = other.as_is;
    }
}

impl Extracted {
    /// Removes all values; keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.bytes.clear();
        self.spans.clear();
        self.unlocated = false;
        self.as_is = false;
    }

    /// Has texts shown as they are, what cannot be printed included, as programs and plugins mean them; until [`Extracted::clear`].
    pub fn set_as_is(&mut self, as_is: bool) {
        self.as_is = as_is;
    }

    /// Whether texts are shown as they are.
    pub fn is_as_is(&self) -> bool {
        self.as_is
    }

    /// Asks those who extract to add the position of each value in the event; also after [`Extracted::clear`].
    pub fn locate(&mut self) {
        self.located = true;
    }

    /// Whether positions are asked for.
    pub fn is_located(&self) -> bool {
        self.located
    }

    /// Notes that who extracted has positions of no value.
    pub fn set_unlocated(&mut self) {
        self.unlocated = true;
    }

    /// Whether who extracted was asked for positions and has none.
    pub fn is_unlocated(&self) -> bool {
        self.unlocated
    }

    /// Adds the position of the next value; `None` if it is not in the event.
    pub fn push_span(&mut self, span: Option<Span>) {
        self.spans.push(span);
    }

    /// The position of the `n`-th value in the event; `None` if it is not known.
    pub fn span(&self, n: usize) -> Option<Span> {
        self.spans.get(n).copied().flatten()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The values in order; more than one only for fields that are lists.
    #[inline]
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
    #[inline]
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Adds a text.
    #[inline]
    pub fn push_text(&mut self, text: &[u8]) {
        self.build_text(|buffer| buffer.extend_from_slice(text));
    }

    /// Divides every number by `count`; integers are rounded towards zero. Returns `false`, and changes nothing, if a value is not a number.
    pub fn divide(&mut self, count: std::num::NonZeroU32) -> bool {
        let of = |item: &Item| {
            Some(match *item {
                Item::Int(n) => Item::Int(n / i64::from(count.get())),
                Item::Uint(n) => Item::Uint(n / u64::from(count.get())),
                Item::Double(n) => Item::Double(n / f64::from(count.get())),
                _ => return None,
            })
        };
        let Some(items) = self.items.iter().map(of).collect() else { return false };
        self.items = items;
        true
    }

    /// Puts U+FFFD in the place of everything in texts that cannot be printed, unless they are shown as they are.
    pub fn sanitize(&mut self) {
        if self.as_is || path::is_sane(&self.bytes) {
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

    /// Exchanges the buffer of the texts. The next extraction appends its texts to what it has, after [`Extracted::forget`].
    pub(crate) fn swap_buffer(&mut self, buffer: &mut Vec<u8>) {
        std::mem::swap(&mut self.bytes, buffer);
    }

    /// The buffer of the texts.
    #[inline]
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Removes all values, but not their texts from the buffer.
    #[inline]
    pub(crate) fn forget(&mut self) {
        self.items.clear();
    }

    /// Adds the text that `build` appends to the buffer. The buffer may already contain other texts.
    #[inline]
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
