//! The output of a capture, with or without a compressor. It counts the bytes that were written.

use crate::{Error, Result};
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::AsFd;
use std::path::Path;

/// The compression of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// No compression.
    None,
    /// One gzip stream.
    Gzip,
}

/// Creates or empties the file at `path` for a capture; `-` is the standard output. Returns it with its name in errors.
pub fn create(path: &Path) -> Result<(File, String)> {
    if path == Path::new("-") {
        let output = io::stdout().as_fd().try_clone_to_owned();
        let output = output.map_err(|e| Error::io("cannot write a capture to the standard output", e))?;
        return Ok((File::from(output), "the standard output".into()));
    }
    let file = File::create(path).map_err(|e| Error::io(format_args!("cannot create {}", path.display()), e))?;
    Ok((file, path.display().to_string()))
}

/// The offset of an open file, which has this name in errors; 0 for a file without offsets, such as a pipe.
pub fn position(file: &mut File, name: &str) -> Result<u64> {
    match file.stream_position() {
        Err(e) if e.kind() == io::ErrorKind::NotSeekable => Ok(0),
        at => at.map_err(|e| Error::io(format_args!("cannot find the place in {name}"), e)),
    }
}

/// Counts what was written.
pub struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.out.write(buf)?;
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An output, with a compressor or without one.
pub enum Output<W: Write> {
    Plain(Counted<W>),
    Gzip(Box<GzEncoder<Counted<W>>>),
}

impl<W: Write> Output<W> {
    pub fn new(out: W, compression: Compression) -> Output<W> {
        let counted = Counted { out, bytes: 0 };
        match compression {
            Compression::None => Output::Plain(counted),
            Compression::Gzip => Output::Gzip(Box::new(GzEncoder::new(counted, flate2::Compression::default()))),
        }
    }

    pub fn as_write(&mut self) -> &mut dyn Write {
        match self {
            Output::Plain(w) => w,
            Output::Gzip(w) => w,
        }
    }

    /// How many bytes were written, after compression.
    pub fn bytes(&self) -> u64 {
        match self {
            Output::Plain(w) => w.bytes,
            Output::Gzip(w) => w.get_ref().bytes,
        }
    }

    /// Ends the compressor's stream, and returns the output.
    pub fn finish(self) -> io::Result<W> {
        let mut counted = match self {
            Output::Plain(w) => w,
            Output::Gzip(w) => w.finish()?,
        };
        counted.flush().map(|()| counted.out)
    }
}
