//! The types of keys and columns, and their values: as they are read and written, and as an entry stores those of added columns.

use super::{Owned, SubTable};
use std::sync::Arc;

/// The type of a column or a key. The numbers are those of the plugin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum ColumnType {
    I8 = 1,
    I16 = 2,
    I32 = 3,
    I64 = 4,
    U8 = 5,
    U16 = 6,
    U32 = 7,
    U64 = 8,
    Text = 9,
    Table = 10,
    Bool = 25,
}

impl ColumnType {
    const ALL: [ColumnType; 11] = {
        use ColumnType::*;
        [I8, I16, I32, I64, U8, U16, U32, U64, Text, Table, Bool]
    };

    /// The type that the plugin API gives this number.
    pub fn from_number(number: u32) -> Option<ColumnType> {
        Self::ALL.into_iter().find(|ty| *ty as u32 == number)
    }

    /// Its name in error texts.
    pub fn name(self) -> &'static str {
        match self {
            ColumnType::I8 => "int8",
            ColumnType::I16 => "int16",
            ColumnType::I32 => "int32",
            ColumnType::I64 => "int64",
            ColumnType::U8 => "uint8",
            ColumnType::U16 => "uint16",
            ColumnType::U32 => "uint32",
            ColumnType::U64 => "uint64",
            ColumnType::Text => "string",
            ColumnType::Table => "table",
            ColumnType::Bool => "bool",
        }
    }
}

/// A value of a column, as it is read or written.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Value<'a> {
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    Bool(bool),
    Text(&'a [u8]),
    /// A table of the entry's thread.
    SubTable(SubTable),
    /// A table that the entry itself holds.
    Table(&'a Arc<Owned>),
}

impl Value<'_> {
    /// Its type.
    pub fn ty(&self) -> ColumnType {
        match self {
            Value::I8(_) => ColumnType::I8,
            Value::I16(_) => ColumnType::I16,
            Value::I32(_) => ColumnType::I32,
            Value::I64(_) => ColumnType::I64,
            Value::U8(_) => ColumnType::U8,
            Value::U16(_) => ColumnType::U16,
            Value::U32(_) => ColumnType::U32,
            Value::U64(_) => ColumnType::U64,
            Value::Bool(_) => ColumnType::Bool,
            Value::Text(_) => ColumnType::Text,
            Value::SubTable(_) | Value::Table(_) => ColumnType::Table,
        }
    }

    /// A number's bits, widened with its sign; `None` for texts and tables.
    fn bits(&self) -> Option<u64> {
        Some(match *self {
            Value::I8(v) => v as u64,
            Value::I16(v) => v as u64,
            Value::I32(v) => v as u64,
            Value::I64(v) => v as u64,
            Value::U8(v) => v.into(),
            Value::U16(v) => v.into(),
            Value::U32(v) => v.into(),
            Value::U64(v) => v,
            Value::Bool(v) => v.into(),
            Value::Text(_) | Value::SubTable(_) | Value::Table(_) => return None,
        })
    }

    /// The number of a type that has these bits.
    fn from_bits(ty: ColumnType, bits: u64) -> Option<Value<'static>> {
        Some(match ty {
            ColumnType::I8 => Value::I8(bits as i8),
            ColumnType::I16 => Value::I16(bits as i16),
            ColumnType::I32 => Value::I32(bits as i32),
            ColumnType::I64 => Value::I64(bits as i64),
            ColumnType::U8 => Value::U8(bits as u8),
            ColumnType::U16 => Value::U16(bits as u16),
            ColumnType::U32 => Value::U32(bits as u32),
            ColumnType::U64 => Value::U64(bits),
            ColumnType::Bool => Value::Bool(bits != 0),
            ColumnType::Text | ColumnType::Table => return None,
        })
    }

    /// What a column has in an entry in which it was never written; `None` for tables.
    fn default_of(ty: ColumnType) -> Option<Value<'static>> {
        if ty == ColumnType::Text { Some(Value::Text(b"")) } else { Self::from_bits(ty, 0) }
    }
}

/// The key of an entry, borrowed from whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// A number or a truth value: its bits, widened with its sign.
    Number(u64),
    /// A text.
    Text(&'a [u8]),
}

impl<'a> Key<'a> {
    /// The key that a value is; `None` for tables.
    pub fn of(value: Value<'a>) -> Option<Key<'a>> {
        match value {
            Value::Text(text) => Some(Key::Text(text)),
            number => number.bits().map(Key::Number),
        }
    }

    /// The key as a signed number; a text has none.
    pub(super) fn number(self) -> Option<i64> {
        match self {
            Key::Number(bits) => Some(bits as i64),
            Key::Text(_) => None,
        }
    }
}

/// A stored value.
#[derive(Debug, Clone)]
pub(super) enum Datum {
    /// Of any type of number.
    Number(u64),
    /// A text.
    Text(Vec<u8>),
    /// A table; `None` until it is first asked for.
    Table(Option<Arc<Owned>>),
}

impl Datum {
    fn default_of(ty: ColumnType) -> Datum {
        match ty {
            ColumnType::Text => Datum::Text(Vec::new()),
            ColumnType::Table => Datum::Table(None),
            _ => Datum::Number(0),
        }
    }
}

/// The values that an entry has of the columns that were added to its table. One word while there are none.
///
/// A copy has values of its own, but shares the tables among them.
#[derive(Debug, Clone, Default)]
pub struct Dynamic(Option<Box<Values>>);

#[derive(Debug, Clone, Default)]
struct Values {
    values: Vec<Datum>,
}

impl Dynamic {
    /// Hands the value of an added column to `read`; the default of its type if it was never written.
    pub(super) fn read<R>(&self, index: usize, ty: ColumnType, read: impl FnOnce(Value<'_>) -> R) -> Option<R> {
        let stored = self.0.as_ref().and_then(|v| v.values.get(index));
        let value = match stored {
            Some(Datum::Number(bits)) => Value::from_bits(ty, *bits)?,
            Some(Datum::Text(text)) => Value::Text(text),
            Some(Datum::Table(Some(table))) => Value::Table(table),
            Some(Datum::Table(None)) | None => Value::default_of(ty)?,
        };
        Some(read(value))
    }

    /// Stores a value in an added column. `types` are those of the columns up to this one.
    pub(super) fn write(&mut self, index: usize, types: impl Iterator<Item = ColumnType>, value: Value<'_>) {
        match (self.slot(index, types), value) {
            (Datum::Text(stored), Value::Text(text)) => {
                stored.clear();
                stored.extend_from_slice(text);
            }
            (Datum::Number(stored), number) => *stored = number.bits().unwrap_or(0),
            _ => {}
        }
    }

    /// The table in an added column, which `make` makes when it is first asked for.
    pub(super) fn table(
        &mut self,
        index: usize,
        types: impl Iterator<Item = ColumnType>,
        make: impl FnOnce() -> Owned,
    ) -> Option<&Arc<Owned>> {
        match self.slot(index, types) {
            Datum::Table(table) => Some(table.get_or_insert_with(|| Arc::new(make()))),
            _ => None,
        }
    }

    fn slot(&mut self, index: usize, types: impl Iterator<Item = ColumnType>) -> &mut Datum {
        let values = &mut self.0.get_or_insert_default().values;
        if values.len() <= index {
            let known = values.len();
            values.extend(types.skip(known).take(index + 1 - known).map(Datum::default_of));
        }
        &mut values[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_numbers_of_the_plugin_api() {
        for ty in ColumnType::ALL {
            assert_eq!(ColumnType::from_number(ty as u32), Some(ty));
        }
        assert_eq!(ColumnType::from_number(0), None);
        assert_eq!(ColumnType::from_number(11), None);
    }

    #[test]
    fn an_entry_stores_what_was_written_and_else_has_defaults() {
        use ColumnType::*;
        assert_eq!(size_of::<Dynamic>(), size_of::<usize>());
        let types = [Text, I8, Bool, U64];
        let mut values = Dynamic::default();
        let read = |values: &Dynamic, index: usize, expected: Value<'_>| {
            values.read(index, types[index], |v| assert_eq!(v, expected)).expect("a value")
        };
        read(&values, 0, Value::Text(b""));
        read(&values, 1, Value::I8(0));
        values.write(1, types.into_iter(), Value::I8(-5));
        read(&values, 0, Value::Text(b""));
        read(&values, 1, Value::I8(-5));
        read(&values, 2, Value::Bool(false));
        values.write(3, types.into_iter(), Value::U64(u64::MAX));
        let mut copy = values.clone();
        copy.write(0, types.into_iter(), Value::Text(b"x"));
        read(&values, 3, Value::U64(u64::MAX));
        read(&values, 0, Value::Text(b""));
        read(&copy, 0, Value::Text(b"x"));
    }
}
