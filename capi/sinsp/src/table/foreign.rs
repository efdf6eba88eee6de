//! Foreign tables: the entries are those of a plugin or a program, which passes the table's functions.

use super::api::Input;
use super::fields::c_string;
use super::problem::{Problem, Result};
use sinsp_core::state::tables::ColumnType;
use std::ffi::{CStr, CString, c_void};
use std::ptr::null;

/// A table of a plugin or a program.
pub(super) struct Foreign {
    /// The owner's pointer for it.
    table: *mut c_void,
    /// What C gets: the owner's functions, with our copy of the name.
    pub input: Box<Input>,
    /// Keeps the name.
    _name: CString,
}

/// The numbers of function pointers in the three extended vtables.
const READER: usize = 6;
const WRITER: usize = 6;
const FIELDS: usize = 3;

/// `ss_plugin_table_input` with function pointers that may be null.
#[repr(C)]
struct UncheckedInput {
    name: *const std::ffi::c_char,
    key: u32,
    table: *mut c_void,
    /// The plain vtables, which are the first functions of the extended ones.
    plain: [*const c_void; 4 + WRITER + FIELDS],
    reader: *const [*const c_void; READER],
    writer: *const [*const c_void; WRITER],
    fields: *const [*const c_void; FIELDS],
}

const _: () = {
    assert!(size_of::<UncheckedInput>() == size_of::<Input>());
    assert!(std::mem::offset_of!(UncheckedInput, reader) == std::mem::offset_of!(Input, reader_ext));
};

impl Foreign {
    /// Checks a table. Returns it with its name and the type of its keys.
    ///
    /// # Safety
    /// `input` must be null or point to `size` bytes of an `ss_plugin_table_input`, whose functions can be called until the table is
    /// removed or the inspector has ended.
    pub unsafe fn new(input: *const c_void, size: usize) -> Result<(Foreign, String, ColumnType)> {
        if input.is_null() || size < size_of::<Input>() {
            return Err("the functions of the table are not all there".into());
        }
        // SAFETY: not null, and by `# Safety` an `ss_plugin_table_input` of `size` bytes, which are enough; every member may be null.
        let given = unsafe { &*input.cast::<UncheckedInput>() };
        // SAFETY: by `# Safety`, the vtables are null or readable.
        let vtables = unsafe { (given.reader.as_ref(), given.writer.as_ref(), given.fields.as_ref()) };
        let (Some(reader), Some(writer), Some(fields)) = vtables else {
            return Err("the table has no extended functions".into());
        };
        if given.name.is_null() || given.table.is_null() {
            return Err("the table has no name or is null".into());
        }
        if [&reader[..], writer, fields].concat().contains(&null()) {
            return Err("the table lacks a function".into());
        }
        let key = ColumnType::from_number(given.key);
        let key = key.ok_or_else(|| Problem::new(format!("there is no type {} of keys", given.key)))?;
        // SAFETY: not null, and by `# Safety` the name of an `ss_plugin_table_input`, which ends with a NUL.
        let name = unsafe { CStr::from_ptr(given.name) };
        let name = name.to_str().map_err(|_| Problem::from("the name of a table has to be UTF-8"))?;
        let own = c_string(name);
        // SAFETY: the extended vtables have no null function, as was checked; `Input` copies the plain ones from them.
        let input = unsafe {
            let (reader_ext, writer_ext, fields_ext) =
                (&*given.reader.cast::<super::api::ReaderExt>(), &*given.writer.cast(), &*given.fields.cast());
            Box::new(Input {
                name: own.as_ptr(),
                key: given.key,
                table: given.table,
                reader: reader_ext.reader,
                writer: *writer_ext,
                fields: *fields_ext,
                reader_ext,
                writer_ext,
                fields_ext,
            })
        };
        Ok((Foreign { table: given.table, input, _name: own }, name.to_string(), key))
    }

    /// Whether its owner's pointer for it is `table`.
    pub fn is(&self, table: *const c_void) -> bool {
        std::ptr::eq(self.table, table)
    }
}
