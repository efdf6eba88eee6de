//! The errors of this crate.

use std::{fmt, io};

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// An error with its cause and place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A system call failed.
    #[error("{what}: {}", cause(source))]
    Io {
        /// The operation, with the path or object.
        what: String,
        /// The error code.
        #[source]
        source: io::Error,
    },
    /// A capture or an event is malformed.
    #[error("{what} at offset {offset}")]
    Corrupt {
        /// The fault.
        what: String,
        /// The offset in the uncompressed data, in bytes.
        offset: u64,
    },
    /// The input ends within a block or list; everything before it was delivered.
    #[error("the capture is truncated: {what} at offset {offset}")]
    Truncated {
        /// What was being read.
        what: String,
        /// The offset in the uncompressed data, in bytes.
        offset: u64,
    },
    /// The engine, the kernel or the machine does not support the operation.
    #[error("{0} is not supported")]
    NotSupported(String),
    /// An argument or the order of calls is invalid.
    #[error("{0}")]
    Invalid(String),
}

/// What the system says of its error, in its words alone: Rust adds the number.
pub(crate) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(number) => text.trim_end_matches(&format!(" (os error {number})")).to_string(),
        None => text,
    }
}

impl Error {
    /// An I/O error of the operation `what`.
    pub fn io(what: impl fmt::Display, source: io::Error) -> Error {
        Error::Io { what: what.to_string(), source }
    }

    /// The same error of a capture with this name, if it has one: a path, or what else the program's user takes it for.
    pub(crate) fn of(self, capture: &str) -> Error {
        const UNNAMED: &str = "the capture";
        if capture.is_empty() {
            return self;
        }
        let named = |what: String| match what.contains(UNNAMED) {
            true => what.replacen(UNNAMED, capture, 1),
            false => format!("{capture}: {what}"),
        };
        match self {
            Error::Io { what, source } => Error::Io { what: named(what), source },
            Error::Corrupt { what, offset } => Error::Corrupt { what: named(what), offset },
            Error::Truncated { what, offset } => Error::Truncated { what: named(what), offset },
            Error::NotSupported(what) => Error::NotSupported(named(what)),
            Error::Invalid(what) => Error::Invalid(named(what)),
        }
    }

    /// The error of the last libc call on this thread, for the operation `what`.
    pub fn last_os(what: impl fmt::Display) -> Error {
        Error::io(what, io::Error::last_os_error())
    }
}
