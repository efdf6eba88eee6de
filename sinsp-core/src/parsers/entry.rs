//! Enter events that are kept until their exit event.
//!
//! The exit event of an old capture may lack parameters of its enter event. And another thread may change a path or address
//! in memory during the call; the enter event has the value that the kernel most likely used.

use super::Parser;
use driver::EventType;
use scap_sys::Event;

/// The enter events that the probe sends only for the parsers of their exit events.
pub(crate) const KEPT: [EventType; 5] = [
    EventType::SYSCALL_OPEN_E,
    EventType::SYSCALL_CREAT_E,
    EventType::SYSCALL_OPENAT_2_E,
    EventType::SYSCALL_OPENAT2_E,
    EventType::SOCKET_CONNECT_E,
];

/// The longest event that is kept, in bytes.
const MAX_KEPT: usize = 64 * 1024;
const MAX_SPARE: usize = 64;

/// Keeps the event for its exit event, unless its first parameter is empty.
pub(super) fn keep_unless_empty(p: &mut Parser<'_, '_>) {
    if !p.args.is_empty(0) {
        keep(p);
    }
}

pub(super) fn keep(p: &mut Parser<'_, '_>) {
    let bytes = p.event.bytes();
    if bytes.len() > MAX_KEPT {
        return;
    }
    let spare = p.state.spare_buffers.pop();
    let Some(t) = p.thread_mut() else {
        p.state.stats.enter_events_not_kept.add(1);
        return;
    };
    if t.enter_event.capacity() == 0 {
        t.enter_event = spare.unwrap_or_default();
    }
    t.enter_event.clear();
    t.enter_event.extend_from_slice(bytes);
    t.enter_valid = true;
    p.state.stats.enter_events_kept.add(1);
}

impl<'e> Parser<'_, 'e> {
    /// Takes the bytes of the enter event that belongs to this exit event. [`Parser::put_enter_back`] returns the buffer.
    pub(super) fn take_enter(&mut self) -> Option<Vec<u8>> {
        let ty = self.event.ty();
        let t = self.thread_mut()?;
        let found = if t.enter_valid && !t.enter_event.is_empty() {
            let kept = u16::from_ne_bytes([t.enter_event[20], t.enter_event[21]]);
            // A successful execveat has an execve exit event.
            let execveat = ty == EventType::SYSCALL_EXECVE_19_X && kept == EventType::SYSCALL_EXECVEAT_E.0;
            let matches = execveat || kept + 1 == ty.0;
            t.enter_valid = matches;
            matches
        } else {
            false
        };
        if !found {
            self.state.stats.enter_events_missed.add(1);
            return None;
        }
        self.state.stats.enter_events_found.add(1);
        self.thread_mut().map(|t| std::mem::take(&mut t.enter_event))
    }

    /// Keeps the enter event, which has data that the exit event lacks, in the notes of the exit event.
    pub(super) fn note_enter(&mut self, buffer: Vec<u8>) {
        self.current.notes.enter = buffer;
    }

    /// Gives the memory of the enter event that was noted back.
    pub(super) fn forget_enter(&mut self) {
        if self.current.notes.enter.capacity() != 0 {
            let buffer = std::mem::take(&mut self.current.notes.enter);
            self.put_enter_back(buffer);
        }
    }

    /// Returns the buffer of an enter event for reuse.
    pub(super) fn put_enter_back(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        if self.state.spare_buffers.len() < MAX_SPARE {
            self.state.spare_buffers.push(buffer);
        }
    }

    /// Frees the enter event that the exit event did not take.
    pub(super) fn drop_enter(&mut self) {
        let Some(t) = self.thread_mut() else { return };
        t.enter_valid = false;
        let buffer = std::mem::take(&mut t.enter_event);
        self.put_enter_back(buffer);
    }
}

pub(super) fn read(bytes: &[u8]) -> Option<Event<'_>> {
    Event::new(bytes, 0, 0).ok()
}
