//! An event together with what is known around it: what fields, filters and formatters read.

use crate::state::{Fd, State, Thread, ThreadId};
use driver::{Category, EventInfo, EventType};
use scap_sys::Event;

/// One event after the parsers have seen it. Cheap to copy; borrowed from the inspector until the next event.
#[derive(Clone, Copy)]
pub struct EventContext<'a> {
    /// The event's bytes.
    pub event: Event<'a>,
    /// Its row of the event table.
    pub info: &'static EventInfo,
    /// Its number since the capture was opened, from 1.
    pub num: u64,
    /// Everything that is known of the system.
    pub state: &'a State,
    /// The thread that made it, if known.
    pub thread: Option<&'a Thread>,
    /// The fd that it is about, if any and known.
    pub fd: Option<&'a Fd>,
    /// The handle of the thread whose table has that fd, and its number there.
    pub fd_at: Option<(ThreadId, i64)>,
    /// What the parsers noted about this very event.
    pub notes: &'a Notes,
    /// What holds for the whole capture, and how its consumer wants to see it.
    pub view: &'a View,
}

impl EventContext<'_> {
    /// What the call returned; `None` for events that are no calls, for enter events, and for calls of which nothing is captured
    /// but that they were made. A result of a size that no call has counts as 0.
    pub fn return_value(&self) -> Option<i64> {
        let is_call = self.info.category.from_source(Category::SYSCALL) && self.info.ty.is_exit();
        if !is_call || self.info.ty == EventType::GENERIC_X {
            return None;
        }
        let bytes = self.event.param(0)?;
        Some(match (bytes.first_chunk(), bytes.first_chunk()) {
            (_, Some(eight)) if bytes.len() == 8 => i64::from_le_bytes(*eight),
            (Some(four), _) if bytes.len() == 4 => i32::from_le_bytes(*four).into(),
            _ => 0,
        })
    }
}

/// What holds for a whole capture, and how its consumer wants to see it.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The time of the first event: nanoseconds since the epoch; 0 before it.
    pub first_ts: u64,
    /// Whether the events come from a capture file.
    pub replay: bool,
    /// How data is shown as text. It decides nothing but what is printed: filters compare [`Display::NORMAL`].
    pub display: Display,
}

/// How the data that calls move is shown as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Display {
    /// The form.
    pub buffers: BufferFormat,
    /// How many bytes of text to show at most; 0: all.
    pub max_buffer_text: usize,
}

impl Display {
    /// All of the data, a dot for what cannot be printed; fds with the letter of their kind.
    pub const NORMAL: Display = Display { buffers: BufferFormat::Dots, max_buffer_text: 0 };
}

/// How binary data is shown as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BufferFormat {
    /// A dot for what cannot be printed.
    #[default]
    Dots,
    /// As `Dots`; fds without the letter of their kind.
    Simple,
    /// Rows of hexadecimal numbers.
    Hex,
    /// Rows of hexadecimal numbers with the text beside them.
    HexAscii,
    /// What can be printed, and ends of lines; begins on a new line.
    Lines,
    /// What can be printed, and ends of lines.
    LinesCompact,
    /// Base64.
    Base64,
}

/// What the parsers note about an event for those who read it later.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// The number of the fd that the event is about, of which nothing more may be known; -1 if there is none.
    pub fd_num: i64,
    /// Whether the event gave that fd another name.
    pub fd_name_changed: bool,
    /// The result for which the call counts as failed, less than 0; else 0.
    pub errno: i64,
    /// The bytes of the enter event, where it tells what the exit event does not, as in old captures and where a program changed a path while
    /// the call ran. Whoever keeps the event for later parsers keeps this before it. Mostly empty.
    pub enter: Vec<u8>,
    /// Whether the parsers are done with the event; before, what is known around it can still change.
    pub complete: bool,
    /// Whether what is found out about the event must not be kept for the next question: its maker may change it, or make another of
    /// the same number.
    pub transient: bool,
}
