//! What makes the bytes of a capture of those of its file: nothing, or decompression, by the first byte.

use super::gzip::{self, Gzip};
use super::origin::Counted;
use std::io::{self, BufRead, BufReader, Read};

/// A decoder of a file.
pub enum Decoder {
    /// Nothing was read yet.
    Undecided(BufReader<Counted>),
    /// The file has the bytes as they are.
    Plain(BufReader<Counted>),
    /// The file is compressed.
    Gzip(Box<Gzip>),
    /// While one decoder replaces another.
    Gone,
}

impl Decoder {
    /// The bytes of the file that were used for what was read.
    pub fn file_offset(&self) -> u64 {
        match self {
            Decoder::Undecided(r) | Decoder::Plain(r) => r.get_ref().bytes - r.buffer().len() as u64,
            Decoder::Gzip(g) => g.file_offset(),
            Decoder::Gone => 0,
        }
    }

    /// The file; `None` if there is none.
    pub fn into_file(self) -> Option<BufReader<Counted>> {
        match self {
            Decoder::Undecided(r) | Decoder::Plain(r) => Some(r),
            Decoder::Gzip(g) => Some(g.file),
            Decoder::Gone => None,
        }
    }

    /// Takes a decompressor that a thread can use, because its file is prompt.
    pub fn take_prompt(&mut self) -> Option<Box<Gzip>> {
        match self {
            Decoder::Gzip(g) if g.file.get_ref().origin.is_prompt() => match std::mem::replace(self, Decoder::Gone) {
                Decoder::Gzip(g) => Some(g),
                _ => None,
            },
            _ => None,
        }
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

    /// Reads at least a byte; 0 at the end, behind which a file may grow.
    ///
    /// # Errors
    /// The file cannot be read or decompressed. If it is damaged or ends too early, the next call returns the same error.
    pub fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.decide()?;
        match self {
            Decoder::Plain(r) if r.buffer().is_empty() => r.get_mut().read(buf),
            Decoder::Plain(r) => r.read(buf),
            Decoder::Gzip(g) => g.read(buf),
            Decoder::Undecided(_) | Decoder::Gone => Ok(0),
        }
    }
}
