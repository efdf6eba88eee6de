//! What an inspector keeps for leaving events out in the kernel.

use sinsp_core::selection::Wanted;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Which filters an inspector's selection is for.
pub(crate) enum Chosen {
    /// The inspector's own.
    Own,
    /// Those of the program.
    Filters(Wanted),
}

/// The captures that are written of an inspector's events.
#[derive(Default)]
pub(crate) struct Dumps {
    open: Arc<AtomicU32>,
    /// Whether there was one since the selection was started.
    seen: Cell<bool>,
}

/// A capture that is written; ends when it is dropped.
pub(crate) struct OpenDump(Arc<AtomicU32>);

impl Dumps {
    /// Notes that one begins.
    pub fn begin(&self) -> OpenDump {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.seen.set(true);
        OpenDump(self.open.clone())
    }

    /// Whether there is one, or was one since [`Dumps::forget_ended`].
    pub fn seen(&self) -> bool {
        self.seen.get()
    }

    /// Forgets those that have ended.
    pub fn forget_ended(&self) {
        self.seen.set(self.open.load(Ordering::Relaxed) > 0);
    }
}

impl Drop for OpenDump {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
