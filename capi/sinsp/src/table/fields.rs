//! The columns of a kind of table for C: names and types, and a handle of each.

use super::api::FieldInfo;
use sinsp_core::state::tables::{ColumnId, ColumnType, ShapeId, Tables, ThreadColumn};
use std::ffi::{CString, c_void};
use std::rc::Rc;

/// A column, as C holds it (`ss_plugin_table_field_t`). It lives as long as its inspector.
pub(super) struct Field {
    /// C's pointer of its inspector.
    pub owner: *const c_void,
    pub column: ColumnId,
    pub ty: ColumnType,
    /// The column, if it is a fixed one of the thread table.
    pub of_thread: Option<ThreadColumn>,
    name: CString,
    read_only: bool,
}

/// A kind of table for C.
pub(super) struct Kind {
    /// The name of tables of this kind.
    pub name: CString,
    fields: Vec<Rc<Field>>,
    /// The lists that C got, the newest last: C may still read the older ones.
    lists: Vec<Vec<FieldInfo>>,
}

/// The kinds of tables of an inspector.
#[derive(Default)]
pub(super) struct Kinds(Vec<(ShapeId, Kind)>);

/// A name as C reads it: up to its first NUL.
pub(crate) fn c_string(name: &str) -> CString {
    let end = name.find('\0').unwrap_or(name.len());
    CString::new(&name[..end]).unwrap_or_default()
}

impl Kinds {
    /// The kind with the columns that it has by now, of the inspector `owner`.
    pub fn kind(&mut self, owner: *const c_void, tables: &Tables, shape: ShapeId) -> &mut Kind {
        let at = self.0.iter().position(|(known, _)| *known == shape).unwrap_or_else(|| {
            let name = c_string(tables.name(shape));
            self.0.push((shape, Kind { name, fields: Vec::new(), lists: Vec::new() }));
            self.0.len() - 1
        });
        let kind = &mut self.0[at].1;
        let known = kind.fields.len();
        if known < tables.column_count(shape) {
            let new = tables.columns(shape).enumerate().skip(known).map(|(index, c)| {
                let column = ColumnId { shape, index: index as u32 };
                let of_thread = tables.thread_column(column);
                Rc::new(Field { owner, column, ty: c.ty, of_thread, name: c_string(c.name), read_only: c.read_only })
            });
            kind.fields.extend(new);
        }
        kind
    }
}

impl Kind {
    pub fn field(&self, column: ColumnId) -> Option<&Rc<Field>> {
        self.fields.get(column.index as usize)
    }

    /// All columns; valid as long as the inspector.
    pub fn list(&mut self) -> &[FieldInfo] {
        if self.lists.last().is_none_or(|list| list.len() != self.fields.len()) {
            let info = |f: &Rc<Field>| FieldInfo {
                name: f.name.as_ptr(),
                field_type: f.ty as u32,
                read_only: f.read_only.into(),
            };
            self.lists.push(self.fields.iter().map(info).collect());
        }
        self.lists.last().map_or(&[], Vec::as_slice)
    }
}
