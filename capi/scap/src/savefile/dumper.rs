//! A capture that is being written, and its target.

use capi_common::ErrorText;
use scap_sys::capture::{self, Compression, Snapshot, Writer};
use scap_sys::{Error, Result};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A capture that is being written.
pub struct scap_dumper {
    pub(crate) writer: Writer<Output>,
    pub(crate) error: ErrorText,
    position: Arc<AtomicPtr<u8>>,
    /// Whether the target is memory of the library.
    pub(crate) managed: bool,
}

/// Where a capture is written to.
pub(crate) enum Target {
    /// A file, and its name in errors.
    File(File, String),
    /// Memory of the program: the address of the next byte, and how many are left.
    Memory { at: *mut u8, left: usize },
    /// Memory of the library, which grows.
    Managed(Vec<u8>),
}

/// A target, and, if it is memory, the address of the next byte, which the dumper reads.
pub(crate) struct Output {
    target: Target,
    position: Arc<AtomicPtr<u8>>,
}

impl scap_dumper {
    /// Starts a capture with the data of a system.
    pub(crate) fn new(target: Target, compression: Compression, known: &Snapshot) -> Result<scap_dumper> {
        let (mut target, mut start) = (target, 0);
        if let Target::File(file, name) = &mut target {
            start = capture::position(file, name)?;
        }
        let mut dumper = scap_dumper::continued(target, compression);
        dumper.writer = dumper.writer.starting_at(start);
        dumper.writer.section()?;
        dumper.writer.snapshot(known)?;
        dumper.writer.flush()?;
        Ok(dumper)
    }

    /// Continues a capture whose start is elsewhere.
    pub(crate) fn continued(target: Target, compression: Compression) -> scap_dumper {
        let start = if let Target::Memory { at, .. } = target { at } else { std::ptr::null_mut() };
        let position = Arc::new(AtomicPtr::new(start));
        let managed = matches!(target, Target::Managed(_));
        let output = |target| Output { target, position: position.clone() };
        let writer = match target {
            Target::File(file, name) => {
                Writer::continued(output(Target::File(file, String::new())), compression).named(name)
            }
            // What lies in memory is there at once: a capture that does not fit has every event that did.
            memory => Writer::continued(output(memory), compression).named("the capture in memory").unbuffered(),
        };
        scap_dumper { writer, error: ErrorText::new(), position, managed }
    }

    /// The bytes that were written, if the target is memory of the library.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>> {
        match self.writer.finish()?.target {
            Target::Managed(bytes) => Ok(bytes),
            _ => Err(Error::Invalid("a process list: not made by scap_write_proclist_begin".into())),
        }
    }

    /// The address of the next byte; null for a file, and for memory of the library before the first byte.
    pub(crate) fn position(&self) -> *mut u8 {
        self.position.load(Ordering::Relaxed)
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::File(file, _) => file.write(bytes),
            Target::Memory { left, .. } if *left < bytes.len() => {
                let text = format!("{} more bytes do not fit the memory, of which {left} are left", bytes.len());
                Err(io::Error::new(io::ErrorKind::StorageFull, text))
            }
            Target::Memory { at, left } => {
                // SAFETY: `scap_memory_dump_open` hands over the `left` bytes at `at` until the dumper is closed; `bytes` fit.
                unsafe {
                    at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                    *at = at.add(bytes.len());
                }
                *left -= bytes.len();
                self.position.store(*at, Ordering::Relaxed);
                Ok(bytes.len())
            }
            Target::Managed(all) => {
                all.extend_from_slice(bytes);
                self.position.store(all.as_mut_ptr_range().end, Ordering::Relaxed);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::File(file, _) => file.flush(),
            Target::Memory { .. } | Target::Managed(_) => Ok(()),
        }
    }
}
