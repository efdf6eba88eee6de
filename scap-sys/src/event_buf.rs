//! An event that owns its bytes.

use crate::{Event, Result};

/// An event with its own memory; its bytes passed the check of [`Event::new`].
#[derive(Debug, Clone)]
pub struct EventBuf {
    bytes: Vec<u8>,
}

impl EventBuf {
    /// Copies the event at the start of `bytes`.
    pub fn new(bytes: &[u8]) -> Result<EventBuf> {
        let len = Event::check(bytes)?;
        Ok(EventBuf { bytes: bytes[..len].to_vec() })
    }

    /// The event, with CPU 0 and no flags.
    #[inline]
    pub fn event(&self) -> Event<'_> {
        Event::checked(&self.bytes, 0, 0)
    }

    /// Sets the timestamp, in nanoseconds since the Unix epoch.
    pub fn set_ts(&mut self, ts: u64) {
        self.bytes[..8].copy_from_slice(&ts.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode;
    use driver::EventType;

    #[test]
    fn a_copy_of_an_event_and_nothing_else() {
        let params = vec![encode::Value::Null; EventType::ASYNCEVENT_E.info().unwrap().params.len()];
        let mut bytes = encode::event(7, 3, EventType::ASYNCEVENT_E, &params).unwrap();
        let len = bytes.len();
        bytes.extend_from_slice(b"behind it");
        let mut event = EventBuf::new(&bytes).unwrap();
        assert_eq!((event.event().ts(), event.event().tid(), event.event().bytes().len()), (7, 3, len));
        event.set_ts(9);
        assert_eq!((event.event().ts(), event.event().tid()), (9, 3));
        assert!(EventBuf::new(&bytes[..len - 1]).is_err());
    }
}
