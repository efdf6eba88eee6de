//! What can go wrong on the level of meaning.

pub use scap_sys::Error as ScapError;

/// The result of this crate's fallible functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error that names its cause and the place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The layer below failed.
    #[error(transparent)]
    Scap(#[from] scap_sys::Error),
    /// A filter is not well formed.
    #[error("filter error at {at}: {what}")]
    Filter {
        /// Where its text stops making sense.
        at: Position,
        /// What is wrong.
        what: String,
    },
    /// A filter is well formed, but does not fit the fields that it uses.
    #[error("{what}")]
    Check {
        /// Where the check begins in the filter's text.
        at: Position,
        /// What is wrong.
        what: String,
    },
    /// A format string, a field name or a value is not acceptable.
    #[error("{0}")]
    Invalid(String),
}

/// A place in a text; by default its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Offset in bytes, from 0.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl Default for Position {
    fn default() -> Position {
        Position { offset: 0, line: 1, column: 1 }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "index {}, line {}, column {}", self.offset, self.line, self.column)
    }
}
