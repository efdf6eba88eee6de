//! Enter events that are kept until their exit event.
//!
//! The exit event of an old capture may lack parameters of its enter event. And another thread may change a path or address
//! in memory during the call; the enter event has the value that the kernel most likely used.
//!
//! The last enter event of a thread is not always of the same call: if the driver leaves out failed calls, their enter events have no
//! exit event, and the next enter event may be lost. What both events have of the call's registers must therefore agree
//! ([`REGISTERS`]). Two calls with the same registers cannot be told apart, such as two of openat with AT_FDCWD and the same flags.

use super::{Args, Parser};
use crate::state::open;
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

/// A parameter that an exit event and its enter event have of the same register, and so with the same value: no other thread
/// can change a register during the call. Paths, addresses and the flags of openat2 are in memory, and are never compared: an
/// enter event that differs in them is what protects against a change.
struct Register {
    exit: EventType,
    /// Its index in the exit event.
    at: usize,
    /// Its index in the enter event.
    enter_at: usize,
    /// The bits that are the register's in both events.
    bits: u32,
}

/// The registers have 32 bits; old drivers extended fds to 64 bits with their sign in one event and with zeros in the other.
const REGISTERS: [Register; 6] = {
    const fn register(exit: EventType, at: usize, enter_at: usize, bits: u32) -> Register {
        Register { exit, at, enter_at, bits }
    }
    // The exit event adds whether the file was created, and its overlay layer.
    const FLAGS: u32 = open::F_CREATED - 1;
    [
        register(EventType::SYSCALL_OPEN_X, 2, 1, FLAGS),
        register(EventType::SYSCALL_CREAT_X, 2, 1, u32::MAX),
        register(EventType::SYSCALL_OPENAT_2_X, 1, 0, u32::MAX),
        register(EventType::SYSCALL_OPENAT_2_X, 3, 2, FLAGS),
        register(EventType::SYSCALL_OPENAT2_X, 1, 0, u32::MAX),
        register(EventType::SOCKET_CONNECT_X, 2, 0, u32::MAX),
    ]
};

/// Whether the registers that both events have agree. A parameter without a value agrees with every value.
fn registers_agree(exit: &Args<'_>, ty: EventType, enter: &[u8]) -> bool {
    let enter = read(enter).and_then(|e| Some(Args::of(e, e.info()?)));
    let Some(enter) = enter else { return false };
    let differs = |r: &Register| match (exit.uint(r.at), enter.uint(r.enter_at)) {
        (Some(a), Some(b)) => (a as u32 ^ b as u32) & r.bits != 0,
        _ => false,
    };
    !REGISTERS.iter().any(|r| r.exit == ty && differs(r))
}

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
        let (ty, exit) = (self.event.ty(), self.args);
        let t = self.thread_mut()?;
        let found = if t.enter_valid && !t.enter_event.is_empty() {
            let kept = u16::from_ne_bytes([t.enter_event[20], t.enter_event[21]]);
            // A successful execveat has an execve exit event.
            let execveat = ty == EventType::SYSCALL_EXECVE_19_X && kept == EventType::SYSCALL_EXECVEAT_E.0;
            let matches = execveat || kept + 1 == ty.0 && registers_agree(&exit, ty, &t.enter_event);
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
