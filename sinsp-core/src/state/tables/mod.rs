//! The state as tables with entries and columns: what plugins and programs look at and write without knowing of threads and fds, and
//! where they keep what they know themselves.
//!
//! - [`Tables`] says which tables there are, by name, and which columns each kind of table has. Columns can be added at any time; their
//!   values lie in each entry ([`Dynamic`]).
//! - A [`Table`] is one to look at: the threads, a list of one thread, or one that is kept here ([`Owned`]).
//! - An [`Entry`] is counted. It is had by [`State::table_get`](super::State::table_get) and its like, stays readable and writable after
//!   it left its table, and is given back by [`State::entry_release`](super::State::entry_release).
//!
//! Every write moves the epoch of the state on ([`State::touch`](super::State::touch)).

mod access;
mod columns;
mod fd_columns;
mod lists;
mod owned;
mod rows;
mod shape;
#[cfg(test)]
mod tests;
mod value;

pub use access::{Entry, Table};
pub use owned::{Owned, OwnedEntry};
pub use shape::{Column, ColumnId, Named, ShapeId, Tables};
pub(in crate::state) use value::read_outside;
pub use value::{ColumnType, Dynamic, Key, Value};

use std::borrow::Cow;
use std::fmt;

/// The tables that each thread has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubTable {
    /// The files that it has open, by their number.
    Fds,
    /// Its arguments, by their position.
    Args,
    /// Its environment, by position.
    Env,
    /// Its cgroups, by position.
    Cgroups,
}

impl SubTable {
    /// What such tables look like.
    pub fn shape(self) -> ShapeId {
        match self {
            SubTable::Fds => ShapeId::FDS,
            SubTable::Args => ShapeId::ARGS,
            SubTable::Env => ShapeId::ENV,
            SubTable::Cgroups => ShapeId::CGROUPS,
        }
    }
}

/// Why something cannot be done with a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError(Cow<'static, str>);

impl TableError {
    const GONE: TableError = TableError::text("the entry is gone");

    fn new(message: String) -> TableError {
        TableError(message.into())
    }

    /// Its message.
    pub fn into_message(self) -> Cow<'static, str> {
        self.0
    }

    const fn text(message: &'static str) -> TableError {
        TableError(Cow::Borrowed(message))
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TableError {}
