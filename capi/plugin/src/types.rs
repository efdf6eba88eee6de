//! Sets of event types, and who takes events.

use std::cell::Cell;
use std::sync::Arc;

/// Takes an event of a plugin: the bytes that its header counts. An error text otherwise.
pub type Taker = Arc<dyn Fn(&[u8]) -> Result<(), String> + Send + Sync>;

/// The code of `PPME_PLUGINEVENT_E`.
pub const PLUGIN_EVENT: u16 = driver::EventType::PLUGINEVENT_E.0;

/// As many codes as the sets have room for; the event table has fewer.
const ROOM: usize = 1024;

/// A set of event types, by their codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypes([u64; ROOM / 64]);

impl EventTypes {
    /// No type.
    pub const NONE: EventTypes = EventTypes([0; ROOM / 64]);
    /// Every type.
    pub const ALL: EventTypes = EventTypes([u64::MAX; ROOM / 64]);

    /// The type with this code alone, which has to be below 1024.
    pub fn one(code: u16) -> EventTypes {
        let mut set = EventTypes::NONE;
        set.insert(code);
        set
    }

    fn insert(&mut self, code: u16) {
        self.0[code as usize / 64] |= 1 << (code % 64);
    }

    /// The types in C's array. An error if one is no type of events, or if it has more than there can be types.
    ///
    /// # Safety
    /// `codes` must be null or have `*count` entries, at any address.
    pub unsafe fn read(codes: *const u16, count: &u32) -> Result<EventTypes, String> {
        let count = *count as usize;
        if codes.is_null() {
            return Ok(EventTypes::NONE);
        }
        if count > ROOM {
            return Err(format!("it returned {count} event types, more than the {ROOM} that there can be"));
        }
        let mut set = EventTypes::NONE;
        for at in 0..count {
            // SAFETY: not null, and by `# Safety` it has `*count` entries.
            let code = unsafe { codes.add(at).read_unaligned() };
            // The number of the types is one of the API's enumerators too.
            if code as usize > driver::EVENTS.len() {
                return Err(format!("it returned {code}, which is an invalid event type"));
            }
            set.insert(code);
        }
        Ok(set)
    }

    /// Whether the type is in the set.
    #[inline]
    pub fn contains(&self, code: u16) -> bool {
        self.0.get(code as usize / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    /// Whether there is one other than `code`.
    pub fn has_other_than(&self, code: u16) -> bool {
        let without = |(at, word): (usize, &u64)| word & !(u64::from(at == code as usize / 64) << (code % 64));
        self.0.iter().enumerate().any(|word| without(word) != 0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// The set of event types that a plugin has at present: none while it is not initialised.
#[derive(Default)]
pub struct CurrentTypes([Cell<u64>; ROOM / 64]);

impl CurrentTypes {
    pub(crate) fn set(&self, types: &EventTypes) {
        self.0.iter().zip(types.0).for_each(|(cell, word)| cell.set(word));
    }

    /// Whether the type is in the set.
    #[inline]
    pub fn contains(&self, code: u16) -> bool {
        self.0.get(code as usize / 64).is_some_and(|word| word.get() >> (code % 64) & 1 == 1)
    }

    /// The set as it is now.
    pub fn get(&self) -> EventTypes {
        EventTypes(std::array::from_fn(|at| self.0[at].get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_and_invalid_ones_an_error() {
        let read = |codes: &[u16]| {
            // SAFETY: as many codes as the count says.
            unsafe { EventTypes::read(codes.as_ptr(), &(codes.len() as u32)) }
        };
        let set = read(&[0, 63, 64, 322, 0]).expect("types");
        for code in 0..=u16::MAX {
            assert_eq!(set.contains(code), [0, 63, 64, 322].contains(&code), "{code}");
        }
        let count = driver::EVENTS.len() as u16;
        assert!(read(&[count]).is_ok() && read(&[]) == Ok(EventTypes::NONE));
        for code in [count + 1, 1023, 1024, u16::MAX] {
            assert!(read(&[1, code]).is_err_and(|e| e.contains(&code.to_string())), "{code}");
        }
        assert!(EventTypes::NONE.is_empty() && !set.is_empty());
        assert!(EventTypes::ALL.contains(PLUGIN_EVENT) && EventTypes::ALL.has_other_than(PLUGIN_EVENT));
        let plugin = EventTypes::one(PLUGIN_EVENT);
        assert!(
            !plugin.has_other_than(PLUGIN_EVENT) && plugin.has_other_than(1) && !EventTypes::NONE.has_other_than(1)
        );
        let current = CurrentTypes::default();
        assert!(current.get().is_empty());
        current.set(&plugin);
        assert!(current.get() == plugin && current.contains(PLUGIN_EVENT) && !current.contains(u16::MAX));
        // SAFETY: null is allowed whatever the count.
        assert_eq!(unsafe { EventTypes::read(std::ptr::null(), &7) }, Ok(EventTypes::NONE));
        let codes = [&[0][..], &7u16.to_ne_bytes(), &9u16.to_ne_bytes()].concat();
        // SAFETY: two codes, one byte behind the start.
        assert_eq!(unsafe { EventTypes::read(codes.as_ptr().add(1).cast(), &2) }, read(&[7, 9]));
        // SAFETY: a count beyond the codes that there are is an error before any is read.
        assert!(unsafe { EventTypes::read(codes.as_ptr().cast(), &u32::MAX) }.is_err_and(|e| e.contains("4294967295")));
    }
}
