//! The bytes of a capture, plain or decompressed from gzip, in one reused buffer.

use crate::{Error, Result};
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// The size of the buffer; it grows if a block is larger.
const BUFFER: usize = 256 * 1024;
/// The size of reads of a compressed file.
const CHUNK: usize = 64 * 1024;
/// The size of reads of a plain file: small enough that the data is still in the first-level cache when it is parsed.
const PLAIN_CHUNK: usize = 32 * 1024;
/// The first byte of a gzip stream; no capture starts with it.
const GZIP_MAGIC: u8 = 0x1f;

/// The source of the bytes. A file can be rewound, a pipe cannot.
pub trait Origin: Read + Send {
    /// Goes back to the first byte; an error if the source cannot.
    fn rewind(&mut self) -> io::Result<()>;
}

/// A file that can be rewound to the position at which it was passed.
pub struct Rewindable<T> {
    file: T,
    start: u64,
}

impl<T: Seek> Rewindable<T> {
    /// For a file without a position, such as a pipe, `rewind` fails later.
    pub fn new(mut file: T) -> io::Result<Rewindable<T>> {
        let start = match file.stream_position() {
            Err(e) if e.kind() == ErrorKind::NotSeekable => 0,
            start => start?,
        };
        Ok(Rewindable { file, start })
    }

    /// The position at which the file was passed.
    pub fn start(&self) -> u64 {
        self.start
    }
}

impl<T: Read> Read for Rewindable<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read(buf)
    }
}

impl<T: Read + Seek + Send> Origin for Rewindable<T> {
    fn rewind(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.start)).map(|_| ())
    }
}

/// A stream, which cannot be rewound.
pub struct Once<T>(pub T);

impl<T: Read> Read for Once<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<T: Read + Send> Origin for Once<T> {
    fn rewind(&mut self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

/// Counts the bytes that were read from the file, compressed or not.
struct Counted {
    origin: Box<dyn Origin>,
    bytes: u64,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.origin.read(buf) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
                Ok(n) => {
                    self.bytes += n as u64;
                    return Ok(n);
                }
            }
        }
    }
}

/// Decompresses consecutive gzip streams. Data after the last one that is no gzip stream is ignored, as gzip(1) does.
///
/// flate2's readers drop what they decompressed before a corrupt place; this one delivers it first.
struct Gzip {
    file: BufReader<Counted>,
    inflate: Decompress,
    at: At,
}

enum At {
    /// Before a stream, or after the last one.
    Start,
    Stream,
    /// At a place that cannot be decompressed.
    Broken(String),
}

impl Gzip {
    /// The base-2 logarithm of the largest window in the gzip format.
    const WINDOW_BITS: u8 = 15;

    fn new(file: BufReader<Counted>) -> Gzip {
        Gzip { file, inflate: Decompress::new_gzip(Gzip::WINDOW_BITS), at: At::Stream }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.file.fill_buf()?;
            match &self.at {
                At::Start if input.first() == Some(&GZIP_MAGIC) => {
                    self.inflate = Decompress::new_gzip(Gzip::WINDOW_BITS);
                    self.at = At::Stream;
                }
                At::Start => return Ok(0),
                At::Stream => {}
                At::Broken(why) => return Err(io::Error::new(ErrorKind::InvalidData, why.clone())),
            }
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let answer = self.inflate.decompress(input, buf, FlushDecompress::None);
            let read = (self.inflate.total_in() - read) as usize;
            let written = (self.inflate.total_out() - written) as usize;
            self.file.consume(read);
            match answer {
                Ok(Status::StreamEnd) => self.at = At::Start,
                Ok(_) if read == 0 && written == 0 => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(e) => self.at = At::Broken(e.message().unwrap_or("it cannot be decompressed").to_string()),
            }
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

enum Decoder {
    /// Nothing was read yet.
    Undecided(BufReader<Counted>),
    Plain(BufReader<Counted>),
    Gzip(Box<Gzip>),
    /// Only while one decoder replaces another.
    Gone,
}

impl Decoder {
    fn file(&self) -> Option<&BufReader<Counted>> {
        match self {
            Decoder::Undecided(r) | Decoder::Plain(r) => Some(r),
            Decoder::Gzip(g) => Some(&g.file),
            Decoder::Gone => None,
        }
    }

    fn into_file(self) -> Option<BufReader<Counted>> {
        match self {
            Decoder::Undecided(r) | Decoder::Plain(r) => Some(r),
            Decoder::Gzip(g) => Some(g.file),
            Decoder::Gone => None,
        }
    }

    fn decide(&mut self) -> io::Result<()> {
        if let Decoder::Undecided(r) = self
            && let Some(&first) = r.fill_buf()?.first()
        {
            let Decoder::Undecided(r) = std::mem::replace(self, Decoder::Gone) else { return Ok(()) };
            *self = if first == GZIP_MAGIC { Decoder::Gzip(Box::new(Gzip::new(r))) } else { Decoder::Plain(r) };
        }
        Ok(())
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.decide()?;
        match self {
            Decoder::Plain(r) if r.buffer().is_empty() => r.get_mut().read(buf),
            Decoder::Plain(r) => r.read(buf),
            Decoder::Gzip(g) => g.read(buf),
            Decoder::Undecided(_) | Decoder::Gone => Ok(0),
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
        }
    }

    /// The offset of the next byte in the uncompressed data.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The bytes of the file that were used so far, compressed or not.
    pub fn file_offset(&self) -> u64 {
        let Some(r) = self.decoder.file() else { return 0 };
        let used = r.get_ref().bytes - r.buffer().len() as u64;
        match self.decoder {
            Decoder::Gzip(_) => used,
            _ => used - (self.end - self.start) as u64,
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
