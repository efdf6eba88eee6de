//! What all entries of a table have in common: the table's name, the type of its key, its columns; and which tables there are.

use super::columns::{self, Fixed};
use super::{ColumnType, Owned, TableError};
use std::sync::Arc;

/// A table's name, type of key and columns, by number. Tables of the same kind, such as the files of each thread, share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeId(pub(super) u32);

impl ShapeId {
    /// Of the table of threads.
    pub const THREADS: ShapeId = ShapeId(0);
    /// Of the tables of open files.
    pub const FDS: ShapeId = ShapeId(1);
    /// Of the tables of arguments.
    pub const ARGS: ShapeId = ShapeId(2);
    /// Of the tables of environment variables.
    pub const ENV: ShapeId = ShapeId(3);
    /// Of the tables of cgroups.
    pub const CGROUPS: ShapeId = ShapeId(4);
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ColumnId {
    /// Of which table.
    pub shape: ShapeId,
    /// At which position: first those that the table always has, then those that were added.
    pub index: u32,
}

/// What a column looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of its values.
    pub ty: ColumnType,
    /// Whether it cannot be written.
    pub read_only: bool,
}

#[derive(Debug)]
struct Added {
    name: String,
    ty: ColumnType,
    /// For a column of tables, what they look like.
    nested: Option<ShapeId>,
}

#[derive(Debug)]
pub(super) struct Shape {
    name: String,
    key: ColumnType,
    fixed: &'static [Fixed],
    added: Vec<Added>,
    /// Whether columns may be added.
    grows: bool,
}

/// Where the entries of a table with a name are.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    /// They are the threads.
    Threads,
    /// They are kept here.
    Owned(Arc<Owned>),
    /// Someone else has them, who knows the table by this number.
    Foreign(usize),
}

#[derive(Debug)]
struct Registered {
    name: String,
    key: ColumnType,
    entries: Named,
}

/// All tables by name, and what each kind of table looks like.
#[derive(Debug)]
pub struct Tables {
    shapes: Vec<Shape>,
    named: Vec<Registered>,
}

impl Default for Tables {
    fn default() -> Tables {
        use ColumnType::{I64, U64};
        let shape = |name: &str, key, fixed, grows| Shape { name: name.into(), key, fixed, added: Vec::new(), grows };
        Tables {
            // In the order of the numbers above.
            shapes: vec![
                shape("threads", I64, columns::THREADS, true),
                shape("file_descriptors", I64, super::fd_columns::FDS, true),
                shape("args", U64, columns::TEXTS, false),
                shape("env", U64, columns::TEXTS, false),
                shape("cgroups", U64, columns::PAIRS, false),
            ],
            named: vec![Registered { name: "threads".into(), key: I64, entries: Named::Threads }],
        }
    }
}

impl Tables {
    /// The tables that have a name and can be asked for: name and type of key.
    pub fn names(&self) -> impl Iterator<Item = (&str, ColumnType)> {
        self.named.iter().map(|t| (t.name.as_str(), t.key))
    }

    /// The table of a name, whose keys have to be of type `key`.
    pub fn find(&self, name: &str, key: ColumnType) -> Result<Named, TableError> {
        let table = self.named.iter().find(|t| t.name == name);
        let table = table.ok_or_else(|| TableError::new(format!("there is no table '{name}'")))?;
        if table.key != key {
            let (actual, asked) = (table.key.name(), key.name());
            return Err(TableError::new(format!("table '{name}' has keys of type {actual}, not {asked}")));
        }
        Ok(table.entries.clone())
    }

    /// Makes a table that is kept here, under a name that no other table has.
    pub fn add_owned(&mut self, name: &str, key: ColumnType) -> Result<Arc<Owned>, TableError> {
        self.check_new(name, key)?;
        let table = Arc::new(Owned::new(self.add_shape(name, key)));
        self.named.push(Registered { name: name.into(), key, entries: Named::Owned(table.clone()) });
        Ok(table)
    }

    /// Takes note of a table whose entries someone else has, who knows it by `number`.
    pub fn add_foreign(&mut self, name: &str, key: ColumnType, number: usize) -> Result<(), TableError> {
        self.check_new(name, key)?;
        self.named.push(Registered { name: name.into(), key, entries: Named::Foreign(number) });
        Ok(())
    }

    /// Forgets a table whose entries someone else has.
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

    /// The name of tables of this kind.
    pub fn name(&self, shape: ShapeId) -> &str {
        &self.shape(shape).name
    }

    /// The type of their keys.
    pub fn key(&self, shape: ShapeId) -> ColumnType {
        self.shape(shape).key
    }

    /// How many columns they have.
    pub fn column_count(&self, shape: ShapeId) -> usize {
        let shape = self.shape(shape);
        shape.fixed.len() + shape.added.len()
    }

    /// Their columns, by position.
    pub fn columns(&self, shape: ShapeId) -> impl Iterator<Item = Column<'_>> {
        let shape = self.shape(shape);
        let fixed = shape.fixed.iter().map(|c| Column { name: c.name, ty: c.ty, read_only: c.write.is_none() });
        let added = shape.added.iter();
        fixed.chain(added.map(|c| Column { name: &c.name, ty: c.ty, read_only: c.ty == ColumnType::Table }))
    }

    /// The column of a name, which has to be of type `ty`.
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

    /// Adds a column, whose values are zeros or empty until they are written. One that was added before with the same type is
    /// answered as it is.
    pub fn add_column(&mut self, shape: ShapeId, name: &str, ty: ColumnType) -> Result<ColumnId, TableError> {
        if ty == ColumnType::Table {
            let table = self.name(shape);
            return Err(TableError::new(format!("a field of type table cannot be added to table '{table}' that way")));
        }
        self.add(shape, name, ty, None)
    }

    /// Adds a column of tables: every entry has one of its own, with keys of type `key`. Answers the column, and what its tables look
    /// like, so that columns can be added to them.
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
        let index = self.column_count(shape) as u32;
        self.shapes[shape.0 as usize].added.push(Added { name: name.into(), ty, nested });
        Ok(ColumnId { shape, index })
    }

    /// The column as one that the table always has.
    pub(super) fn fixed(&self, column: ColumnId) -> Option<&'static Fixed> {
        self.shape(column.shape).fixed.get(column.index as usize)
    }

    /// The column as one that was added: its position among them, and its type.
    pub(super) fn added(&self, column: ColumnId) -> Option<(usize, ColumnType)> {
        let shape = self.shape(column.shape);
        let index = (column.index as usize).checked_sub(shape.fixed.len())?;
        shape.added.get(index).map(|c| (index, c.ty))
    }

    /// What the tables of a column look like.
    pub(super) fn nested(&self, column: ColumnId) -> Option<ShapeId> {
        let shape = self.shape(column.shape);
        shape.added.get((column.index as usize).checked_sub(shape.fixed.len())?)?.nested
    }

    /// The types of the columns that were added.
    pub(super) fn added_types(&self, shape: ShapeId) -> impl Iterator<Item = ColumnType> {
        self.shape(shape).added.iter().map(|c| c.ty)
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
