//! Types and values of keys and columns, and the storage of added columns.

use super::{Owned, SubTable};
use std::sync::Arc;

/// The type of a column or key. The numbers are those of `ss_plugin_state_type` in the plugin API.
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

    /// The type with this number of the plugin API.
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

/// A value of a column.
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
    /// A table that the entry stores.
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

    /// The bits of a number, sign-extended to 64 bits; `None` for texts and tables.
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

    /// The number of type `ty` with these bits; `None` for texts and tables.
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

    /// The value of a column in an entry where it was never written; `None` for tables.
    fn default_of(ty: ColumnType) -> Option<Value<'static>> {
        if ty == ColumnType::Text { Some(Value::Text(b"")) } else { Self::from_bits(ty, 0) }
    }
}

/// The key of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// A number or bool, sign-extended to 64 bits.
    Number(u64),
    /// A text.
    Text(&'a [u8]),
}

impl<'a> Key<'a> {
    /// The key that a value stands for; `None` for tables.
    pub fn of(value: Value<'a>) -> Option<Key<'a>> {
        match value {
            Value::Text(text) => Some(Key::Text(text)),
            number => number.bits().map(Key::Number),
        }
    }

    /// A number key as a signed number; `None` for a text.
    pub(super) fn number(self) -> Option<i64> {
        match self {
            Key::Number(bits) => Some(bits as i64),
            Key::Text(_) => None,
        }
    }
}

#[derive(Debug, Clone, Default)]
enum Datum {
    /// Never written.
    #[default]
    None,
    /// A number: its type and its bits.
    Number(ColumnType, u64),
    /// A text.
    Text(Vec<u8>),
    /// A table.
    Table(Arc<Owned>),
}

impl Datum {
    fn value(&self) -> Option<Value<'_>> {
        match self {
            Datum::None => None,
            Datum::Number(ty, bits) => Value::from_bits(*ty, *bits),
            Datum::Text(text) => Some(Value::Text(text)),
            Datum::Table(table) => Some(Value::Table(table)),
        }
    }
}

/// The values of an entry in the columns that were added to its table. A null pointer while there are none.
///
/// A clone has its own values but shares tables.
#[derive(Debug, Clone, Default)]
pub struct Dynamic(Option<Box<Values>>);

#[derive(Debug, Clone, Default)]
struct Values {
    values: Vec<Datum>,
}

impl Dynamic {
    /// Passes the value of an added column to `read`; the default of its type if it was never written.
    pub(in crate::state) fn read<R>(
        &self,
        index: usize,
        ty: ColumnType,
        read: impl FnOnce(Value<'_>) -> R,
    ) -> Option<R> {
        let stored = self.0.as_ref().and_then(|v| v.values.get(index)).and_then(Datum::value);
        stored.filter(|v| v.ty() == ty).or_else(|| Value::default_of(ty)).map(read)
    }

    /// Passes each value that was written to `visit`, with the position of its column among the added ones.
    pub fn each(&self, mut visit: impl FnMut(usize, Value<'_>)) {
        for (index, stored) in self.0.iter().flat_map(|v| &v.values).enumerate() {
            if let Some(value) = stored.value() {
                visit(index, value);
            }
        }
    }

    /// Stores a value in an added column.
    pub(in crate::state) fn write(&mut self, index: usize, value: Value<'_>) {
        match (self.slot(index), value) {
            (Datum::Text(stored), Value::Text(text)) => {
                stored.clear();
                stored.extend_from_slice(text);
            }
            (stored, Value::Text(text)) => *stored = Datum::Text(text.to_vec()),
            (stored, Value::Table(table)) => *stored = Datum::Table(table.clone()),
            (stored, number) => {
                if let Some(bits) = number.bits() {
                    *stored = Datum::Number(number.ty(), bits);
                }
            }
        }
    }

    /// The table in an added column; `make` creates it on first access.
    pub(super) fn table(&mut self, index: usize, make: impl FnOnce() -> Owned) -> Option<&Arc<Owned>> {
        let stored = self.slot(index);
        if let Datum::None = stored {
            *stored = Datum::Table(Arc::new(make()));
        }
        match stored {
            Datum::Table(table) => Some(table),
            _ => None,
        }
    }

    fn slot(&mut self, index: usize) -> &mut Datum {
        let values = &mut self.0.get_or_insert_default().values;
        if values.len() <= index {
            values.resize_with(index + 1, Datum::default);
        }
        &mut values[index]
    }
}

/// Passes the value of an added column in an object outside the core to `read`; the default of its type if it was never
/// written. `ask` must call the function that it gets with the value, if there is one.
pub(in crate::state) fn read_outside<R>(
    ty: ColumnType,
    ask: impl FnOnce(&mut dyn FnMut(Value<'_>)),
    read: impl FnOnce(Value<'_>) -> R,
) -> Option<R> {
    let (mut read, mut answer) = (Some(read), None);
    ask(&mut |value| {
        if value.ty() == ty
            && let Some(read) = read.take()
        {
            answer = Some(read(value));
        }
    });
    answer.or_else(|| Value::default_of(ty).and_then(|value| read.map(|read| read(value))))
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
        values.write(1, Value::I8(-5));
        read(&values, 0, Value::Text(b""));
        read(&values, 1, Value::I8(-5));
        read(&values, 2, Value::Bool(false));
        values.write(3, Value::U64(u64::MAX));
        let mut copy = values.clone();
        copy.write(0, Value::Text(b"x"));
        let mut all = Vec::new();
        copy.each(|index, value| all.push((index, value.ty())));
        assert_eq!(all, [(0, Text), (1, I8), (3, U64)]);
        read(&values, 3, Value::U64(u64::MAX));
        read(&values, 0, Value::Text(b""));
        read(&copy, 0, Value::Text(b"x"));
    }
}
