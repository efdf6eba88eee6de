//! The bytes of a capture, plain or decompressed from gzip, in one reused buffer.

use super::ahead::{Ahead, HEAD, Next};
use super::decoder::Decoder;
use super::origin::{Counted, Origin};
use crate::{Error, Result};
use std::io::{self, BufReader, ErrorKind};

/// The size of the buffer; it grows if a block is larger.
const BUFFER: usize = 256 * 1024;
/// The size of reads of a compressed file.
const CHUNK: usize = 64 * 1024;
/// The size of reads of a plain file: small enough that the data is still in the first-level cache when it is parsed.
const PLAIN_CHUNK: usize = 32 * 1024;
/// After as many decompressed bytes a thread decompresses ahead: for less it is not worth its start.
const AHEAD_FROM: u64 = 4 << 20;

enum Source {
    Here(Decoder),
    Ahead(Ahead),
}

/// The uncompressed bytes of a capture, with lookahead of any length.
pub struct Input {
    source: Source,
    buf: Vec<u8>,
    /// The part of `buf` that is not taken yet.
    start: usize,
    end: usize,
    /// Where in `buf` the data begins, taken or not.
    low: usize,
    /// The offset of `buf[0]` in the uncompressed data, modulo 2^64: before `low` there may be less data than bytes.
    base: u64,
    /// The offset from which on a thread decompresses ahead; `u64::MAX` if none does.
    ahead_from: u64,
    /// Whether one does where there is one processor, which tests want.
    on_one_processor: bool,
}

impl Input {
    pub fn new(origin: Box<dyn Origin>) -> Input {
        Input {
            source: Source::Here(undecided(Counted { origin, bytes: 0 })),
            buf: vec![0; BUFFER],
            start: 0,
            end: 0,
            low: 0,
            base: 0,
            ahead_from: AHEAD_FROM,
            on_one_processor: false,
        }
    }

    /// The offset of the next byte in the uncompressed data.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.offset_of(self.start)
    }

    #[inline]
    fn offset_of(&self, at: usize) -> u64 {
        self.base.wrapping_add(at as u64)
    }

    /// The bytes of the file that were used so far, compressed or not.
    pub fn file_offset(&self) -> u64 {
        let (used, compressed) = match &self.source {
            Source::Here(decoder) => (decoder.file_offset(), matches!(decoder, Decoder::Gzip(_))),
            Source::Ahead(ahead) => (ahead.file_offset(), true),
        };
        if compressed { used } else { used - (self.end - self.start) as u64 }
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
        if self.offset() >= self.ahead_from && !matches!(self.source, Source::Here(Decoder::Undecided(_))) {
            self.ahead_from = u64::MAX;
            self.go_ahead();
        }
        while let Source::Ahead(ahead) = &mut self.source
            && self.end - self.start < n
        {
            match ahead.next() {
                Next::Piece(len) => self.take_piece(len),
                Next::Over(gzip) => self.source = Source::Here(Decoder::Gzip(gzip)),
                Next::Lost => {
                    let e = io::Error::other("the thread that decompresses it is not in this process");
                    return Err(self.read_error(e));
                }
            }
        }
        self.fill_here(n)
    }

    fn fill_here(&mut self, n: usize) -> Result<()> {
        let Source::Here(decoder) = &mut self.source else { return Ok(()) };
        if self.start > 0 {
            self.buf.copy_within(self.start..self.end, 0);
            self.base = self.base.wrapping_add(self.start as u64);
            self.end -= self.start;
            (self.start, self.low) = (0, 0);
        }
        while self.end < n {
            if self.end == self.buf.len() {
                self.buf.resize(self.buf.len() * 2, 0);
            }
            let upto = match decoder {
                Decoder::Plain(_) => n.max(PLAIN_CHUNK).min(self.buf.len()),
                _ => self.buf.len(),
            };
            match decoder.read(&mut self.buf[self.end..upto]) {
                Ok(0) => break,
                Ok(k) => self.end += k,
                Err(e) => return Err(self.read_error(e)),
            }
        }
        Ok(())
    }

    /// Has a thread decompress from now on, if it can.
    fn go_ahead(&mut self) {
        if let Source::Here(decoder) = &mut self.source
            && (self.on_one_processor || Ahead::is_of_use())
            && let Some(gzip) = decoder.take_prompt()
        {
            self.source = match Ahead::start(gzip) {
                Ok(ahead) => Source::Ahead(ahead),
                Err(gzip) => Source::Here(Decoder::Gzip(gzip)),
            };
        }
    }

    /// Adds the present piece of the thread, of `len` bytes: what is not taken yet is copied before it, if there is the room.
    fn take_piece(&mut self, len: usize) {
        let Source::Ahead(ahead) = &mut self.source else { return };
        let rest = self.end - self.start;
        let offset = self.base.wrapping_add(self.start as u64);
        if rest <= HEAD {
            ahead.piece()[HEAD - rest..HEAD].copy_from_slice(&self.buf[self.start..self.end]);
            ahead.exchange(&mut self.buf);
            (self.start, self.end) = (HEAD - rest, HEAD + len);
        } else {
            self.buf.copy_within(self.start..self.end, 0);
            self.buf.truncate(rest);
            self.buf.extend_from_slice(&ahead.piece()[HEAD..HEAD + len]);
            (self.start, self.end) = (0, rest + len);
        }
        self.low = self.start;
        self.base = offset.wrapping_sub(self.start as u64);
    }

    fn read_error(&self, e: io::Error) -> Error {
        let offset = self.offset_of(self.end);
        match (&self.source, e.kind()) {
            (Source::Here(Decoder::Gzip(_)), ErrorKind::UnexpectedEof) => {
                Error::Truncated { what: "the gzip stream ends early".into(), offset }
            }
            (Source::Here(Decoder::Gzip(_)), ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
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
        Error::Truncated { what: what.to_string(), offset: self.offset_of(self.end) }
    }

    /// Skips `n` bytes.
    pub fn skip(&mut self, mut n: u64, what: &str) -> Result<()> {
        while n > 0 {
            let step = n.min(CHUNK as u64) as usize;
            self.take(step, what)?;
            n -= step as u64;
        }
        Ok(())
    }

    /// Goes to an offset of the uncompressed data. Going back fails if the source cannot be rewound.
    pub fn seek(&mut self, to: u64) -> Result<()> {
        if to < self.offset_of(self.low) {
            let file = match std::mem::replace(&mut self.source, Source::Here(Decoder::Gone)) {
                Source::Here(decoder) => decoder.into_file(),
                Source::Ahead(mut ahead) => ahead.stop().map(|gzip| gzip.file),
            };
            let Some(file) = file else {
                return Err(Error::Invalid("the capture is closed".into()));
            };
            let mut counted = file.into_inner();
            let back = counted.origin.rewind();
            counted.bytes = 0;
            self.source = Source::Here(undecided(counted));
            (self.start, self.end, self.low, self.base) = (0, 0, 0, 0);
            self.ahead_from = AHEAD_FROM;
            back.map_err(|e| Error::io(format_args!("cannot go back to offset {to} of the capture"), e))?;
        }
        if to <= self.offset_of(self.end) {
            self.start = to.wrapping_sub(self.base) as usize;
            return Ok(());
        }
        self.skip(to - self.offset(), "the place to go to")
    }
}

fn undecided(counted: Counted) -> Decoder {
    Decoder::Undecided(BufReader::with_capacity(CHUNK, counted))
}

#[cfg(test)]
mod tests;
