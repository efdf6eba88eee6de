//! What can go wrong on the level of meaning.

pub use scap_sys::Error as ScapError;

/// The result of this crate's fallible functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error with its cause and place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error of `scap-sys`.
    #[error(transparent)]
    Scap(#[from] scap_sys::Error),
    /// A syntax error in a filter.
    #[error("filter error at {at}: {what}")]
    Filter {
        /// The place in the filter.
        at: Position,
        /// What is wrong.
        what: String,
    },
    /// A filter check that does not fit the field that it uses.
    #[error("{what}")]
    Check {
        /// The start of the check in the filter.
        at: Position,
        /// The part of the check that does not fit: its field or value.
        part: Position,
        /// What is wrong.
        what: String,
    },
    /// An invalid format string, field name or value, or a call that is not possible now.
    #[error("{0}")]
    Invalid(String),
}

impl Error {
    /// The error with its place in the message, for a filter that came as a text. A tree of nodes may come from several texts.
    pub fn in_text(self) -> Error {
        match self {
            Error::Check { at, part, what } => Error::Check { at, part, what: format!("{what}, at {part}") },
            other => other,
        }
    }
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
