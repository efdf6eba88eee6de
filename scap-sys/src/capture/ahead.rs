//! Decompression on a thread of its own, ahead of the reader by a bounded number of bytes.
//!
//! The thread ends where the decompression does, at the end of the data or at an error, and hands the decompressor back. The reader then continues
//! with that itself, so that it gets the same end or error, behind everything that was decompressed.

use super::gzip::Gzip;
use std::mem::MaybeUninit;
use std::process;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// The size of the pieces in which data is passed on.
const PIECE: usize = 64 * 1024;
/// The most pieces that are decompressed and not read yet.
const PIECES: usize = 8;

/// A piece of decompressed data.
struct Piece {
    bytes: Vec<u8>,
    /// How many bytes of the buffer are data.
    len: usize,
    /// The bytes of the file that were used up to its end.
    file_offset: u64,
}

/// A decompressor that works ahead. Dropping it ends the thread.
pub struct Ahead {
    /// `None` only while the thread ends.
    queues: Option<Queues>,
    worker: Option<JoinHandle<Option<Gzip>>>,
    /// The process that has the thread.
    process: u32,
    piece: Piece,
    /// How much of the piece was read.
    at: usize,
}

/// The reader's ends of the queues: of filled pieces, and of buffers to fill.
struct Queues {
    filled: Receiver<Piece>,
    empty: Sender<Vec<u8>>,
}

/// The result of [`Ahead::read`].
pub enum Next {
    /// As many bytes, at least one.
    Bytes(usize),
    /// All was read; the decompressor continues at the end or at the error.
    Over(Gzip),
    /// The thread is not in this process, which a fork made, or it panicked.
    Lost,
}

impl Ahead {
    /// Whether a second processor can decompress.
    pub fn is_of_use() -> bool {
        thread::available_parallelism().is_ok_and(|n| n.get() > 1)
    }

    /// Starts the thread; returns the decompressor if there cannot be one.
    pub fn start(gzip: Gzip) -> Result<Ahead, Gzip> {
        let (filled_in, filled) = sync_channel(PIECES);
        let (empty, empty_out) = channel();
        // Given to the thread when there is one.
        let (hand, handed) = sync_channel(1);
        let work = move || Some(decompress(handed.recv().ok()?, &empty_out, &filled_in));
        let spawn = || thread::Builder::new().name("scap-inflate".into()).spawn(work);
        let Ok(worker) = without_signals(spawn) else { return Err(gzip) };
        let file_offset = gzip.file_offset();
        hand.send(gzip).map_err(|refused| refused.0)?;
        for _ in 0..PIECES {
            // The thread waits for buffers.
            let _ = empty.send(vec![0; PIECE]);
        }
        Ok(Ahead {
            queues: Some(Queues { filled, empty }),
            worker: Some(worker),
            process: process::id(),
            piece: Piece { bytes: vec![0; PIECE], len: 0, file_offset },
            at: 0,
        })
    }

    /// Reads what was decompressed; waits until there is some.
    pub fn read(&mut self, buf: &mut [u8]) -> Next {
        if self.at == self.piece.len {
            if self.process != process::id() {
                return Next::Lost;
            }
            let Some(piece) = self.queues.as_ref().and_then(|queues| queues.filled.recv().ok()) else {
                return self.stop().map_or(Next::Lost, Next::Over);
            };
            let read = std::mem::replace(&mut self.piece, piece);
            self.at = 0;
            if let Some(queues) = &self.queues {
                // Refused after the last piece.
                let _ = queues.empty.send(read.bytes);
            }
        }
        let rest = &self.piece.bytes[self.at..self.piece.len];
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Next::Bytes(n)
    }

    /// The bytes of the file that were used for what was read, and for the rest of its piece.
    pub fn file_offset(&self) -> u64 {
        self.piece.file_offset
    }

    /// Ends the thread and returns the decompressor, which is ahead by what was not read; `None` if the thread is not in this process or panicked.
    pub fn stop(&mut self) -> Option<Gzip> {
        // The thread sees that the queues are gone.
        let queues = self.queues.take();
        let worker = self.worker.take()?;
        if self.process != process::id() {
            // A thread that does not exist cannot be waited for, nor can what it may have locked.
            std::mem::forget((queues, worker));
            return None;
        }
        drop(queues);
        worker.join().ok().flatten()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

/// Fills the buffers until the end, an error, or until nothing is read any more.
fn decompress(mut gzip: Gzip, empty: &Receiver<Vec<u8>>, filled: &SyncSender<Piece>) -> Gzip {
    while let Ok(mut bytes) = empty.recv() {
        let mut len = 0;
        let goes_on = loop {
            match gzip.read(&mut bytes[len..]) {
                Ok(0) | Err(_) => break false,
                Ok(n) => len += n,
            }
            if len == bytes.len() {
                break true;
            }
        };
        let piece = Piece { bytes, len, file_offset: gzip.file_offset() };
        if (len > 0 && filled.send(piece).is_err()) || !goes_on {
            break;
        }
    }
    gzip
}

/// Runs `spawn` with all signals blocked, which a new thread inherits: handlers of the program do not run on the thread.
fn without_signals<T>(spawn: impl FnOnce() -> T) -> T {
    let mut before = MaybeUninit::uninit();
    // SAFETY: `sigfillset` makes a set of `all`; `pthread_sigmask` reads it and writes `before`, which both are of the right type.
    let changed = unsafe {
        let mut all = MaybeUninit::uninit();
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0
    };
    let result = spawn();
    if changed {
        // SAFETY: the call that succeeded has written `before`.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    }
    result
}
