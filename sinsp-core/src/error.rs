//! What can go wrong on the level of meaning.

/// The result of this crate's fallible functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error that names its cause and the place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The layer below failed.
    #[error(transparent)]
    Scap(#[from] scap_sys::Error),
    /// A filter is not well formed, or does not fit the fields that it uses.
    #[error("filter error at {at}: {what}")]
    Filter {
        /// Offset of the place in the filter's text, in bytes, with line and column for people.
        at: Position,
        /// What is wrong.
        what: String,
    },
    /// A format string, a field name or a value is not acceptable.
    #[error("{0}")]
    Invalid(String),
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Offset in bytes, from 0.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.offset)
    }
}
