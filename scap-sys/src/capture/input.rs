//! The bytes of a capture, plain or decompressed from gzip, in one reused buffer.

use super::ahead::{Ahead, Next};
use super::gzip::{self, Gzip};
use super::origin::{Counted, Origin};
use crate::{Error, Result};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// The size of the buffer; it grows if a block is larger.
const BUFFER: usize = 256 * 1024;
/// The size of reads of a compressed file.
const CHUNK: usize = 64 * 1024;
/// The size of reads of a plain file: small enough that the data is still in the first-level cache when it is parsed.
const PLAIN_CHUNK: usize = 32 * 1024;
/// After as many decompressed bytes a thread decompresses ahead: for less it is not worth its start.
const AHEAD_FROM: u64 = 1 << 20;

enum Decoder {
    /// Nothing was read yet.
    Undecided(BufReader<Counted>),
    Plain(BufReader<Counted>),
    Gzip(Box<Gzip>),
    Ahead(Box<Ahead>),
    /// While one decoder replaces another, and after a thread was lost.
    Gone,
}

impl Decoder {
    /// The bytes of the file that were used, or are in the reader's buffer.
    fn file_offset(&self) -> u64 {
        match self {
            Decoder::Undecided(r) | Decoder::Plain(r) => r.get_ref().bytes - r.buffer().len() as u64,
            Decoder::Gzip(g) => g.file_offset(),
            Decoder::Ahead(a) => a.file_offset(),
            Decoder::Gone => 0,
        }
    }

    fn into_file(self) -> Option<BufReader<Counted>> {
        match self {
            Decoder::Undecided(r) | Decoder::Plain(r) => Some(r),
            Decoder::Gzip(g) => Some(g.file),
            Decoder::Ahead(mut a) => a.stop().map(|g| g.file),
            Decoder::Gone => None,
        }
    }

    fn is_gzip(&self) -> bool {
        matches!(self, Decoder::Gzip(_) | Decoder::Ahead(_))
    }

    fn decide(&mut self) -> io::Result<()> {
        if let Decoder::Undecided(r) = self
            && let Some(&first) = r.fill_buf()?.first()
        {
            let Decoder::Undecided(r) = std::mem::replace(self, Decoder::Gone) else { return Ok(()) };
            *self = if first == gzip::MAGIC { Decoder::Gzip(Box::new(Gzip::new(r))) } else { Decoder::Plain(r) };
        }
        Ok(())
    }

    /// Has a thread decompress from now on, if it can.
    fn go_ahead(&mut self) {
        if let Decoder::Gzip(gzip) = self
            && gzip.file.get_ref().origin.is_prompt()
            && let Decoder::Gzip(gzip) = std::mem::replace(self, Decoder::Gone)
        {
            *self = match Ahead::start(*gzip) {
                Ok(ahead) => Decoder::Ahead(Box::new(ahead)),
                Err(gzip) => Decoder::Gzip(Box::new(gzip)),
            };
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.decide()?;
        loop {
            return match self {
                Decoder::Plain(r) if r.buffer().is_empty() => r.get_mut().read(buf),
                Decoder::Plain(r) => r.read(buf),
                Decoder::Gzip(g) => g.read(buf),
                Decoder::Ahead(a) => match a.read(buf) {
                    Next::Bytes(n) => Ok(n),
                    Next::Over(gzip) => {
                        *self = Decoder::Gzip(Box::new(gzip));
                        continue;
                    }
                    Next::Lost => Err(io::Error::other("the thread that decompresses it is not in this process")),
                },
                Decoder::Undecided(_) | Decoder::Gone => Ok(0),
            };
        }
    }
}

/// The uncompressed bytes of a capture, with lookahead of any length.
pub struct Input {
    decoder: Decoder,
    buf: Vec<u8>,
    /// The part of `buf` that is not taken yet.
    start: usize,
    end: usize,
    /// The offset of `buf[0]` in the uncompressed data.
    base: u64,
    /// The offset from which on a thread decompresses ahead; `u64::MAX` if none does.
    ahead_from: u64,
    /// Whether one does where there is one processor, which tests want.
    on_one_processor: bool,
}

impl Input {
    pub fn new(origin: Box<dyn Origin>) -> Input {
        let counted = Counted { origin, bytes: 0 };
        Input {
            decoder: Decoder::Undecided(BufReader::with_capacity(CHUNK, counted)),
            buf: vec![0; BUFFER],
            start: 0,
            end: 0,
            base: 0,
            ahead_from: AHEAD_FROM,
            on_one_processor: false,
        }
    }

    /// The offset of the next byte in the uncompressed data.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The bytes of the file that were used so far, compressed or not.
    pub fn file_offset(&self) -> u64 {
        let used = self.decoder.file_offset();
        match self.decoder {
            Decoder::Undecided(_) | Decoder::Plain(_) => used - (self.end - self.start) as u64,
            _ => used,
        }
    }

    /// The bytes in the buffer that are not taken yet.
    #[inline]
    pub fn buffered(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }

    /// The bytes at a range that [`Input::take_range`] returned.
    #[inline]
    pub fn at(&self, range: std::ops::Range<usize>) -> &[u8] {
        &self.buf[range]
    }

    /// Fills the buffer with at least `n` bytes, or all that are left if there are fewer, and returns them.
    ///
    /// The buffer grows only when it is full of real data, so that a false length in the file does not cost memory.
    #[inline]
    pub fn want(&mut self, n: usize) -> Result<&[u8]> {
        if self.end - self.start < n {
            self.fill(n)?;
        }
        Ok(self.buffered())
    }

    #[cold]
    fn fill(&mut self, n: usize) -> Result<()> {
        if self.start > 0 {
            self.buf.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        if self.base >= self.ahead_from && self.decoder.is_gzip() {
            self.ahead_from = u64::MAX;
            if self.on_one_processor || Ahead::is_of_use() {
                self.decoder.go_ahead();
            }
        }
        while self.end < n {
            if self.end == self.buf.len() {
                self.buf.resize(self.buf.len() * 2, 0);
            }
            let upto = match self.decoder {
                Decoder::Plain(_) => n.max(PLAIN_CHUNK).min(self.buf.len()),
                _ => self.buf.len(),
            };
            match self.decoder.read(&mut self.buf[self.end..upto]) {
                Ok(0) => break,
                Ok(k) => self.end += k,
                Err(e) => return Err(self.read_error(e)),
            }
        }
        Ok(())
    }

    fn read_error(&self, e: io::Error) -> Error {
        let offset = self.base + self.end as u64;
        match (&self.decoder, e.kind()) {
            (Decoder::Gzip(_), ErrorKind::UnexpectedEof) => {
                Error::Truncated { what: "the gzip stream ends early".into(), offset }
            }
            (Decoder::Gzip(_), ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
                Error::Corrupt { what: format!("the gzip stream is broken ({e})"), offset }
            }
            _ => Error::io(format_args!("cannot read the capture at offset {offset}"), e),
        }
    }

    /// Takes `n` bytes that are in the buffer. They stay there until the next call of [`Input::want`].
    #[inline]
    pub fn take_range(&mut self, n: usize) -> std::ops::Range<usize> {
        let from = self.start;
        self.start = (from + n).min(self.end);
        from..self.start
    }

    /// Takes `n` bytes; an error if there are fewer, with `what` as its subject.
    #[inline]
    pub fn take(&mut self, n: usize, what: &str) -> Result<&[u8]> {
        if self.want(n)?.len() < n {
            return Err(self.ends_in(what));
        }
        let range = self.take_range(n);
        Ok(self.at(range))
    }

    #[cold]
    fn ends_in(&self, what: &str) -> Error {
        Error::Truncated { what: what.to_string(), offset: self.base + self.end as u64 }
    }

    /// Skips `n` bytes.
    pub fn skip(&mut self, mut n: u64, what: &str) -> Result<()> {
        while n > 0 {
            let step = n.min(BUFFER as u64) as usize;
            self.take(step, what)?;
            n -= step as u64;
        }
        Ok(())
    }

    /// Goes to an offset of the uncompressed data. Going back fails if the source cannot be rewound.
    pub fn seek(&mut self, to: u64) -> Result<()> {
        if to < self.base {
            let Some(r) = std::mem::replace(&mut self.decoder, Decoder::Gone).into_file() else {
                return Err(Error::Invalid("the capture is closed".into()));
            };
            self.ahead_from = AHEAD_FROM;
            let mut counted = r.into_inner();
            let back = counted.origin.rewind();
            counted.bytes = 0;
            self.decoder = Decoder::Undecided(BufReader::with_capacity(CHUNK, counted));
            (self.start, self.end, self.base) = (0, 0, 0);
            back.map_err(|e| Error::io(format_args!("cannot go back to offset {to} of the capture"), e))?;
        }
        if to <= self.base + self.end as u64 {
            self.start = (to - self.base) as usize;
            return Ok(());
        }
        self.skip(to - self.offset(), "the place to go to")
    }
}

#[cfg(test)]
mod tests;
