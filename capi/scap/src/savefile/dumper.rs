//! A capture that is being written, and where it goes.

use capi_common::ErrorText;
use scap_sys::capture::{Compression, Snapshot, Writer};
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
    /// Whether it goes to memory of our own.
    pub(crate) managed: bool,
}

/// Where a capture goes.
pub(crate) enum Target {
    File(File),
    /// Memory of the program's: where the next byte goes, and how many are left.
    Memory {
        at: *mut u8,
        left: usize,
    },
    /// Memory of our own, which grows.
    Managed(Vec<u8>),
}

/// A target, and where the next byte goes if it is memory, for others to look at.
pub(crate) struct Output {
    target: Target,
    position: Arc<AtomicPtr<u8>>,
}

impl scap_dumper {
    /// Starts a capture with what is known of the system.
    pub(crate) fn new(target: Target, compression: Compression, known: &Snapshot) -> Result<scap_dumper> {
        let mut dumper = scap_dumper::continued(target, compression);
        dumper.writer.section()?;
        dumper.writer.snapshot(known)?;
        Ok(dumper)
    }

    /// Goes on with a capture whose beginning stands elsewhere.
    pub(crate) fn continued(target: Target, compression: Compression) -> scap_dumper {
        let position = Arc::new(AtomicPtr::new(match target {
            Target::File(_) | Target::Managed(_) => std::ptr::null_mut(),
            Target::Memory { at, .. } => at,
        }));
        let managed = matches!(target, Target::Managed(_));
        let writer = Writer::continued(Output { target, position: position.clone() }, compression);
        scap_dumper { writer, error: ErrorText::new(), position, managed }
    }

    /// What was written, if that went to memory of our own.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>> {
        match self.writer.finish()?.target {
            Target::Managed(bytes) => Ok(bytes),
            _ => Err(Error::Invalid("a process list: not made by scap_write_proclist_begin".into())),
        }
    }

    /// Where the next byte goes; null for a file, and for memory of our own before the first.
    pub(crate) fn position(&self) -> *mut u8 {
        self.position.load(Ordering::Relaxed)
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::File(file) => file.write(bytes),
            Target::Memory { left, .. } if *left < bytes.len() => {
                let text = format!("{} more bytes do not fit the memory, of which {left} are left", bytes.len());
                Err(io::Error::new(io::ErrorKind::StorageFull, text))
            }
            Target::Memory { at, left } => {
                // SAFETY: the program has handed over so much memory, which nobody else uses.
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
            Target::File(file) => file.flush(),
            Target::Memory { .. } | Target::Managed(_) => Ok(()),
        }
    }
}
