//! An event with its context: the input of fields, filters and formatters.

use crate::container_table::Containers;
use crate::state::{Fd, GroupInfo, State, Thread, ThreadId, UserInfo};
use driver::{Category, EventInfo, EventType};
use scap_sys::Event;
use std::fmt;
use std::rc::Rc;

/// An event after the parsers have processed it. Cheap to copy; borrows from the inspector until the next event.
#[derive(Clone, Copy)]
pub struct EventContext<'a> {
    /// The event.
    pub event: Event<'a>,
    /// Its entry in the event table.
    pub info: &'static EventInfo,
    /// Its number since the capture was opened; the first event has 1.
    pub num: u64,
    /// The state.
    pub state: &'a State,
    /// The thread that produced it, if known.
    pub thread: Option<&'a Thread>,
    /// The fd that it refers to, if known.
    pub fd: Option<&'a Fd>,
    /// The handle of the thread whose table has that fd, and the fd number.
    pub fd_at: Option<(ThreadId, i64)>,
    /// Data of the parsers about this event.
    pub notes: &'a Notes,
    /// Settings for the whole capture.
    pub view: &'a View,
}

impl<'a> EventContext<'a> {
    /// A user of the container of a thread, or of the host.
    pub(crate) fn user_of(&self, thread: &Thread, uid: u32) -> Option<&'a UserInfo> {
        self.state.with_container(thread, |container| self.state.users.user_in(container, uid))
    }

    /// A group of the container of a thread, or of the host.
    pub(crate) fn group_of(&self, thread: &Thread, gid: u32) -> Option<&'a GroupInfo> {
        self.state.with_container(thread, |container| self.state.users.group_in(container, gid))
    }
}

/// What results for an event depend on: they are valid as long as it does not change. Cheaper than the event with its context.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The type of the event.
    pub ty: EventType,
    /// Twice the number of the event, plus one after the parsers are done with it; 0 if results must not be kept.
    pub(crate) event: u64,
    /// The epoch of the state, which also changes when a capture is opened and event numbers restart.
    pub(crate) epoch: u64,
    /// Whether objects outside the core hold threads or fds, which can be written at any time.
    pub(crate) exposed: bool,
}

impl Moment {
    #[inline]
    pub(crate) fn new(info: &EventInfo, num: u64, notes: &Notes, state: &State) -> Moment {
        let keeps = num != 0 && !notes.transient;
        Moment {
            ty: info.ty,
            event: if keeps { num << 1 | u64::from(notes.complete) } else { 0 },
            epoch: state.epoch(),
            exposed: state.threads.exposed() > 0,
        }
    }
}

impl EventContext<'_> {
    /// What results for the event depend on.
    #[inline]
    pub(crate) fn moment(&self) -> Moment {
        Moment::new(self.info, self.num, self.notes, self.state)
    }

    /// Whether its number identifies the event, so that what was extracted can be kept for the number. See [`Notes::transient`].
    #[inline]
    pub fn is_only_one(&self) -> bool {
        self.num != 0 && !self.notes.transient
    }

    /// The number of the plugin whose source the event is of; 0 for the source `syscall`.
    pub fn source_id(&self) -> u32 {
        match self.info.ty {
            EventType::PLUGINEVENT_E | EventType::ASYNCEVENT_E => {
                self.event.param(0).and_then(|p| p.try_into().ok()).map_or(0, u32::from_ne_bytes)
            }
            _ => 0,
        }
    }

    /// The plugin that made the event; `None` for other events, and if it is not known.
    pub fn maker(&self) -> Option<&dyn EventMaker> {
        match self.info.ty {
            EventType::PLUGINEVENT_E => self.view.makers.get(self.source_id()),
            _ => None,
        }
    }

    /// The return value of the system call; `None` for other events, for enter events and for the generic event. A value
    /// whose size is neither 4 nor 8 bytes counts as 0.
    pub fn return_value(&self) -> Option<i64> {
        let is_call = self.info.category.from_source(Category::SYSCALL) && self.info.ty.is_exit();
        if !is_call || self.info.ty == EventType::GENERIC_X {
            return None;
        }
        let bytes = self.event.first_param()?;
        Some(match (bytes.first_chunk(), bytes.first_chunk()) {
            (_, Some(eight)) if bytes.len() == 8 => i64::from_ne_bytes(*eight),
            (Some(four), _) if bytes.len() == 4 => i32::from_ne_bytes(*four).into(),
            _ => 0,
        })
    }
}

/// A plugin as the maker of events, as fields show it.
pub trait EventMaker {
    /// Its name.
    fn name(&self) -> &str;
    /// The name of its source of events.
    fn source(&self) -> &str;
    /// Appends one of its events as a text; `false` if it cannot.
    fn describe(&self, event: &EventContext<'_>, out: &mut Vec<u8>) -> bool;
}

/// The makers of events, by the numbers that their events have.
#[derive(Clone, Default)]
pub struct EventMakers(Vec<(u32, Rc<dyn EventMaker>)>);

impl EventMakers {
    /// Adds a maker. The first one with a number has it.
    pub fn add(&mut self, id: u32, maker: Rc<dyn EventMaker>) {
        self.0.push((id, maker));
    }

    /// The maker with this number.
    pub fn get(&self, id: u32) -> Option<&dyn EventMaker> {
        self.0.iter().find(|(known, _)| *known == id).map(|(_, maker)| &**maker)
    }

    /// Removes all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl fmt::Debug for EventMakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, maker)| (id, maker.name()))).finish()
    }
}

/// Settings for a whole capture, and for the display of its events.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The time of the first event, in nanoseconds since the Unix epoch; 0 before it.
    pub first_ts: u64,
    /// Whether the events come from a capture file.
    pub replay: bool,
    /// How data is shown as text. It decides nothing but what is printed: filters compare [`Display::NORMAL`].
    pub display: Display,
    /// How `evt.outputtime` shows times.
    pub output_time: OutputTime,
    /// The plugins that make events.
    pub makers: EventMakers,
    /// The table of containers of a plugin.
    pub containers: Containers,
}

/// The form of the field `evt.outputtime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputTime {
    /// The local time of day.
    #[default]
    TimeOfDay,
    /// Seconds since the Unix epoch.
    Epoch,
    /// Seconds since the first event of the capture.
    SinceFirst,
    /// Seconds since the enter event of the call: always 0, as calls have one event.
    SinceEnter,
    /// Seconds since the previous event of which the field was extracted.
    SincePrevious,
}

/// The format of I/O buffers.
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

/// The formats of I/O buffers as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BufferFormat {
    /// Unprintable bytes become dots.
    #[default]
    Dots,
    /// As `Dots`; fds are shown without their type character.
    Simple,
    /// As `Dots`, but never cut: programs read the output.
    Json,
    /// Rows of hexadecimal numbers.
    Hex,
    /// Rows of hexadecimal numbers with the text beside them.
    HexAscii,
    /// Printable characters and line breaks; starts on a new line.
    Lines,
    /// Printable characters and line breaks.
    LinesCompact,
    /// Base64.
    Base64,
}

/// Data of the parsers about an event.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// The number of the fd that the event refers to, whether or not the fd is known; -1 if there is none.
    pub fd_num: i64,
    /// Whether the event changed the name of that fd.
    pub fd_name_changed: bool,
    /// The negative error code of a failed call; else 0.
    pub errno: i64,
    /// The bytes of the enter event, if it has data that the exit event lacks: in old captures, and if a program changed a path during the
    /// call. If the event is stored for later parsers, this must be stored before it. Mostly empty.
    pub enter: Vec<u8>,
    /// Whether the parsers are done with the event. Before that, its context can still change.
    pub complete: bool,
    /// Whether extracted values must not be cached for this event number, because the event can change or share its number
    /// with another.
    pub transient: bool,
}
