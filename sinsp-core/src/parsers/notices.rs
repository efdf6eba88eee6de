//! What the parsers have to tell an observer. Nothing is noted if there is none.

/// One thing that happened with an event, as ids and numbers: the thread is the event's if not said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The call failed, and it is about an fd that is known. Told before the event is parsed.
    Error,
    /// A file is closed, or goes with its process. It can still be looked at.
    EraseFd {
        /// The thread that has it in its table.
        tid: i64,
        /// Its number.
        fd: i64,
        /// Whether it leaves the table because of this, with the next event; else another takes its place, or the table goes.
        removes: bool,
    },
    /// A file was opened, or was tried to be, by the path that [`Data::Kept`] is.
    FileOpen {
        /// How (`PPM_O_*`).
        flags: u32,
    },
    /// A socket was connected, to this address or with these two ends.
    Connect {
        /// What the event has of it.
        address: Data,
    },
    /// A connection came in.
    Accept {
        /// Its number.
        fd: i64,
        /// Its ends.
        address: Data,
    },
    /// A socket got an address of its own.
    Bind,
    /// Data came in.
    Read {
        /// What of it was captured.
        data: Data,
    },
    /// Data went out.
    Write {
        /// What of it was captured.
        data: Data,
    },
    /// A file was sent from another one.
    SendFile {
        /// The number of the file that was read.
        from: i64,
        /// How many bytes.
        len: u32,
    },
    /// A socket was shut down.
    Shutdown,
    /// A socket turned out to be connected, or not.
    SocketStatus,
    /// A thread runs another program.
    Exec,
    /// A thread was made.
    Clone {
        /// Its number.
        child: i64,
        /// The number of an older thread that it took the place of; -1 if there was none.
        collision: i64,
    },
}

/// Where the bytes of a notice are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// A parameter of the event.
    Param(u8),
    /// Kept beside the event until the next one.
    Kept,
}

/// The notices of one event.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// Whether anybody wants to know.
    pub wanted: bool,
    /// Those passed on at once, in their order.
    pub list: Vec<Notice>,
    /// Those passed on after all parsers, the plugins' too.
    pub posted: Vec<Notice>,
    /// What [`Data::Kept`] is.
    pub kept: Vec<u8>,
}

impl Notices {
    /// Forgets the last event; `wanted` says whether anybody wants to know of the next.
    #[inline]
    pub fn begin(&mut self, wanted: bool) {
        if self.wanted {
            self.forget();
        }
        self.wanted = wanted;
    }

    /// Nobody wants to know of anything more.
    pub fn end(&mut self) {
        self.forget();
        self.wanted = false;
    }

    fn forget(&mut self) {
        self.list.clear();
        self.posted.clear();
        self.kept.clear();
    }

    pub fn add(&mut self, notice: Notice) {
        if self.wanted {
            self.list.push(notice);
        }
    }

    pub fn post(&mut self, notice: Notice) {
        if self.wanted {
            self.posted.push(notice);
        }
    }

    pub fn keep(&mut self, bytes: &[u8]) {
        if self.wanted {
            self.kept.clear();
            self.kept.extend_from_slice(bytes);
        }
    }
}
