//! The notices for an observer. Parsers record them only if there is an observer.

/// One notice. Unless it says otherwise, the thread is that of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The call failed on a known fd. Delivered before the event is parsed.
    Error,
    /// An fd is closed or removed with its process. It is still in the table.
    EraseFd {
        /// The thread whose table has it.
        tid: i64,
        /// The fd number.
        fd: i64,
        /// Whether the next event removes the fd; otherwise dup replaces it, or its process exits.
        removes: bool,
    },
    /// A file was opened, successfully or not; [`Data::Kept`] is its path.
    FileOpen {
        /// The open flags (`PPM_O_*`).
        flags: u32,
    },
    /// A socket was connected.
    Connect {
        /// Its address or tuple.
        address: Data,
    },
    /// A connection was accepted.
    Accept {
        /// The fd number.
        fd: i64,
        /// Its tuple.
        address: Data,
    },
    /// A socket was bound.
    Bind,
    /// Data was received or read.
    Read {
        /// The captured part.
        data: Data,
    },
    /// Data was sent or written.
    Write {
        /// The captured part.
        data: Data,
    },
    /// sendfile was called.
    SendFile {
        /// The number of the input fd.
        from: i64,
        /// The number of bytes.
        len: u32,
    },
    /// A socket was shut down.
    Shutdown,
    /// The state of a pending connection became known.
    SocketStatus,
    /// A thread executed a new program.
    Exec,
    /// A thread was created.
    Clone {
        /// Its tid.
        child: i64,
        /// The tid of an older thread that it replaced; -1 if there was none.
        collision: i64,
    },
}

/// The place of a notice's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// A parameter of the event, by index.
    Param(u8),
    /// A buffer that lives until the next event.
    Kept,
}

#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// Whether there is an observer.
    pub wanted: bool,
    /// Those passed on at once, in their order.
    pub list: Vec<Notice>,
    /// Those passed on after all parsers, the plugins' too.
    pub posted: Vec<Notice>,
    /// The content of [`Data::Kept`].
    pub kept: Vec<u8>,
}

impl Notices {
    /// Clears the notices of the last event. `wanted` says whether there is an observer for the next one.
    #[inline]
    pub fn begin(&mut self, wanted: bool) {
        if self.wanted {
            self.forget();
        }
        self.wanted = wanted;
    }

    /// Clears the notices and records no more.
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
