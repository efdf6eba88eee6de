//! The state as tables of entries and columns, for the plugin API and the C++ table API. Plugins can also add tables and
//! columns of their own.
//!
//! - [`Tables`] has the tables by name, and the columns of each shape. Columns can be added at any time; each entry stores
//!   its values in a [`Dynamic`].
//! - A [`Table`] is the thread table, a table of one thread, or one that the core stores for a plugin or program
//!   ([`Owned`]).
//! - An [`Entry`] holds a reference. [`State::table_get`](super::State::table_get) and similar functions return it. It
//!   stays readable and writable after it leaves its table, and is given back with
//!   [`State::entry_release`](super::State::entry_release).
//!
//! Every write changes the epoch of the state ([`State::touch`](super::State::touch)).

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

pub use access::{Entry, Table, Walk};
pub use owned::{Owned, OwnedEntry};
pub use shape::{Column, ColumnId, Named, ShapeId, Tables, ThreadColumn};
pub(in crate::state) use value::read_outside;
pub use value::{ColumnType, Dynamic, Key, Value};

use std::borrow::Cow;
use std::fmt;

/// The tables of each thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubTable {
    /// Its fds, by number.
    Fds,
    /// Its arguments, by position.
    Args,
    /// Its environment, by position.
    Env,
    /// Its cgroups, by position.
    Cgroups,
}

impl SubTable {
    /// The shape of such tables.
    pub fn shape(self) -> ShapeId {
        match self {
            SubTable::Fds => ShapeId::FDS,
            SubTable::Args => ShapeId::ARGS,
            SubTable::Env => ShapeId::ENV,
            SubTable::Cgroups => ShapeId::CGROUPS,
        }
    }
}

/// The error of a table operation: a message for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError(Cow<'static, str>);

impl TableError {
    const GONE: TableError = TableError::text("the entry is gone");

    fn new(message: String) -> TableError {
        TableError(message.into())
    }

    /// The message.
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
