//! Decompression on a thread of its own, ahead of the reader by a bounded number of bytes.
//!
//! The thread ends where the data does, at an error, or when it is stopped, and hands the decompressor back. The reader then continues with that
//! itself, so that it gets the same end or error, behind everything that was decompressed.

use super::gzip::Gzip;
use crate::threads;
use std::process;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// The free bytes before the data of a piece, for what the reader has not used of the last one.
pub const HEAD: usize = 64 * 1024;
/// The most data in a piece.
const DATA: usize = 128 * 1024;
/// The most pieces that are decompressed ahead.
const PIECES: usize = 16;
/// As many buffers are given back at once, so that the thread is not woken for each.
const AT_ONCE: usize = PIECES / 2;

/// A piece of the data.
struct Piece {
    /// [`HEAD`] and [`DATA`] bytes.
    bytes: Vec<u8>,
    /// The length of the data.
    len: usize,
    /// The bytes of the file that were used up to its end.
    file_offset: u64,
}

/// A decompressor that works ahead. Dropping it ends the thread.
pub struct Ahead {
    /// `None` only while the thread ends.
    queues: Option<Queues>,
    worker: Option<JoinHandle<Option<Box<Gzip>>>>,
    /// The process that has the thread.
    process: u32,
    /// The last piece, and after [`Ahead::exchange`] the buffer that was exchanged.
    piece: Piece,
    /// Buffers that are not given back yet.
    used: Vec<Vec<u8>>,
}

/// The reader's ends of the queues: of filled pieces, and of buffers to fill.
struct Queues {
    filled: Receiver<Piece>,
    empty: SyncSender<Vec<u8>>,
}

/// The result of [`Ahead::next`].
pub enum Next {
    /// A piece with as many bytes of data, at least one.
    Piece(usize),
    /// All was read; the decompressor continues at the end or at the error.
    Over(Box<Gzip>),
    /// The thread is not in this process, which a fork made, or it panicked.
    Lost,
}

impl Ahead {
    /// Whether there is a second processor to decompress on.
    pub fn is_of_use() -> bool {
        thread::available_parallelism().is_ok_and(|n| n.get() > 1)
    }

    /// Starts the thread; returns the decompressor if there cannot be one.
    pub fn start(gzip: Box<Gzip>) -> Result<Ahead, Box<Gzip>> {
        let (filled_in, filled) = sync_channel(PIECES);
        // Never full: the buffer that the reader had first comes besides.
        let (empty, empty_out) = sync_channel(PIECES + 1);
        // Given to the thread when there is one.
        let (hand, handed) = sync_channel(1);
        let work = move || Some(decompress(handed.recv().ok()?, &empty_out, &filled_in));
        let Ok(worker) = threads::start("scap-inflate", work) else { return Err(gzip) };
        let file_offset = gzip.file_offset();
        hand.send(gzip).map_err(|refused| refused.0)?;
        for _ in 0..PIECES {
            // The thread waits for buffers.
            let _ = empty.try_send(vec![0; HEAD + DATA]);
        }
        Ok(Ahead {
            queues: Some(Queues { filled, empty }),
            worker: Some(worker),
            process: process::id(),
            piece: Piece { bytes: Vec::new(), len: 0, file_offset },
            used: Vec::with_capacity(AT_ONCE),
        })
    }

    /// Goes to the next piece; waits until there is one. The buffer of the last one is filled anew.
    pub fn next(&mut self) -> Next {
        if self.process != process::id() {
            return Next::Lost;
        }
        let Some(piece) = self.queues.as_ref().and_then(|queues| queues.filled.recv().ok()) else {
            return self.stop().map_or(Next::Lost, Next::Over);
        };
        let last = std::mem::replace(&mut self.piece, piece).bytes;
        if !last.is_empty() {
            // Exchanged buffers can have other sizes.
            self.used.push(if last.len() == HEAD + DATA { last } else { vec![0; HEAD + DATA] });
        }
        if self.used.len() == AT_ONCE {
            for buffer in self.used.drain(..) {
                // Refused after the last piece.
                let _ = self.queues.as_ref().map(|queues| queues.empty.try_send(buffer));
            }
        }
        Next::Piece(self.piece.len)
    }

    /// The buffer of the piece: [`HEAD`] free bytes, and the data.
    pub fn piece(&mut self) -> &mut [u8] {
        &mut self.piece.bytes
    }

    /// Exchanges the buffer of the piece.
    pub fn exchange(&mut self, buffer: &mut Vec<u8>) {
        std::mem::swap(&mut self.piece.bytes, buffer);
    }

    /// The bytes of the file that were used up to the end of the piece.
    pub fn file_offset(&self) -> u64 {
        self.piece.file_offset
    }

    /// Ends the thread and returns the decompressor, which is ahead by what was not read; `None` if the thread is not in this process or panicked.
    pub fn stop(&mut self) -> Option<Box<Gzip>> {
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

/// Fills the buffers until the end, an error, or until nothing is wanted any more.
fn decompress(mut gzip: Box<Gzip>, empty: &Receiver<Vec<u8>>, filled: &SyncSender<Piece>) -> Box<Gzip> {
    while let Ok(mut bytes) = empty.recv() {
        let mut end = HEAD;
        while end < bytes.len()
            && let Ok(n @ 1..) = gzip.read(&mut bytes[end..])
        {
            end += n;
        }
        let is_full = end == bytes.len();
        let piece = Piece { bytes, len: end - HEAD, file_offset: gzip.file_offset() };
        if (end > HEAD && filled.send(piece).is_err()) || !is_full {
            break;
        }
    }
    gzip
}
