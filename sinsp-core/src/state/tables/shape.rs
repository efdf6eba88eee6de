//! Shapes: a table's name, key type and columns; and the registry of tables.

use super::columns::{self, Fixed};
use super::{ColumnType, Owned, TableError};
use crate::state::store::ThreadText;
use std::sync::Arc;

/// The number of a shape: a name, a key type and columns. Tables of the same kind, such as the fd tables of all threads,
/// share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeId(pub(super) u32);

impl ShapeId {
    /// The thread table.
    pub const THREADS: ShapeId = ShapeId(0);
    /// The fd tables.
    pub const FDS: ShapeId = ShapeId(1);
    /// The tables of arguments.
    pub const ARGS: ShapeId = ShapeId(2);
    /// The tables of environment variables.
    pub const ENV: ShapeId = ShapeId(3);
    /// The tables of cgroups.
    pub const CGROUPS: ShapeId = ShapeId(4);
}

/// A column of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ColumnId {
    /// The shape.
    pub shape: ShapeId,
    /// The position: fixed columns first, then added ones.
    pub index: u32,
}

/// The description of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of its values.
    pub ty: ColumnType,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// A fixed column of the thread table, for [`State::read_thread`](crate::state::State::read_thread).
#[derive(Debug, Clone, Copy)]
pub struct ThreadColumn {
    pub(super) fixed: &'static Fixed,
    text: Option<ThreadText>,
}

impl ThreadColumn {
    /// The text of threads that the column has, for [`State::read_thread_text`](crate::state::State::read_thread_text), which is quicker.
    #[inline]
    pub fn text(self) -> Option<ThreadText> {
        self.text
    }
}

#[derive(Debug)]
struct Added {
    name: String,
    ty: ColumnType,
    /// For a column of tables, their shape.
    nested: Option<ShapeId>,
}

#[derive(Debug)]
pub(super) struct Shape {
    name: String,
    key: ColumnType,
    fixed: &'static [Fixed],
    added: Vec<Added>,
    grows: bool,
}

/// The place of the entries of a named table.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    /// The thread table.
    Threads,
    /// The core stores them.
    Owned(Arc<Owned>),
    /// A plugin stores them; the number identifies the table to its registrar.
    Foreign(usize),
}

#[derive(Debug)]
struct Registered {
    name: String,
    key: ColumnType,
    entries: Named,
}

/// All named tables and all shapes.
#[derive(Debug)]
pub struct Tables {
    shapes: Vec<Shape>,
    named: Vec<Registered>,
    /// The position of the column with the ids of containers among those that were added to threads.
    container_column: Option<usize>,
}

impl Default for Tables {
    fn default() -> Tables {
        use ColumnType::{I64, U64};
        let shape = |name: &str, key, fixed, grows| Shape { name: name.into(), key, fixed, added: Vec::new(), grows };
        Tables {
            // The order of the constants of `ShapeId`.
            shapes: vec![
                shape("threads", I64, columns::THREADS, true),
                shape("file_descriptors", I64, super::fd_columns::FDS, true),
                shape("args", U64, columns::TEXTS, false),
                shape("env", U64, columns::TEXTS, false),
                shape("cgroups", U64, columns::PAIRS, false),
            ],
            named: vec![Registered { name: "threads".into(), key: I64, entries: Named::Threads }],
            container_column: None,
        }
    }
}

impl Tables {
    /// The named tables: name and key type.
    pub fn names(&self) -> impl Iterator<Item = (&str, ColumnType)> {
        self.named.iter().map(|t| (t.name.as_str(), t.key))
    }

    /// The table with this name, whose keys must be of type `key`.
    pub fn find(&self, name: &str, key: ColumnType) -> Result<Named, TableError> {
        let table = self.named.iter().find(|t| t.name == name);
        let table = table.ok_or_else(|| TableError::new(format!("there is no table '{name}'")))?;
        if table.key != key {
            let (actual, asked) = (table.key.name(), key.name());
            return Err(TableError::new(format!("table '{name}' has keys of type {actual}, not {asked}")));
        }
        Ok(table.entries.clone())
    }

    /// Adds a table that the core stores, under an unused name.
    pub fn add_owned(&mut self, name: &str, key: ColumnType) -> Result<Arc<Owned>, TableError> {
        self.check_new(name, key)?;
        let table = Arc::new(Owned::new(self.add_shape(name, key)));
        self.named.push(Registered { name: name.into(), key, entries: Named::Owned(table.clone()) });
        Ok(table)
    }

    /// Registers a table that a plugin stores, under an unused name; `number` identifies it to the caller.
    pub fn add_foreign(&mut self, name: &str, key: ColumnType, number: usize) -> Result<(), TableError> {
        self.check_new(name, key)?;
        self.named.push(Registered { name: name.into(), key, entries: Named::Foreign(number) });
        Ok(())
    }

    /// Removes the tables that were registered with `number`.
    pub fn remove_foreign(&mut self, number: usize) {
        self.named.retain(|t| t.entries != Named::Foreign(number));
    }

    fn check_new(&self, name: &str, key: ColumnType) -> Result<(), TableError> {
        if name.is_empty() {
            return Err(TableError::text("a table has to have a name"));
        }
        if key == ColumnType::Table {
            return Err(TableError::text("a table cannot be the key of another"));
        }
        match self.named.iter().any(|t| t.name == name) {
            true => Err(TableError::new(format!("there is a table '{name}' already"))),
            false => Ok(()),
        }
    }

    fn add_shape(&mut self, name: &str, key: ColumnType) -> ShapeId {
        let id = ShapeId(self.shapes.len() as u32);
        self.shapes.push(Shape { name: name.into(), key, fixed: &[], added: Vec::new(), grows: true });
        id
    }

    fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The name of a shape.
    pub fn name(&self, shape: ShapeId) -> &str {
        &self.shape(shape).name
    }

    /// The key type of a shape.
    pub fn key(&self, shape: ShapeId) -> ColumnType {
        self.shape(shape).key
    }

    /// The number of columns of a shape.
    pub fn column_count(&self, shape: ShapeId) -> usize {
        let shape = self.shape(shape);
        shape.fixed.len() + shape.added.len()
    }

    /// The columns of a shape, by position.
    pub fn columns(&self, shape: ShapeId) -> impl Iterator<Item = Column<'_>> {
        let shape = self.shape(shape);
        let fixed = shape.fixed.iter().map(|c| Column { name: c.name, ty: c.ty, read_only: c.write.is_none() });
        let added = shape.added.iter();
        fixed.chain(added.map(|c| Column { name: &c.name, ty: c.ty, read_only: c.ty == ColumnType::Table }))
    }

    /// The column with this name, which must be of type `ty`.
    pub fn column(&self, shape: ShapeId, name: &str, ty: ColumnType) -> Result<ColumnId, TableError> {
        let table = self.name(shape);
        let found = self.columns(shape).enumerate().find(|(_, c)| c.name == name);
        let (index, column) = found.ok_or_else(|| TableError::new(format!("table '{table}' has no field '{name}'")))?;
        if column.ty != ty {
            let (actual, asked) = (column.ty.name(), ty.name());
            return Err(TableError::new(format!("field '{name}' of table '{table}' has type {actual}, not {asked}")));
        }
        Ok(ColumnId { shape, index: index as u32 })
    }

    /// Adds a column. Its values are zero or empty until they are written. Returns the existing column if one of this name
    /// and type was added before.
    pub fn add_column(&mut self, shape: ShapeId, name: &str, ty: ColumnType) -> Result<ColumnId, TableError> {
        if ty == ColumnType::Table {
            let table = self.name(shape);
            return Err(TableError::new(format!("a field of type table cannot be added to table '{table}' that way")));
        }
        self.add(shape, name, ty, None)
    }

    /// Adds a column of tables: every entry has its own, with keys of type `key`. Returns the column and the shape of its
    /// tables, to which columns can be added.
    pub fn add_nested(
        &mut self,
        shape: ShapeId,
        name: &str,
        key: ColumnType,
    ) -> Result<(ColumnId, ShapeId), TableError> {
        if shape.0 <= ShapeId::CGROUPS.0 {
            let table = self.name(shape);
            return Err(TableError::new(format!("a field of type table cannot be added to table '{table}'")));
        }
        if key == ColumnType::Table {
            return Err(TableError::text("a table cannot be the key of another"));
        }
        if let Ok(column) = self.column(shape, name, ColumnType::Table)
            && let Some(nested) = self.nested(column)
        {
            if self.key(nested) != key {
                let (actual, asked) = (self.key(nested).name(), key.name());
                return Err(TableError::new(format!(
                    "the tables of field '{name}' have keys of type {actual}, not {asked}"
                )));
            }
            return Ok((column, nested));
        }
        let nested = self.add_shape(name, key);
        Ok((self.add(shape, name, ColumnType::Table, Some(nested))?, nested))
    }

    fn add(
        &mut self,
        shape: ShapeId,
        name: &str,
        ty: ColumnType,
        nested: Option<ShapeId>,
    ) -> Result<ColumnId, TableError> {
        let known = self.shape(shape);
        let table = &known.name;
        if name.is_empty() {
            return Err(TableError::new(format!("a field of table '{table}' has to have a name")));
        }
        if !known.grows {
            return Err(TableError::new(format!("fields cannot be added to table '{table}'")));
        }
        if known.fixed.iter().any(|c| c.name == name) {
            return Err(TableError::new(format!(
                "table '{table}' always has a field '{name}', none of that name can be added"
            )));
        }
        if known.added.iter().any(|c| c.name == name) {
            return self.column(shape, name, ty);
        }
        if Self::is_container_column(shape, name, ty) {
            self.container_column = Some(known.added.len());
        }
        let index = self.column_count(shape) as u32;
        self.shapes[shape.0 as usize].added.push(Added { name: name.into(), ty, nested });
        Ok(ColumnId { shape, index })
    }

    /// The position of the column with the ids of containers among those that were added to threads; `None` if no plugin has them.
    #[inline]
    pub(in crate::state) fn container_column(&self) -> Option<usize> {
        self.container_column
    }

    /// The fixed column, or `None` if it was added.
    #[inline]
    pub(super) fn fixed(&self, column: ColumnId) -> Option<&'static Fixed> {
        self.shape(column.shape).fixed.get(column.index as usize)
    }

    /// The fixed column of the thread table; `None` for any other one.
    pub fn thread_column(&self, column: ColumnId) -> Option<ThreadColumn> {
        let fixed = self.fixed(column).filter(|_| column.shape == ShapeId::THREADS)?;
        Some(ThreadColumn { fixed, text: columns::text_of(fixed.name) })
    }

    /// The position of an added column among the added ones, and its type.
    pub(in crate::state) fn added(&self, column: ColumnId) -> Option<(usize, ColumnType)> {
        let shape = self.shape(column.shape);
        let index = (column.index as usize).checked_sub(shape.fixed.len())?;
        shape.added.get(index).map(|c| (index, c.ty))
    }

    pub(super) fn nested(&self, column: ColumnId) -> Option<ShapeId> {
        let shape = self.shape(column.shape);
        shape.added.get((column.index as usize).checked_sub(shape.fixed.len())?)?.nested
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: std::fmt::Debug>(result: Result<T, TableError>) -> String {
        result.expect_err("an error").to_string()
    }

    #[test]
    fn columns_are_added_once_and_keep_their_type() {
        let mut tables = Tables::default();
        let threads = ShapeId::THREADS;
        let before = tables.column_count(threads);
        let mine = tables.add_column(threads, "mine", ColumnType::Text).unwrap();
        assert_eq!(tables.add_column(threads, "mine", ColumnType::Text).unwrap(), mine);
        assert_eq!(tables.column(threads, "mine", ColumnType::Text).unwrap(), mine);
        assert_eq!(tables.column_count(threads), before + 1);
        let wrong = message(tables.add_column(threads, "mine", ColumnType::U64));
        assert_eq!(wrong, "field 'mine' of table 'threads' has type string, not uint64");
        assert_eq!(
            message(tables.column(threads, "tid", ColumnType::Text)),
            "field 'tid' of table 'threads' has type int64, not string"
        );
        assert!(message(tables.add_column(threads, "tid", ColumnType::I64)).contains("always has a field 'tid'"));
        assert!(message(tables.add_column(ShapeId::ARGS, "mine", ColumnType::U8)).contains("cannot be added"));
        assert!(message(tables.add_column(threads, "", ColumnType::U8)).contains("name"));
        assert!(message(tables.add_column(threads, "nested", ColumnType::Table)).contains("type table"));
        assert!(message(tables.add_nested(threads, "nested", ColumnType::U8)).contains("type table"));
    }

    #[test]
    fn names_are_given_once() {
        let mut tables = Tables::default();
        tables.add_owned("mine", ColumnType::Text).unwrap();
        tables.add_foreign("theirs", ColumnType::U8, 3).unwrap();
        assert_eq!(message(tables.add_owned("threads", ColumnType::I64)), "there is a table 'threads' already");
        assert_eq!(message(tables.add_foreign("mine", ColumnType::I64, 4)), "there is a table 'mine' already");
        assert_eq!(message(tables.find("mine", ColumnType::U8)), "table 'mine' has keys of type string, not uint8");
        assert_eq!(message(tables.find("other", ColumnType::U8)), "there is no table 'other'");
        assert_eq!(tables.find("theirs", ColumnType::U8).unwrap(), Named::Foreign(3));
        tables.remove_foreign(3);
        let names: Vec<_> = tables.names().collect();
        assert_eq!(names, [("threads", ColumnType::I64), ("mine", ColumnType::Text)]);
    }
}
