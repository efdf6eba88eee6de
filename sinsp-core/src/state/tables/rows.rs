//! Reading and writing the fixed columns of a table.

use super::{ColumnType, Value};
use crate::state::{Fd, Thread, ThreadTable};

/// An object of the state that is an entry of a table.
#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    Thread(&'a Thread),
    Fd(&'a Fd),
    Text(&'a [u8]),
}

/// As [`Row`], to change it.
pub(super) enum RowMut<'a> {
    Thread(&'a mut Thread),
    Fd(&'a mut Fd),
    Text(&'a mut Vec<u8>),
}

type Read = for<'a> fn(&'a ThreadTable, Row<'a>) -> Option<Value<'a>>;
/// Returns `false` for an invalid value.
type Write = fn(RowMut<'_>, Value<'_>) -> bool;

#[derive(Debug)]
pub(super) struct Fixed {
    pub name: &'static str,
    pub ty: ColumnType,
    /// The value of an entry; `None` for an entry of another table.
    pub read: Read,
    /// Writes a value of the column's type; `None` for read-only columns.
    pub write: Option<Write>,
}

/// Defines the fixed columns of one kind of object: name, type, value, and, unless read-only, the expression that writes a
/// new value. That expression returns `()`, or `false` for an invalid value.
macro_rules! columns {
    ($name:ident, |$threads:ident, $row:ident: $object:ident| {
        $($column:literal: $ty:ident = $value:expr $(, $new:ident => $write:expr)?;)+
    }) => {
        pub(super) static $name: &[Fixed] = &[$(Fixed {
            name: $column,
            ty: ColumnType::$ty,
            read: |$threads, row| {
                let Row::$object($row) = row else { return None };
                let _ = $threads;
                Some($crate::state::tables::rows::value!($ty, $row, $value))
            },
            write: $crate::state::tables::rows::writer!($object, $row, $ty $(, $new, $write)?),
        }),+];
    };
}

macro_rules! value {
    (Table, $row:ident, $value:expr) => {{
        let _ = $row;
        Value::SubTable($value)
    }};
    ($ty:ident, $row:ident, $value:expr) => {
        Value::$ty($value)
    };
}

macro_rules! writer {
    ($object:ident, $row:ident, $ty:ident) => {
        None
    };
    ($object:ident, $row:ident, $ty:ident, $new:ident, $write:expr) => {
        Some(|row, value| {
            let (RowMut::$object($row), Value::$ty($new)) = (row, value) else { return false };
            $crate::state::tables::rows::Accepted::accepted($write)
        })
    };
}

/// The result of a write expression: `()` accepts every value.
pub(super) trait Accepted {
    fn accepted(self) -> bool;
}

impl Accepted for () {
    fn accepted(self) -> bool {
        true
    }
}

impl Accepted for bool {
    fn accepted(self) -> bool {
        self
    }
}

pub(super) use {columns, value, writer};
