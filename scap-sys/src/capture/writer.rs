//! Writes captures, plain or gzip, to any [`Write`].
//!
//! ```
//! use driver::EventType;
//! use scap_sys::{Event, capture::{Compression, Writer}, encode};
//! let mut writer = Writer::new(Vec::new(), Compression::Gzip)?;
//! let event = encode::event(1, 42, EventType::SYSCALL_UNLINK_2_X, &[0i64.into(), "/tmp/x".into()])?;
//! writer.event(&Event::new(&event, 0, 0)?)?;
//! let capture: Vec<u8> = writer.finish()?;
//! # Ok::<(), scap_sys::Error>(())
//! ```
//!
//! A new writer writes a section header. The caller then writes the description of the system, and the events after it.

use super::block;
use super::output::{Compression, Output};
use super::snapshot::Snapshot;
use super::write_lists::Entry;
use crate::{Error, Event, FdInfo, Interface, MachineInfo, Result, ThreadInfo, UserList};
use driver::EventFlags;
use std::borrow::Borrow;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// How many bytes are buffered: no more than in zlib's buffer, so that a killed program loses no more.
const CHUNK: usize = 8 * 1024;
/// The buffer and the compressor are flushed after this much time of the events, in nanoseconds.
const FLUSH_NS: u64 = 1_000_000_000;
/// The length at which a list continues in a new block.
const LIST_BLOCK: usize = 1 << 20;
/// The flag of an event with a large block (`SCAP_DF_LARGE`). It is not written, because the block's type says the same.
const FLAG_LARGE: u32 = 1 << 2;

/// A capture that is being written.
///
/// Events are gathered, and written when there are some kilobytes of them, or a second of their time has passed; [`Writer::flush`]
/// writes them at once. Dropping it writes what it has gathered, as far as that works; [`Writer::finish`] returns whether it succeeded.
/// After an error nothing more is written.
pub struct Writer<W: Write> {
    /// `None` after an error or after `finish`.
    output: Option<Output<W>>,
    /// The error that ended the capture: its number and text.
    ended: Option<(Option<i32>, String)>,
    /// The name of the output in errors.
    name: String,
    buf: Vec<u8>,
    /// The number of bytes that are buffered before they are written.
    chunk: usize,
    /// The time of the event at which everything was written.
    flushed: u64,
    /// The bytes that were passed to `output`, before compression.
    written: u64,
    /// Where in the file the capture starts.
    start: u64,
    /// The bytes that were in the output when it was closed.
    got: u64,
}

impl Writer<File> {
    /// Starts a capture in a file, which is created or emptied; `-` is the standard output.
    pub fn create(path: impl AsRef<Path>, compression: Compression) -> Result<Writer<File>> {
        let (file, name) = super::create(path.as_ref())?;
        let mut writer = Writer::to_file(file, name, compression)?;
        writer.section()?;
        Ok(writer)
    }

    /// Starts a capture in an open file, at its position; the file has this name in errors. [`Writer::file_offset`] is then an offset in the
    /// file.
    pub fn to_file(mut file: File, name: String, compression: Compression) -> Result<Writer<File>> {
        let start = super::position(&mut file, &name)?;
        Ok(Writer::continued(file, compression).named(name).starting_at(start))
    }
}

impl<W: Write> Writer<W> {
    /// Starts a capture in `out`, which needs no buffer of its own.
    pub fn new(out: W, compression: Compression) -> Result<Writer<W>> {
        let mut writer = Writer::continued(out, compression);
        writer.section()?;
        Ok(writer)
    }

    /// Starts without a section header, to append to a capture or to write a part of one.
    pub fn continued(out: W, compression: Compression) -> Writer<W> {
        Writer {
            output: Some(Output::new(out, compression)),
            ended: None,
            name: "the capture".into(),
            buf: Vec::with_capacity(2 * CHUNK),
            chunk: CHUNK,
            flushed: 0,
            written: 0,
            start: 0,
            got: 0,
        }
    }

    /// Buffers nothing: for outputs to which a write costs little, such as memory.
    pub fn unbuffered(mut self) -> Writer<W> {
        self.chunk = 0;
        self
    }

    /// Sets the offset in the output at which the capture starts, for [`Writer::file_offset`].
    pub fn starting_at(mut self, offset: u64) -> Writer<W> {
        self.start = offset;
        self
    }

    /// Sets the name of the output in errors, such as a path.
    pub fn named(mut self, name: impl Into<String>) -> Writer<W> {
        self.name = name.into();
        self
    }

    /// Starts a new section: the system description written before is not valid for its events.
    pub fn section(&mut self) -> Result<()> {
        self.block(block::SECTION_HEADER, |b| {
            b.u32(block::SECTION_MAGIC);
            b.u16(block::MAJOR_VERSION);
            b.u16(block::MINOR_VERSION);
            b.u64(u64::MAX);
        })
    }

    /// Writes a system description.
    pub fn snapshot(&mut self, system: &Snapshot) -> Result<()> {
        if let Some(machine) = &system.machine {
            self.machine(machine)?;
        }
        if !system.interfaces.is_empty() {
            self.interfaces(&system.interfaces)?;
        }
        if system.users != UserList::default() {
            self.users(&system.users)?;
        }
        self.threads(&system.threads)?;
        for (pid, fds) in &system.fds {
            self.fds(*pid, fds)?;
        }
        Ok(())
    }

    /// Writes the machine block.
    pub fn machine(&mut self, machine: &MachineInfo) -> Result<()> {
        self.block(block::MACHINE_INFO, |b| b.machine(machine))
    }

    /// Writes the interfaces.
    pub fn interfaces(&mut self, list: &[Interface]) -> Result<()> {
        self.block(block::INTERFACES_V2, |b| list.iter().for_each(|i| b.interface(i)))
    }

    /// Writes the users and groups.
    pub fn users(&mut self, list: &UserList) -> Result<()> {
        self.block(block::USERS_V2, |b| {
            list.users.iter().for_each(|u| b.user(u));
            list.groups.iter().for_each(|g| b.group(g));
        })
    }

    /// Writes the threads, in several blocks if needed. Texts are cut to what readers accept: names and paths to 1024
    /// bytes, arguments, environment and cgroups to 4096.
    pub fn threads<T: Borrow<ThreadInfo>>(&mut self, threads: impl IntoIterator<Item = T>) -> Result<()> {
        let mut threads = threads.into_iter().peekable();
        while threads.peek().is_some() {
            self.block(block::PROCESSES_V9, |b| {
                while b.len() < LIST_BLOCK
                    && let Some(thread) = threads.next()
                {
                    b.thread(thread.borrow());
                }
            })?;
        }
        Ok(())
    }

    /// Writes the entry of a thread without its list, and returns its length in bytes. For lists that are assembled
    /// elsewhere and written with [`Writer::thread_list`].
    pub fn thread_entry(&mut self, thread: &ThreadInfo) -> Result<u32> {
        let mut entry = Entry::new(&mut self.buf);
        entry.thread(thread);
        let len = entry.len() as u32;
        self.drain()?;
        Ok(len)
    }

    /// Writes a thread list of entries from [`Writer::thread_entry`].
    pub fn thread_list(&mut self, entries: &[u8]) -> Result<()> {
        let mut rest = entries;
        while let Some(len) = rest.first_chunk().map(|len| u32::from_ne_bytes(*len) as usize).filter(|len| *len >= 4) {
            match rest.get(len..) {
                Some(next) => rest = next,
                None => break,
            }
        }
        if !rest.is_empty() {
            let whole = entries.len() - rest.len();
            return Err(Error::Invalid(format!(
                "a process list of {} bytes, whose last entry ends at {whole}",
                entries.len()
            )));
        }
        self.block(block::PROCESSES_V9, |b| b.bytes(entries))
    }

    /// Writes the fds of the process `pid`, which must come after its thread. Names are cut to 1023 bytes.
    pub fn fds<F: Borrow<FdInfo>>(&mut self, pid: i64, fds: impl IntoIterator<Item = F>) -> Result<()> {
        let mut fds = fds.into_iter().peekable();
        while fds.peek().is_some() {
            self.block(block::FDS_V2, |b| {
                b.u64(pid as u64);
                while b.len() < LIST_BLOCK
                    && let Some(fd) = fds.next()
                {
                    b.fd(fd.borrow());
                }
            })?;
        }
        Ok(())
    }

    /// Writes an event, with its CPU and flags.
    pub fn event(&mut self, event: &Event<'_>) -> Result<()> {
        let flags = event.flags() & !FLAG_LARGE;
        let len = event.bytes().len() as u64 + 16;
        let large = event.info().is_some_and(|i| i.flags.has(EventFlags::LARGE_PAYLOAD))
            || len > u64::from(block::MAX_SMALL_EVENT);
        if len + 16 > u32::MAX.into() {
            return Err(Error::Invalid(format!(
                "cannot write to {}: an event of {} bytes does not fit a block",
                self.name,
                event.bytes().len()
            )));
        }
        let ty = match (flags != 0, large) {
            (false, false) => block::EVENT_V2,
            (false, true) => block::LARGE_EVENT_V2,
            (true, false) => block::FLAGGED_EVENT_V2,
            (true, true) => block::LARGE_FLAGGED_EVENT_V2,
        };
        self.block(ty, |b| {
            b.u16(event.cpu());
            if flags != 0 {
                b.u32(flags);
            }
            b.bytes(event.bytes());
        })?;
        // A capture with few events is so on the disk when its program is killed.
        if event.ts().abs_diff(self.flushed) >= FLUSH_NS {
            self.flushed = event.ts();
            self.flush()?;
        }
        Ok(())
    }

    /// Writes a block whose body `fill` appends.
    #[inline]
    fn block(&mut self, ty: u32, fill: impl FnOnce(&mut Entry<'_>)) -> Result<()> {
        if self.output.is_none() {
            return Err(self.no_more());
        }
        let start = self.buf.len();
        self.buf.extend_from_slice(&ty.to_ne_bytes());
        self.buf.extend_from_slice(&[0; 4]);
        fill(&mut Entry::new(&mut self.buf));
        let body = self.buf.len() - start - 8;
        self.buf.resize(start + 8 + body.next_multiple_of(4), 0);
        let total = self.buf.len() - start + 4;
        let Ok(total) = u32::try_from(total) else {
            self.buf.truncate(start);
            return Err(Error::Invalid(format!("cannot write to {}: {body} bytes do not fit a block", self.name)));
        };
        self.buf[start + 4..start + 8].copy_from_slice(&total.to_ne_bytes());
        self.buf.extend_from_slice(&total.to_ne_bytes());
        self.drain()
    }

    /// Writes the buffer if it is large enough.
    fn drain(&mut self) -> Result<()> {
        if self.buf.len() >= self.chunk { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> Result<()> {
        let Some(output) = &mut self.output else {
            self.buf.clear();
            return Err(self.no_more());
        };
        let written = output.as_write().write_all(&self.buf);
        self.written += self.buf.len() as u64;
        self.buf.clear();
        written.map_err(|e| self.failed(e))
    }

    fn failed(&mut self, e: io::Error) -> Error {
        self.got = self.output.take().map_or(0, |output| output.bytes());
        self.ended = Some((e.raw_os_error(), crate::error::cause(&e)));
        Error::io(format_args!("cannot write {}", self.name), e)
    }

    /// The error of every call after the error that ended the capture.
    fn no_more(&self) -> Error {
        let what = format!("{} cannot be written any more", self.name);
        match &self.ended {
            Some((Some(number), _)) => Error::io(what, io::Error::from_raw_os_error(*number)),
            Some((None, text)) => Error::Invalid(format!("{what}: {text}")),
            None => Error::Invalid(what),
        }
    }

    /// The number of bytes that were written, before compression.
    pub fn offset(&self) -> u64 {
        self.written + self.buf.len() as u64
    }

    /// How many bytes were written to the output, after compression and without what is buffered; in a file, its end.
    pub fn file_offset(&self) -> u64 {
        self.start + self.output.as_ref().map_or(self.got, Output::bytes)
    }

    /// Passes everything to the output and flushes it.
    pub fn flush(&mut self) -> Result<()> {
        self.write_out()?;
        let flushed = self.output.as_mut().map_or(Ok(()), |output| output.as_write().flush());
        flushed.map_err(|e| self.failed(e))
    }

    /// Ends the capture and returns the output.
    pub fn finish(mut self) -> Result<W> {
        self.write_out()?;
        let Some(output) = self.output.take() else { return Err(self.no_more()) };
        output.finish().map_err(|e| Error::io(format_args!("cannot write the end of {}", self.name), e))
    }
}

impl<W: Write> Drop for Writer<W> {
    fn drop(&mut self) {
        if self.output.is_some() {
            // `finish` returns an error; `drop` cannot.
            let _ = self.write_out();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(libc::ENOSPC))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_error_after_the_first_names_the_cause_as_well() {
        for compression in [Compression::None, Compression::Gzip] {
            let mut writer = Writer::new(Full, compression).unwrap().named("the capture");
            let no_space = "No space left on device";
            let first = writer.flush().unwrap_err().to_string();
            assert_eq!(first, format!("cannot write the capture: {no_space}"));
            for _ in 0..2 {
                let next = writer.section().unwrap_err().to_string();
                assert_eq!(next, format!("the capture cannot be written any more: {no_space}"));
            }
            let last = writer.finish().map(|_| ()).unwrap_err().to_string();
            assert!(last.ends_with(no_space), "{last}");
        }
    }
}
