//! Decompression of gzip.

use super::origin::Counted;
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead, BufReader, ErrorKind};

/// The first byte of a gzip stream; no capture starts with it.
pub const MAGIC: u8 = 0x1f;

/// Decompresses consecutive gzip streams. Data after the last one that is no gzip stream is ignored, as gzip(1) does.
///
/// flate2's readers drop what they decompressed before a corrupt place; this one delivers it first.
pub struct Gzip {
    /// The compressed file.
    pub file: BufReader<Counted>,
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

    /// At the start of a stream.
    pub fn new(file: BufReader<Counted>) -> Gzip {
        Gzip { file, inflate: Decompress::new_gzip(Gzip::WINDOW_BITS), at: At::Stream }
    }

    /// Decompresses at least a byte; 0 at the end.
    ///
    /// # Errors
    /// The file cannot be read, ends within a stream or cannot be decompressed. The next call returns the same error.
    pub fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.file.fill_buf()?;
            match &self.at {
                At::Start if input.first() == Some(&MAGIC) => {
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

    /// The bytes of the file that were used so far.
    pub fn file_offset(&self) -> u64 {
        self.file.get_ref().bytes - self.file.buffer().len() as u64
    }
}
