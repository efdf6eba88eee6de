//! The engine that reads a capture file.
//!
//! ```no_run
//! # fn main() -> scap_sys::Result<()> {
//! use scap_sys::{NoSink, engine::{CurrentEvent, Engine, Status, savefile::SavefileEngine}};
//! let mut engine = SavefileEngine::open("trace.scap", &mut NoSink)?;
//! while engine.next()? != Status::Eof {
//!     println!("{}", engine.event().ts());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Opening a capture passes the description of the system that stands before the first event to a [`SystemSink`]. A file
//! may have several sections: [`Status::Restart`] announces the next one, and [`Engine::restart`] reads its description.
//!
//! An event is a slice of the reader's buffer; in general nothing is copied or allocated for it.

use super::{Engine, NO_EVENT, Progress, Status};
use crate::capture::block::{self, EventBlock, Kind};
use crate::capture::convert::{Converter, Outcome, unchanged};
use crate::capture::input::Input;
use crate::capture::lists::{self, Body};
use crate::capture::order::{Order, swap_event};
use crate::capture::origin::{Once, Origin, Rewindable};
use crate::capture::plain_block::{Params, plain_event};
use crate::encode::Frame;
use crate::{Error, Event, HEADER_LEN, Result, SystemSink};
use driver::{EVENTS, EventType};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

/// The header length in blocks whose events have no parameter count.
const OLD_HEADER_LEN: usize = HEADER_LEN - 4;

/// An open capture file.
pub struct SavefileEngine {
    input: Input,
    /// The name of the capture in errors; empty if it has none.
    name: String,
    /// The length of the file from the position at which it was passed, if known.
    file_len: Option<u64>,
    /// The byte order of the current section.
    order: Order,
    at: Place,
    cpu: u16,
    flags: u32,
    /// The current event, if its header was rewritten.
    scratch: Vec<u8>,
    /// The current event, if it was converted.
    converted: Vec<u8>,
    converter: Option<Converter>,
    /// The event types that need no conversion.
    unchanged: &'static Params,
    state: State,
}

/// Where the current event is.
enum Place {
    Nowhere,
    Input(Range<usize>),
    Scratch,
    Converted,
}

#[derive(PartialEq)]
enum State {
    Events,
    /// At a section header, which `restart` reads.
    NewSection,
    Failed,
}

/// What is said about files of other programs that have the same container, or are taken for it.
const PACKETS: &str = "not a capture of system calls: it is a pcap file, which has network packets";

impl SavefileEngine {
    /// Opens the capture at `path`, plain or gzip, and passes to `sink` the system's description before its first event.
    ///
    /// What the sink received before an error is valid, but incomplete. If the capture ends before its first event, regularly or by an error,
    /// the first [`Engine::next`] returns that.
    pub fn open(path: impl AsRef<Path>, sink: &mut dyn SystemSink) -> Result<SavefileEngine> {
        SavefileEngine::open_at(path, 0, sink)
    }

    /// As [`SavefileEngine::open`], from a section header at `offset` of the uncompressed data.
    pub fn open_at(path: impl AsRef<Path>, offset: u64, sink: &mut dyn SystemSink) -> Result<SavefileEngine> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| Error::io(format_args!("cannot open {name}"), e))?;
        SavefileEngine::from_file(file, name, offset, sink)
    }

    /// Reads a capture from a file descriptor, from its present position. `offset` counts from there.
    pub fn from_fd(fd: OwnedFd, offset: u64, sink: &mut dyn SystemSink) -> Result<SavefileEngine> {
        let name = format!("the capture on the file descriptor {}", fd.as_raw_fd());
        SavefileEngine::from_file(File::from(fd), name, offset, sink)
    }

    fn from_file(file: File, name: String, offset: u64, sink: &mut dyn SystemSink) -> Result<SavefileEngine> {
        let meta = file.metadata().map_err(|e| Error::io(format_args!("cannot look at {name}"), e))?;
        if meta.is_dir() {
            return Err(Error::Invalid(format!("{name} is a directory, not a capture")));
        }
        let file = Rewindable::new(file, meta.is_file())
            .map_err(|e| Error::io(format_args!("cannot find the place in {name}"), e))?;
        let file_len = meta.is_file().then(|| meta.len().saturating_sub(file.start()));
        SavefileEngine::start_at(Box::new(file), name, file_len, offset, sink)
    }

    /// Reads a capture from memory or any other stream.
    pub fn from_reader(reader: impl Read + Send + 'static, sink: &mut dyn SystemSink) -> Result<SavefileEngine> {
        SavefileEngine::start_at(Box::new(Once(reader)), String::new(), None, 0, sink)
    }

    fn start_at(
        origin: Box<dyn Origin>,
        name: String,
        file_len: Option<u64>,
        offset: u64,
        sink: &mut dyn SystemSink,
    ) -> Result<SavefileEngine> {
        let mut engine = SavefileEngine {
            input: Input::new(origin),
            name,
            file_len,
            order: Order::Native,
            at: Place::Nowhere,
            cpu: 0,
            flags: 0,
            scratch: Vec::new(),
            converted: Vec::new(),
            converter: Some(Converter::new()),
            unchanged: unchanged(),
            state: State::Events,
        };
        match engine.input.seek(offset).and_then(|()| engine.section(sink)) {
            Ok(()) => Ok(engine),
            Err(e) => Err(e.of(&engine.name)),
        }
    }

    /// Sets whether events of old captures are converted to the present format ([`crate::capture::convert`]); on by
    /// default.
    pub fn set_conversion(&mut self, on: bool) {
        self.converter = on.then(Converter::new);
    }

    /// The part of the file that was read, from 0 to 1; `None` if its length is unknown.
    pub fn progress(&self) -> Option<f64> {
        let len = self.file_len?;
        Some(if len == 0 { 1.0 } else { (self.file_offset() as f64 / len as f64).min(1.0) })
    }

    /// The bytes of the file that were used; of a compressed file, compressed bytes.
    pub fn file_offset(&self) -> u64 {
        self.input.file_offset()
    }

    /// The offset of the next block in the uncompressed data.
    pub fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// Continues at a block that starts at `offset` of the uncompressed data, for example at a value of
    /// [`SavefileEngine::offset`].
    ///
    /// Seeking backwards fails if the input is a stream.
    pub fn seek(&mut self, offset: u64) -> Result<()> {
        self.at = Place::Nowhere;
        self.state = State::Events;
        self.converter.iter_mut().for_each(Converter::clear);
        self.input.seek(offset).map_err(|e| e.of(&self.name))
    }

    /// The type and total length of the next block; `None` at the end of the file. A section header sets the byte order.
    #[inline]
    fn header(&mut self) -> Result<Option<(u32, u32)>> {
        // No block is shorter.
        let b = self.input.want(block::OVERHEAD as usize)?;
        match b.len() {
            0 => return Ok(None),
            1..8 => return Err(Error::Truncated { what: "a block's header".into(), offset: self.input.offset() }),
            _ => {}
        }
        // The type of a section header is the same number in both orders.
        if b.len() >= 12 && Order::Native.u32_at(b, 0) == block::SECTION_HEADER {
            let swapped = Order::Swapped.u32_at(b, 8) == block::SECTION_MAGIC;
            self.order = if swapped { Order::Swapped } else { Order::Native };
        }
        Ok(Some((self.order.u32_at(b, 0), self.order.u32_at(b, 4))))
    }

    fn corrupt(&self, what: String) -> Error {
        Error::Corrupt { what, offset: self.input.offset() }
    }

    /// Reads a section header and the blocks up to the first event.
    fn section(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        match self.header()? {
            None => return Err(self.corrupt("not a capture: the file is empty".into())),
            Some((block::SECTION_HEADER, len)) => self.section_header(len)?,
            Some((first, _)) if block::starts_pcap(first) => return Err(self.corrupt(PACKETS.into())),
            Some(_) => return Err(self.corrupt("not a capture: it does not start with a section header".into())),
        }
        loop {
            let (ty, len) = match self.header() {
                Ok(Some(header)) => header,
                // The capture ends before its first event, or is cut off there, as when its writer was killed: the description of the
                // system is valid, and `next` returns the end.
                Ok(None) | Err(Error::Truncated { .. }) => return Ok(()),
                Err(e) => return Err(e),
            };
            match Kind::of(ty) {
                Kind::Event(_) => return Ok(()),
                Kind::Section => self.section_header(len),
                Kind::Machine => self.block("the machine's description", len, |b| lists::machine(b, sink)),
                Kind::Processes { version } => {
                    self.block("the process list", len, |b| lists::processes(b, version, sink))
                }
                Kind::Fds { sized } => self.block("an fd list", len, |b| lists::fds(b, sized, sink)),
                Kind::Interfaces { sized } => {
                    self.block("the interface list", len, |b| lists::interfaces(b, sized, sink))
                }
                Kind::Users { sized } => self.block("the user list", len, |b| lists::users(b, sized, sink)),
                Kind::Packet => return Err(self.corrupt(PACKETS.into())),
                Kind::Unknown => self.block("a block of unknown type", len, |_| Ok(())),
            }?;
        }
    }

    fn section_header(&mut self, len: u32) -> Result<()> {
        const FIXED: usize = 16;
        let what = "the section header";
        if len < FIXED as u32 + block::OVERHEAD {
            return Err(self.corrupt(format!("{what}'s length of {len} is too short")));
        }
        let head = self.input.want(8 + FIXED)?;
        if head.len() < 8 + FIXED {
            return Err(Error::Truncated { what: what.into(), offset: self.input.offset() });
        }
        let (magic, major) = (self.order.u32_at(head, 8), self.order.u16_at(head, 12));
        if magic != block::SECTION_MAGIC {
            return Err(self.corrupt("not a capture: wrong magic number".into()));
        }
        if major > block::MAJOR_VERSION {
            return Err(Error::NotSupported(format!("a capture of format version {major}")));
        }
        self.block(what, len, |_| Ok(()))
    }

    /// Reads a block, whose header was checked, and passes its body to `read`. The rest of the body is skipped.
    fn block(&mut self, what: &'static str, len: u32, read: impl FnOnce(&mut Body<'_>) -> Result<()>) -> Result<()> {
        if len < block::OVERHEAD {
            return Err(self.corrupt(format!("{what}: a block length of {len} is too short")));
        }
        self.input.take(8, what)?;
        let mut body = Body::new(&mut self.input, what, self.order, len - block::OVERHEAD);
        read(&mut body)?;
        body.finish()?;
        let trailer = self.order.u32_at(self.input.take(4, what)?, 0);
        if trailer != len {
            return Err(self.corrupt(format!("{what}: the block's length is {len} in front and {trailer} behind")));
        }
        Ok(())
    }

    /// The fast path: moves to the next block if it is complete in the buffer and its event needs no conversion.
    #[inline(always)]
    fn advance_in_buffer(&mut self) -> bool {
        let Some(plain) = plain_event(self.input.buffered(), self.unchanged) else { return false };
        let block = self.input.take_range(plain.block);
        let event = block.start + plain.event;
        self.at = Place::Input(event..event + plain.len);
        (self.cpu, self.flags) = (plain.cpu, plain.flags);
        true
    }

    #[inline(never)]
    fn advance(&mut self) -> Result<Status> {
        loop {
            let Some((ty, len)) = self.header()? else { return Ok(Status::Eof) };
            let layout = match Kind::of(ty) {
                Kind::Event(layout) => layout,
                Kind::Section => {
                    self.state = State::NewSection;
                    return Ok(Status::Restart);
                }
                Kind::Packet | Kind::Unknown => {
                    self.block("a block of unknown type", len, |_| Ok(()))?;
                    continue;
                }
                _ => return Err(self.corrupt(format!("a block of type {ty:#x} among the events"))),
            };
            let offset = self.input.offset();
            if let Some(status) = self.event_block(layout, len).map_err(|e| placed(e, offset))? {
                return Ok(status);
            }
        }
    }

    /// Reads an event block; `None` if its event type is unknown.
    fn event_block(&mut self, layout: EventBlock, len: u32) -> Result<Option<Status>> {
        let corrupt = |what: &str| Err(Error::Corrupt { what: format!("{what} (length {len})"), offset: 0 });
        let head = 8 + if layout.flags { 6 } else { 2 };
        let event_header = if layout.counted { HEADER_LEN } else { OLD_HEADER_LEN };
        let total = len as usize;
        if total < head + event_header + 4 {
            return corrupt("an event block is too short");
        }
        if !layout.large && len - 8 > block::MAX_SMALL_EVENT {
            return corrupt("an event block is too long for its type");
        }
        let b = self.input.want(total)?;
        if b.len() < total {
            return Err(Error::Truncated { what: "an event".into(), offset: 0 });
        }
        let trailer = self.order.u32_at(b, total - 4);
        if trailer != len {
            return corrupt(&format!("an event block has another length behind: {trailer}"));
        }
        self.cpu = self.order.u16_at(b, 8);
        self.flags = if layout.flags { self.order.u32_at(b, 10) } else { 0 };
        let block = self.input.take_range(total);
        let at = block.start + head..block.end - 4;
        let mut bytes = self.input.at(at.clone());
        let ty = EventType(self.order.u16_at(bytes, 20));
        let Some(info) = ty.info() else { return Ok(None) };
        self.at = Place::Scratch;
        if self.order == Order::Swapped {
            if !layout.counted {
                let what = "converting an event of an old format from the other byte order";
                return Err(Error::NotSupported(what.into()));
            }
            self.scratch.clear();
            self.scratch.extend_from_slice(bytes);
            swap_event(&mut self.scratch);
            bytes = &self.scratch;
        } else if !layout.counted {
            self.scratch.clear();
            count_params(bytes, ty, &mut self.scratch)?;
            bytes = &self.scratch;
        }
        let len = Event::check(bytes)?;
        if layout.counted && self.order == Order::Native {
            self.at = Place::Input(at.start..at.start + len);
        } else {
            self.scratch.truncate(len);
            bytes = &self.scratch;
        }
        let mut event = Event::checked(&bytes[..len], self.cpu, self.flags);
        if event.nparams() as usize > info.params.len() {
            // From a later version: the unknown parameters are dropped.
            let known = without_unknown_params(&event, info.params.len())?;
            self.scratch = known;
            self.at = Place::Scratch;
            event = Event::checked(&self.scratch, self.cpu, self.flags);
        }
        let Some(converter) = &mut self.converter else { return Ok(Some(Status::Event)) };
        Ok(Some(match converter.convert(&event, &mut self.converted)? {
            Outcome::Same => Status::Event,
            Outcome::Dropped => Status::Filtered,
            Outcome::Converted => {
                self.at = Place::Converted;
                Status::Event
            }
        }))
    }
}

/// Adds the block's offset to an error of its event.
#[cold]
fn placed(e: Error, offset: u64) -> Error {
    match e {
        Error::Corrupt { what, offset: 0 } => Error::Corrupt { what, offset },
        Error::Truncated { what, offset: 0 } => Error::Truncated { what, offset },
        e => e,
    }
}

#[cold]
fn without_unknown_params(event: &Event<'_>, n: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut frame = Frame::start(&mut out, event.ts(), event.tid(), event.ty(), n);
    for param in event.params().take(n) {
        frame.push(param)?;
    }
    frame.finish()?;
    Ok(out)
}

impl Engine for SavefileEngine {
    fn name(&self) -> &'static str {
        "savefile"
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress { offset: self.offset(), part: SavefileEngine::progress(self) })
    }

    fn seek(&mut self, offset: u64) -> Result<()> {
        SavefileEngine::seek(self, offset)
    }

    #[inline]
    fn next_ready(&mut self) -> bool {
        self.state == State::Events && self.advance_in_buffer()
    }

    #[inline]
    fn next(&mut self) -> Result<Status> {
        if self.next_ready() {
            return Ok(Status::Event);
        }
        match self.state {
            State::Events => {}
            State::NewSection => return Ok(Status::Restart),
            State::Failed => return Ok(Status::Eof),
        }
        self.advance().map_err(|e| {
            self.state = State::Failed;
            e.of(&self.name)
        })
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        match &self.at {
            Place::Input(range) => self.input.at(range.clone()),
            Place::Scratch => &self.scratch,
            Place::Converted => &self.converted,
            Place::Nowhere => &NO_EVENT,
        }
    }

    #[inline]
    fn origin(&self) -> (u16, u32) {
        (self.cpu, self.flags)
    }

    fn restart(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        if self.state != State::NewSection {
            return Err(Error::Invalid("the capture is not at the start of a section".into()).of(&self.name));
        }
        self.at = Place::Nowhere;
        self.converter.iter_mut().for_each(Converter::clear);
        self.state = State::Failed;
        self.section(sink).map_err(|e| e.of(&self.name))?;
        self.state = State::Events;
        Ok(())
    }
}

/// Converts an event without parameter count, `old`, to one with a count.
///
/// The count is the highest one, up to that of the event table, for which the lengths and the parameters fill the event
/// exactly.
fn count_params(old: &[u8], ty: EventType, out: &mut Vec<u8>) -> Result<()> {
    let wrong = |what: &str| Error::Corrupt { what: format!("bad event: {what}"), offset: 0 };
    let mut len = Order::Native.u32_at(old, 16) as usize;
    // In the files that have these two types, the length in the header is too large by three.
    if matches!(ty, EventType::NOTIFICATION_E | EventType::INFRASTRUCTURE_EVENT_E) {
        len = len.saturating_sub(3);
    }
    if len < OLD_HEADER_LEN || len > old.len() {
        return Err(wrong("its length does not fit"));
    }
    let body = &old[OLD_HEADER_LEN..len];
    let most = EVENTS[ty.0 as usize].params.len().min(body.len() / 2);
    // Each parameter moves the end by at least two bytes, so the end grows with the count.
    let (mut n, mut end) = (0, 0);
    for len in body.as_chunks::<2>().0[..most].iter().map(|len| usize::from(u16::from_ne_bytes(*len))) {
        if end + 2 + len > body.len() {
            break;
        }
        (n, end) = (n + 1, end + 2 + len);
    }
    if end != body.len() {
        return Err(wrong("no number of parameters fits its length"));
    }
    out.extend_from_slice(&old[..16]);
    out.extend_from_slice(&((len + 4) as u32).to_ne_bytes());
    out.extend_from_slice(&old[20..22]);
    out.extend_from_slice(&(n as u32).to_ne_bytes());
    out.extend_from_slice(body);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Cursor;

    /// The project's recorded capture, uncompressed.
    fn recorded() -> Vec<u8> {
        let packed = include_bytes!("../../../tests/captures/workload.scap.gz");
        let mut bytes = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut bytes).expect("a gzip stream");
        bytes
    }

    /// The result of the reader, the event, its origin, and the offset after it.
    type Reported = (String, Vec<u8>, (u16, u32), u64);

    /// Reads a whole capture; with `longer`, the fast path takes no block.
    fn reported(capture: Vec<u8>, longer: bool) -> Vec<Reported> {
        let mut engine = match SavefileEngine::from_reader(Cursor::new(capture), &mut crate::NoSink) {
            Ok(engine) => engine,
            Err(e) => return vec![(e.to_string(), Vec::new(), (0, 0), 0)],
        };
        if longer {
            static NONE: once_cell::sync::Lazy<Params> = once_cell::sync::Lazy::new(|| Params::new(|_| None));
            engine.unchanged = &NONE;
        }
        let mut all = Vec::new();
        loop {
            let status = engine.next();
            let end = !matches!(status, Ok(Status::Event | Status::Filtered));
            let reported = status.map_or_else(|e| e.to_string(), |s| format!("{s:?}"));
            // Only after `Event` is the event defined.
            let event =
                if reported == "Event" { (engine.bytes().to_vec(), engine.origin()) } else { Default::default() };
            all.push((reported, event.0, event.1, engine.offset()));
            if end {
                return all;
            }
        }
    }

    #[test]
    fn both_ways_of_reading_tell_the_same_also_of_broken_captures() {
        let capture = recorded();
        let whole = reported(capture.clone(), false);
        assert_eq!(whole, reported(capture.clone(), true));
        assert!(whole.len() > 100 && whole.last().is_some_and(|l| l.0 == "Eof"));
        // The lists before the events do not use the fast path.
        let events = capture.len() / 2;
        let mut random = 1_u64;
        for _ in 0..400 {
            let mut broken = capture.clone();
            for _ in 0..2 {
                // A linear congruential generator (Knuth's MMIX constants).
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                broken[events + (random >> 33) as usize % events] ^= (random >> 24) as u8 | 1;
            }
            let differ = reported(broken.clone(), false) != reported(broken, true);
            assert!(!differ, "they differ for the bytes changed up to {random:#x}");
        }
    }
}
