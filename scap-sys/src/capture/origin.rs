//! The source of a capture's bytes.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

/// The source of the bytes. A file can be rewound, a pipe cannot.
pub trait Origin: Read + Send {
    /// Goes back to the first byte; an error if the source cannot.
    fn rewind(&mut self) -> io::Result<()>;

    /// Whether a read returns soon, so that a thread can read ahead: it has to end before the source is dropped.
    fn is_prompt(&self) -> bool {
        false
    }
}

/// A file that can be rewound to the position at which it was passed.
pub struct Rewindable<T> {
    file: T,
    start: u64,
    prompt: bool,
}

impl<T: Seek> Rewindable<T> {
    /// For a file without a position, such as a pipe, `rewind` fails later. `prompt`: see [`Origin::is_prompt`].
    pub fn new(mut file: T, prompt: bool) -> io::Result<Rewindable<T>> {
        let start = match file.stream_position() {
            Err(e) if e.kind() == ErrorKind::NotSeekable => 0,
            start => start?,
        };
        Ok(Rewindable { file, start, prompt })
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

    fn is_prompt(&self) -> bool {
        self.prompt
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
pub struct Counted {
    /// The source.
    pub origin: Box<dyn Origin>,
    /// How many bytes were read.
    pub bytes: u64,
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
